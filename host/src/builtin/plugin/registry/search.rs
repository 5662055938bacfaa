//! `omero plugin search`: what the indexes list.

use omero_plugin_api::{Error, table::Table};
use omero_registry_protocol::{ListedPlugin, Request};

use super::helper::call;
use crate::{builtin::plugin::Task, records::Record};

/// Lists the plugins whose name or description contains all words.
///
/// # Errors
///
/// An index cannot be used; a record cannot be read.
pub fn run(task: &Task) -> Result<i32, Error> {
    let words = task.matches.get_many::<String>("words");
    let words = words.unwrap_or_default().cloned().collect();
    let found: Vec<ListedPlugin> = call(task, Request::Search { words })?;
    let mut table = Table::new(["Name", "Version", "Installed", "Index", "About"]);
    for plugin in found {
        let installed = Record::read(&plugin.name)?.installed;
        let obstacle = plugin.versions.first().and_then(|v| v.obstacle.clone());
        table.row([
            plugin.name,
            plugin
                .newest
                .unwrap_or_else(|| obstacle.unwrap_or_else(|| "none".to_owned())),
            installed.map_or(String::new(), |installed| installed.version),
            plugin.index,
            plugin.description,
        ]);
    }
    task.show(&table)
}

/// What the indexes say of a plugin, as fields of `omero plugin info`.
///
/// # Errors
///
/// An index cannot be used.
pub fn listed(task: &Task, name: &str) -> Result<Vec<(&'static str, String)>, Error> {
    let name = name.to_owned();
    let found: Vec<ListedPlugin> = call(task, Request::Describe { name })?;
    let mut fields = Vec::new();
    for plugin in found {
        let index = &plugin.index;
        fields.push(("In index", format!("{index}/{}", plugin.name)));
        fields.push(("Description", plugin.description));
        let newest = plugin.newest.unwrap_or_else(|| "none".to_owned());
        fields.push(("Newest that runs here", newest));
        for version in plugin.versions {
            let mut text = format!("{} for {}", version.version, version.targets.join(", "));
            if let Some(obstacle) = version.obstacle {
                text.push_str(&format!(" ({obstacle})"));
            }
            if let Some(key) = version.key {
                text.push_str(&format!(", signed with {key}"));
            }
            fields.push(("Available", text));
        }
    }
    Ok(fields)
}
