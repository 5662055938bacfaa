//! `omero plugin outdated` and `upgrade`.

use omero_plugin_api::{Error, table::Table};
use omero_registry_protocol::{Chosen, Request};

use super::{helper::call, index::refresh, versions::not_installed};
use crate::{
    builtin::plugin::{
        Task, failed,
        install::{self, source},
    },
    error,
    records::{self, Installed, Record},
};

/// A plugin that came from an index.
struct Followed {
    record: Record,
    installed: Installed,
    index: String,
}

impl Followed {
    /// The newest version in its index.
    fn newest(&self, task: &Task) -> Result<Chosen, Error> {
        let request = Request::Choose {
            name: format!("{}/{}", self.index, self.installed.name),
            version: None,
            installed: Some(self.installed.version.clone()),
        };
        call(task, request)
    }
}

/// Lists the installed plugins of which the indexes have a newer version.
///
/// # Errors
///
/// An index or a record cannot be used.
pub fn outdated(task: &Task) -> Result<i32, Error> {
    refresh(task, None)?;
    let mut table = Table::new(["Name", "Installed", "Newest", "Index", "State"]);
    for plugin in followed()? {
        let (newest, state) = match plugin.newest(task) {
            Ok(newest) if !newest.is_newer => continue,
            Ok(newest) if plugin.record.pinned => (newest.version, "pinned".to_owned()),
            Ok(newest) => (newest.version, "outdated".to_owned()),
            Err(error) => (String::new(), error.to_string()),
        };
        let installed = plugin.installed;
        table.row([
            installed.name,
            installed.version,
            newest,
            plugin.index,
            state,
        ]);
    }
    task.show(&table)
}

/// Upgrades one plugin or all.
///
/// # Errors
///
/// The plugin is pinned or came from no index; a new version cannot be installed.
pub fn upgrade(task: &Task) -> Result<i32, Error> {
    if task.matches.get_flag("all") {
        return upgrade_all(task);
    }
    let name = task.plugin_name()?;
    let record = Record::read(name)?;
    let Some(installed) = &record.installed else {
        return Err(not_installed(name).hint(format!("install it: omero plugin install {name}")));
    };
    if installed.index.is_none() {
        let source = &installed.source;
        let sentence = format!("{name} came from no index, but from {source}");
        return Err(error::fatal(1, sentence).hint("install its new version from there"));
    }
    if record.pinned {
        return Err(error::fatal(1, format!("{name} is pinned")).hint(format!(
            "to let it be upgraded: omero plugin pin {name} --off"
        )));
    }
    refresh(task, installed.index.as_deref())?;
    match followed_of(record) {
        Some(plugin) => one(task, &plugin),
        None => Ok(0),
    }
}

fn upgrade_all(task: &Task) -> Result<i32, Error> {
    refresh(task, None)?;
    let mut first = None;
    for plugin in followed()? {
        let name = &plugin.installed.name;
        if plugin.record.pinned {
            task.note(&format!(
                "{name} is pinned and stays at {}",
                plugin.installed.version
            ));
            continue;
        }
        // One that cannot be upgraded keeps no other from it.
        if let Err(failure) = one(task, &plugin) {
            let sentence = format!("{name} is not upgraded: {failure}");
            match first {
                None => first = Some(failure),
                Some(_) => task.host.warn(task.quiet, &sentence),
            }
        }
    }
    first.map_or(Ok(0), Err)
}

fn one(task: &Task, plugin: &Followed) -> Result<i32, Error> {
    let newest = plugin.newest(task)?;
    let installed = &plugin.installed;
    if !newest.is_newer {
        task.say(&format!(
            "{} {} is the newest version in {}",
            installed.name, installed.version, plugin.index
        ))?;
        return Ok(0);
    }
    let found = source::from_index(task, newest)?;
    install::install(task, &found)
}

fn followed() -> Result<Vec<Followed>, Error> {
    let directory = records::directory().unwrap_or_default();
    let names = records::names().map_err(|e| failed("cannot be read", &directory, &e))?;
    let records = names.iter().map(|name| Record::read(name));
    let records = records.collect::<Result<Vec<_>, _>>()?;
    Ok(records.into_iter().filter_map(followed_of).collect())
}

fn followed_of(record: Record) -> Option<Followed> {
    let installed = record.installed.clone()?;
    let index = installed.index.clone()?;
    Some(Followed {
        record,
        installed,
        index,
    })
}
