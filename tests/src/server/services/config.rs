//! `omero::api::IConfig`: version, time and settings.

use omero_plugin_api::slice::{Graph, Value};

use super::super::dispatch::{Answer, Outcome};
use super::admin::admins_only;
use super::{Call, done, not_implemented};

pub fn invoke(call: &mut Call<'_>, operation: &str) -> Outcome {
    match operation {
        "getVersion" => Ok(Answer::of(call.world.version.as_str())),
        "getDatabaseUuid" => Ok(Answer::of(call.world.database_uuid.as_str())),
        "getServerTime" | "getDatabaseTime" => {
            let mut graph = Graph::new();
            let time = graph.rtime(call.now);
            Ok(Answer::with(graph, time))
        }
        "getConfigValue" => {
            let value = call.world.settings.get(call.text(0)?).cloned();
            Ok(Answer::of(value.unwrap_or_default()))
        }
        "setConfigValue" => {
            admins_only(call)?;
            let (key, value) = (call.text(0)?.to_owned(), call.text(1)?.to_owned());
            call.world.settings.insert(key, value);
            done()
        }
        "getConfigDefaults" => Ok(Answer::of(settings(call, ""))),
        "getClientConfigValues" | "getClientConfigDefaults" => {
            Ok(Answer::of(settings(call, "omero.client.")))
        }
        _ => not_implemented(operation),
    }
}

fn settings(call: &Call<'_>, prefix: &str) -> Vec<(Value, Value)> {
    let wanted = call
        .world
        .settings
        .iter()
        .filter(|(key, _)| key.starts_with(prefix));
    wanted
        .map(|(key, value)| (key.as_str().into(), value.as_str().into()))
        .collect()
}
