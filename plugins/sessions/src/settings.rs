//! What the environment and the configuration say: the session directory and whom to trust.

use std::path::PathBuf;

use omero_plugin_api::{Context, Error};

use crate::{
    home,
    ice::{Cancelled, OpenOptions, Proxies},
    store::{
        Location, LocationInputs, Store, StoreError, Warning, is_gone, locate, location::whole,
        own_store,
    },
    trust::{KnownServers, PinFile, TlsOptions, TlsPolicy},
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
    let store = open(&location)?;
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
    open(&location).map(Some)
}

/// Opens the store; in a program that a script started, with the script's session as the current one.
fn open(location: &Location) -> Result<Store, Error> {
    let store = Store::open(&location.dir).map_err(store_error)?;
    match &location.child {
        Some(child) => store.for_child(child).map_err(store_error),
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
        roaming_app_data: dirs::data_dir().map(Into::into),
        home: dirs::home_dir(),
    };
    let mut location = locate(&inputs).map_err(store_error)?;
    if is_gone(&location.dir) {
        let path = location.dir;
        return Err(store_error(StoreError::ChildStoreGone { path }));
    }
    if let Some(own) = own_store(&location.dir) {
        location.child = Some(std::mem::replace(&mut location.dir, own));
    }
    match home::foreign() {
        Some((home, owner)) if location.in_home => {
            let path = location.dir;
            Err(store_error(StoreError::ForeignHome { path, home, owner }))
        }
        _ => Ok(location),
    }
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
pub fn store_error(error: StoreError) -> Error {
    Error::new(error.exit_code(), error.to_string()).hint(error.hint())
}

/// How to connect: time limits, whom to trust, and how Ctrl-C is noticed. `store` is the open one,
/// or `None` for the one that the environment names.
///
/// # Errors
///
/// `OMERO_TLS_VERIFY` or its configuration key holds an unknown word; no home directory.
pub fn open_options(ctx: &Context, store: Option<&Store>) -> Result<OpenOptions, Error> {
    let asker = ctx.clone();
    let known = known_servers(ctx, store)?;
    let mut options = OpenOptions::new(TlsOptions::new(tls_policy(ctx)?, known));
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

/// The files of known servers, in the order of lookup: that of the user directory, so that all of a
/// user's stores agree on whom they trust; then the one beside the sessions, for servers that could
/// not be remembered in the first.
///
/// The user directory is `OMERO_USERDIR`, else `~/omero`, whatever the session directory is.
///
/// # Errors
///
/// There is neither a home directory nor a session directory; `OMERO_USERDIR` begins with `~/`.
pub fn known_servers(ctx: &Context, store: Option<&Store>) -> Result<KnownServers, Error> {
    let of_user = match ctx.environment("OMERO_USERDIR") {
        Some(directory) if !directory.is_empty() => {
            let directory = whole("OMERO_USERDIR", &directory).map_err(store_error)?;
            Some(PinFile::in_user_directory(&directory))
        }
        _ => dirs::home_dir().map(|home| {
            let file = PinFile::in_user_directory(&home.join("omero"));
            match home::foreign() {
                Some((home, owner)) => file.read_only(format!(
                    "this is root, and {} belongs to another user (uid {owner})",
                    home.display()
                )),
                None => file,
            }
        }),
    };
    let sessions = match store {
        Some(store) => Ok(store.root().to_owned()),
        None => location(ctx, None).map(|location| location.dir),
    };
    let beside = sessions.as_deref().map(PinFile::beside_sessions);
    match (of_user, beside) {
        (None, Err(error)) => Err(error.clone()),
        (of_user, beside) => Ok(KnownServers::new(of_user.into_iter().chain(beside.ok()))),
    }
}
