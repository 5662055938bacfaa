//! What the environment and the configuration say: the session directory and whom to trust.

use std::path::PathBuf;

use omero_plugin_api::{Context, Error};

use crate::{
    ice::{Cancelled, OpenOptions, Proxies},
    store::{Location, LocationInputs, Store, StoreError, Warning, is_gone, locate, own_store},
    trust::{KnownServers, TlsOptions, TlsPolicy},
};

/// Opens the session store, and tells the user what is odd about it.
///
/// # Errors
///
/// 155: the directory cannot be used.
pub fn store(ctx: &Context, session_dir: Option<&str>) -> Result<Store, Error> {
    let location = location(ctx, session_dir)?;
    for deprecated in &location.deprecated {
        ctx.warn(deprecated);
    }
    let store = open(ctx, &location)?;
    show_warnings(ctx, &store);
    Ok(store)
}

/// The session store where there is one, without a word to the user; makes none.
///
/// # Errors
///
/// 155: the directory cannot be told or used.
pub fn existing_store(ctx: &Context) -> Result<Option<Store>, Error> {
    let location = location(ctx, None)?;
    if !location.dir.is_dir() {
        return Ok(None);
    }
    open(ctx, &location).map(Some)
}

/// Opens the store; in a program that a script started, with the script's session as the current one.
fn open(ctx: &Context, location: &Location) -> Result<Store, Error> {
    let store = Store::open(location).map_err(store_error)?;
    let child = ctx.environment("OMERO_SESSIONDIR").map(PathBuf::from);
    match child.filter(|dir| own_store(dir).is_some()) {
        Some(dir) => store.for_child(&dir).map_err(store_error),
        None => Ok(store),
    }
}

/// Where the private session directories of child processes can be, the best one first.
pub fn child_store_bases(ctx: &Context) -> Vec<PathBuf> {
    let runtime = ctx.environment("XDG_RUNTIME_DIR").map(PathBuf::from);
    let mut bases: Vec<PathBuf> = runtime.into_iter().collect();
    bases.push(std::env::temp_dir());
    if cfg!(unix) {
        bases.push(PathBuf::from("/tmp"));
    }
    bases.retain(|base| base.is_absolute() && base.to_str().is_some());
    bases.dedup();
    bases
}

/// Where the user's session store is, or would be made. For a program that a script started this is
/// not its private session directory, but the store that the script itself uses.
///
/// # Errors
///
/// 155: there is no home directory.
pub fn location(ctx: &Context, session_dir: Option<&str>) -> Result<Location, Error> {
    let inputs = LocationInputs {
        omero_sessiondir: ctx.environment("OMERO_SESSIONDIR"),
        omero_session_dir: ctx.environment("OMERO_SESSION_DIR"),
        session_dir_option: session_dir.map(Into::into),
        omero_userdir: ctx.environment("OMERO_USERDIR"),
        xdg_data_home: ctx.environment("XDG_DATA_HOME"),
        local_app_data: dirs::data_local_dir().map(Into::into),
        roaming_app_data: dirs::data_dir().map(Into::into),
        home: dirs::home_dir(),
    };
    let mut location = locate(&inputs).map_err(store_error)?;
    if is_gone(&location.dir) {
        let path = location.dir;
        return Err(store_error(StoreError::ChildStoreGone { path }));
    }
    if let Some(own) = own_store(&location.dir) {
        location.dir = own;
    }
    Ok(location)
}

/// Passes the store's warnings on.
pub fn show_warnings(ctx: &Context, store: &Store) {
    for warning in store.take_warnings() {
        // A warning that cannot be shown is no reason to fail.
        let _ = match warning {
            // OMERO.py's own text, on its stream.
            Warning::Chmod(_) => ctx.line(warning.line()),
            _ => ctx.info(warning.line()),
        };
    }
}

/// A store error with its documented exit code.
pub fn store_error(error: crate::store::StoreError) -> Error {
    Error::new(error.exit_code(), error.to_string())
}

/// How to connect: time limits, whom to trust, and how Ctrl-C is noticed.
///
/// # Errors
///
/// `OMERO_TLS_VERIFY` or its configuration key holds an unknown word; no home directory.
pub fn open_options(ctx: &Context) -> Result<OpenOptions, Error> {
    let asker = ctx.clone();
    let mut options = OpenOptions::new(TlsOptions::new(tls_policy(ctx)?, known_servers(ctx)?));
    options.proxies = Proxies::from_environment(|name| ctx.environment(name));
    options.cancelled = Cancelled::new(move || asker.cancelled());
    Ok(options)
}

fn tls_policy(ctx: &Context) -> Result<TlsPolicy, Error> {
    let text = match ctx
        .environment("OMERO_TLS_VERIFY")
        .filter(|value| !value.is_empty())
    {
        Some(value) => Some(value.to_string_lossy().into_owned()),
        None => ctx.configuration::<String>("tls-verify")?,
    };
    match text {
        Some(text) => text.parse().map_err(|e| Error::new(2, format!("{e}"))),
        None => Ok(TlsPolicy::default()),
    }
}

/// The file of known servers: in `OMERO_USERDIR`, else in `~/omero`, whatever the session
/// directory is, so that all of a user's stores agree on whom they trust.
///
/// # Errors
///
/// There is no home directory.
pub fn known_servers(ctx: &Context) -> Result<KnownServers, Error> {
    let base = match ctx
        .environment("OMERO_USERDIR")
        .filter(|value| !value.is_empty())
    {
        Some(directory) => PathBuf::from(directory),
        None => dirs::home_dir()
            .ok_or_else(|| {
                Error::new(155, "There is no home directory").hint("set HOME or OMERO_USERDIR")
            })?
            .join("omero"),
    };
    Ok(KnownServers::new(base))
}
