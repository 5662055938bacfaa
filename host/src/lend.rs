//! Lending the session: the host asks the plugin that makes sessions, and passes on what it gets
//! without looking inside.

use std::sync::Arc;

use omero_plugin_abi::{Failure, SharedSession};
use omero_plugin_api::{Error, Kind};

use crate::{
    arguments::QUIET,
    context::CommandContext,
    error::{self, UNUSABLE},
    host::Host,
    invocation::Invocation,
    life::Life,
    plugins::Plugin,
    provider,
    sessions::Made,
};

/// The session that these login options ask for: one attached before, or a new one.
///
/// # Errors
///
/// There is no provider; the provider could not attach.
pub fn session(host: &Arc<Host>, borrower: &Invocation) -> Result<SharedSession, Error> {
    if borrower.attaching {
        return Err(error::fatal(
            UNUSABLE,
            "the session provider asked itself for a session",
        ));
    }
    // What `-q` hides does not make another session.
    let wanted = borrower.login.iter().filter(|o| o.name != QUIET);
    host.sessions
        .get(wanted.cloned().collect(), &borrower.life, || {
            attach(host, borrower)
        })
}

/// Asks the provider for a session. Its context is valid as long as the session is lent.
fn attach(host: &Arc<Host>, borrower: &Invocation) -> Result<(Made, Life), Error> {
    let needed_for = format!("the session of `{}`", borrower.program);
    let plugin = provider::find(host, borrower.quiet, &needed_for)?;
    let module = host.open(&plugin)?;
    let maker = module.session_provider()().into_option().ok_or_else(|| {
        let path = plugin.path.display();
        error::plugin(
            UNUSABLE,
            format!("the plugin {path} offers no sessions after all"),
        )
        .hint("rebuild it with its `provider:` in `export_plugin!`")
    })?;
    let invocation = Invocation {
        plugin: plugin.manifest.name.clone(),
        arguments: Vec::new(),
        is_provider: true,
        attaching: true,
        // Others may be lent the same session.
        life: Life::apart(),
        ..borrower.clone()
    };
    let life = invocation.life.clone();
    let attached = maker.attach(CommandContext::boxed(host, invocation));
    let made = match attached.into_result() {
        Ok(session) => Made::take_over(session).map_err(|what| silent(what, &plugin)),
        Err(failure) => Err(blame(failure, &plugin)),
    };
    match made {
        Ok(made) => Ok((made, life)),
        Err(error) => {
            host.end(&life);
            Err(error)
        }
    }
}

/// A failure to attach. The borrower is not to blame for a panic of the provider.
fn blame(failure: Failure, provider: &Plugin) -> Error {
    let error = Error::from(failure);
    if error.kind() != Kind::Panic {
        return error;
    }
    let (name, path) = (&provider.manifest.name, provider.path.display());
    let detail = error.detail_text().to_owned();
    let sentence = format!("the plugin {name} ({path}) panicked: {error}");
    error::plugin(error::PANIC, sentence).detail(detail)
}

/// A provider that does not tell something about the session that it has made: the ABI has no other way
/// to say that it panicked.
fn silent(what: &str, provider: &Plugin) -> Error {
    let (name, path) = (&provider.manifest.name, provider.path.display());
    error::plugin(
        error::PANIC,
        format!("the plugin {name} ({path}) does not tell {what}: it panicked, or has none"),
    )
    .hint("update the plugin, or set the configuration key `session-provider` to another one")
}
