//! Opening a library and taking its root module.
#![expect(unsafe_code, reason = "loading foreign code is this program's purpose")]

use std::path::Path;

use omero_plugin_abi::{
    PluginModule_Ref, ROOT_SYMBOL,
    loader::{RootSymbol, root_module as root_of_symbol},
};

use super::Step;

/// Opens the library for good and returns its functions.
pub fn root_module(path: &Path) -> Result<PluginModule_Ref, Step> {
    let library: &'static Library = Box::leak(Box::new(open(path).map_err(Step::Open)?));
    // SAFETY: the manifest says that the library was made with `export_plugin!`, which defines
    // this symbol as the static that `RootSymbol` points to. A library that lies about itself
    // cannot be told from one that does not; that is what the check of its owner is for.
    let symbol = unsafe { library.get::<RootSymbol>(ROOT_SYMBOL.as_bytes()) }
        .map_err(|error| Step::Symbol(reason(&error)))?;
    // SAFETY: the symbol comes from a library that is leaked, and from `export_plugin!`, see above.
    unsafe { root_of_symbol(*symbol) }.map_err(Step::Root)
}

#[cfg(not(unix))]
use libloading::Library;
#[cfg(unix)]
use libloading::os::unix::Library;

/// Binds everything at once, so that a missing function is an error now and not a crash later, and
/// keeps the library's symbols to itself.
#[cfg(unix)]
fn open(path: &Path) -> Result<Library, String> {
    use libloading::os::unix::{RTLD_LOCAL, RTLD_NOW};
    // SAFETY: running the library's initialisers is what loading a plugin means; the user or root
    // put it there, and its file is whole.
    unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map_err(|error| reason(&error))
}

#[cfg(not(unix))]
fn open(path: &Path) -> Result<Library, String> {
    // SAFETY: as on Unix.
    unsafe { Library::new(path) }.map_err(|error| reason(&error))
}

/// What the dynamic linker says, which libloading keeps behind its own sentence.
fn reason(error: &libloading::Error) -> String {
    let source = std::error::Error::source(error).map(ToString::to_string);
    source.unwrap_or_else(|| error.to_string())
}
