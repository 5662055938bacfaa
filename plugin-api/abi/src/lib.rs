//! The stable binary interface between the `omero` host and its plugins.
//!
//! A plugin is a shared library. It exports one symbol, [`ROOT_SYMBOL`], that leads to a
//! [`PluginModule`]: the functions the host may call. The host hands a [`HostContext`] to each call:
//! what the plugin may ask of the host. Everything in this crate crosses the boundary between two
//! separately compiled programs, so its layout is frozen from version 1.0 on:
//!
//! * a trait may gain methods **at its end**, each with a default body;
//! * [`PluginModule`] may gain fields **at its end**;
//! * the `u32` sets ([`FailureKind`], [`Stream`], [`ProgressUnit`], [`InvokeMode`]) may gain values,
//!   and readers accept unknown ones;
//! * nothing may be renamed, removed, reordered or given another type, not even a private field.
//!
//! No plugin author names this crate: `omero-plugin-api` wraps it in ordinary Rust. It is the only
//! crate that names `abi_stable`, whose own loader is not used, because it refuses every plugin
//! that is older than the host (abi_stable_crates issue 118); see [`loader`].

// abi_stable's derives generate undocumented items in camel case, with impls in anonymous
// constants.
#![allow(
    non_local_definitions,
    unused_unsafe,
    non_camel_case_types,
    missing_docs,
    clippy::allow_attributes_without_reason,
    unsafe_code
)]

mod context;
mod failure;
pub mod loader;
mod module;
mod secret;
mod session;

pub use context::{
    HostContext, HostContextBox, HostContext_CTO, HostContext_TO, InvokeMode, Invoked, Progress,
    ProgressBox, ProgressUnit, Progress_CTO, Progress_TO, Stream, Waker, WakerBox, Waker_CTO,
    Waker_TO,
};
pub use failure::{Failure, FailureKind};
pub use module::{PluginModule, PluginModule_Ref, ROOT_SYMBOL};
pub use secret::{LoginOption, Secret};
pub use session::{
    share, shared_session, PendingReply, PendingReplyBox, PendingReply_CTO, PendingReply_TO, Reply,
    Request, Session, SessionProvider, SessionProviderBox, SessionProvider_CTO, SessionProvider_TO,
    Session_CTO, Session_TO, SharedSession,
};

/// The pieces of abi_stable that appear in signatures, for the two crates that implement them.
pub mod std_types {
    pub use abi_stable::std_types::{
        RErr, RNone, ROk, ROption, RResult, RSlice, RSome, RStr, RString, RVec, Tuple2,
    };
}

pub use abi_stable::sabi_trait::TD_Opaque;

/// Makes a root module out of its fields; it lives as long as the process.
pub fn leak_module(module: PluginModule) -> PluginModule_Ref {
    use abi_stable::prefix_type::PrefixTypeTrait;
    module.leak_into_prefix()
}

#[doc(hidden)]
pub mod macro_support {
    //! What `export_plugin!` expands to.
    pub use abi_stable::library::__call_root_module_loader as call_root_module_loader;
    pub use abi_stable::library::{CheckTypeLayout, LibHeader, RootModuleResult};
}

/// The version of this ABI, as `major.minor.patch`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
