//! The root module: what the host may call in a plugin.

use abi_stable::{
    library::RootModule,
    package_version_strings,
    sabi_types::VersionStrings,
    std_types::{ROption, RResult, RStr, RString, RVec},
    StableAbi,
};

use crate::{Failure, HostContextBox, SessionProviderBox};

/// The symbol that every plugin library exports; the number is the ABI's major version.
pub const ROOT_SYMBOL: &str = "omero_plugin_root_v1";

/// The functions of a plugin. Every one of them catches its own panics.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginModule_Ref)))]
#[sabi(missing_field(panic))]
pub struct PluginModule {
    /// The manifest, the same JSON as in the library's `.omero` section.
    pub manifest: extern "C" fn() -> RString,
    /// Runs the command; returns the exit code.
    pub run: extern "C" fn(HostContextBox) -> RResult<i32, Failure>,
    /// Answers a question of the host (JSON in, JSON out; see `questions` of the API crate).
    pub answer: extern "C" fn(HostContextBox, RStr<'_>) -> RResult<RString, Failure>,
    /// The session provider, where the plugin is one.
    pub session_provider: extern "C" fn() -> ROption<SessionProviderBox>,
    /// Called once before the process ends: stop threads, close what is open.
    pub shutdown: extern "C" fn(),
    /// Checks whether all that the plugin needs is there: programs, files, settings. Returns one
    /// sentence for each thing that is missing. Never asks a server.
    #[sabi(last_prefix_field)]
    pub check: extern "C" fn(HostContextBox) -> RResult<RVec<RString>, Failure>,
}

impl RootModule for PluginModule_Ref {
    abi_stable::declare_root_module_statics! {PluginModule_Ref}
    const BASE_NAME: &'static str = "omero";
    const NAME: &'static str = "omero-plugin-abi";
    const VERSION_STRINGS: VersionStrings = package_version_strings!();
}
