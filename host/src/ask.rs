//! Asking a plugin a quick question (`omero_plugin_api::questions`) without running its command.

use std::sync::Arc;

use omero_plugin_abi::LoginOption;
use omero_plugin_api::{
    Error,
    questions::{Question, Surroundings},
};
use serde_json::Value;

use crate::{context, error, host::Host, invocation::Invocation, plugins::Plugin, provider};

/// The plugin's answer. What the plugin does not understand it answers with an empty list.
///
/// The plugin cannot connect meanwhile: it is not lent a session. What it writes is not shown, and it
/// can ask nothing: a terminal that completes a line must show nothing else.
///
/// # Errors
///
/// The plugin cannot be opened, fails, or answers with something that is no JSON.
pub fn ask(
    host: &Arc<Host>,
    plugin: &Plugin,
    login: &[LoginOption],
    question: &Question,
) -> Result<Value, Error> {
    let module = host.open(plugin)?;
    let name = &plugin.manifest.name;
    let invocation = Invocation {
        plugin: name.clone(),
        program: format!("omero {name}"),
        login: login.to_vec(),
        is_provider: provider::is_provider(plugin) && provider::name(host, true)? == *name,
        attaching: true,
        silent: true,
        quiet: true,
        ..Invocation::default()
    };
    let no_json = |e: serde_json::Error| Error::new(1, format!("no JSON: {e}")).labelled();
    let question = serde_json::to_string(question).map_err(no_json)?;
    let answer = context::during(host, invocation, |context| {
        module.answer()(context, question.as_str().into())
    });
    let answer = answer.into_result()?;
    serde_json::from_str(&answer).map_err(no_json)
}

/// What the session provider knows of the session that these login options ask for, without connecting;
/// `None` if it does not know the question. `key` says whether the session's key is wanted.
///
/// # Errors
///
/// As [`ask`]; the answer is of another form.
pub fn surroundings(
    host: &Arc<Host>,
    provider: &Plugin,
    login: &[LoginOption],
    key: bool,
) -> Result<Option<Surroundings>, Error> {
    let answer = ask(host, provider, login, &Question::Surroundings { key })?;
    if !answer.is_object() {
        return Ok(None);
    }
    serde_json::from_value(answer).map(Some).map_err(|wrong| {
        error::fatal(
            1,
            format!("the session provider's answer is wrong: {wrong}"),
        )
    })
}
