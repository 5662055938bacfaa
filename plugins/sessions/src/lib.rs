//! The plugin `sessions`: logs in to OMERO servers, keeps sessions on disk together with OMERO.py,
//! and makes the sessions that the host lends to every other plugin.
//!
//! Rooms, each importing only those to its right:
//! `commands` -> `login` -> `store`, `client` -> `ice` -> `trust` -> `lock`. The store uses `lock` too.

mod answers;
mod children;
mod client;
mod command;
mod commands;
mod home;
mod ice;
mod lock;
mod login;
mod settings;
mod store;
mod trust;

use std::sync::Arc;

use omero_plugin_api::{Context, Error, provider::Connection};

/// Attaches to a session for another plugin.
fn attach(ctx: &Context) -> Result<Arc<dyn Connection>, Error> {
    let attached = login::attach(ctx, login::Request::from_options(ctx)?)?;
    Ok(Arc::new(attached.lent()))
}

omero_plugin_api::export_plugin!(
    command::command,
    commands::run,
    provider: attach,
    shutdown: login::leave_all,
    complete: answers::complete,
    surroundings: answers::surroundings,
    child_store: children::child_store,
);
