//! The plugins of this run: found on the search path, each opened at most once.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use omero_plugin_abi::PluginModule_Ref;
use omero_plugin_api::{Error, manifest::Manifest};

use crate::{
    index,
    load::{self, LoadError, at_exit, patience},
    locate,
    records::{Record, admit},
    search::Place,
    streams::Streams,
    trust::Owners,
};

/// A plugin that was found and described, not necessarily opened.
pub struct Plugin {
    /// Its library.
    pub path: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
    module: Mutex<Option<PluginModule_Ref>>,
}

/// The plugins that this run has met so far, by command.
#[derive(Default)]
pub struct Plugins {
    known: Mutex<HashMap<String, Arc<Plugin>>>,
    /// Those that were opened, in that order.
    opened: Mutex<Vec<PluginModule_Ref>>,
}

impl Plugins {
    /// The plugin of a command; `None` if no place of the search path has one. `owners` are asked
    /// for when there is a file to trust.
    ///
    /// # Errors
    ///
    /// The library is there but disabled, not trusted, changed, damaged, or of another command.
    pub fn get(
        &self,
        command: &str,
        places: &[Place],
        owners: impl FnOnce() -> Result<Owners, Error>,
    ) -> Result<Option<Arc<Plugin>>, Error> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plugin) = known.get(command) {
            return Ok(Some(Arc::clone(plugin)));
        }
        let Some(path) = locate::find(command, places.iter()) else {
            return Ok(None);
        };
        let manifest = load::describe(&path, command, &owners()?)?;
        admit::check(command, &path)?;
        let plugin = Arc::new(Plugin {
            path,
            manifest,
            module: Mutex::default(),
        });
        known.insert(command.to_owned(), Arc::clone(&plugin));
        Ok(Some(plugin))
    }

    /// Opens a plugin unless that was done before.
    ///
    /// # Errors
    ///
    /// The library cannot be opened or does not fit.
    pub fn open(&self, plugin: &Plugin, streams: &Arc<Streams>) -> Result<PluginModule_Ref, Error> {
        let mut module = plugin.module.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = *module {
            return Ok(module);
        }
        at_exit::flush_at_exit(streams);
        let opened = patience::watching(streams, &plugin.path, || load::open(&plugin.path))?;
        self.opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(opened);
        *module = Some(opened);
        Ok(opened)
    }

    /// Tells the opened plugins that the process ends, the last one first.
    pub fn shut_down(&self) {
        let opened =
            std::mem::take(&mut *self.opened.lock().unwrap_or_else(PoisonError::into_inner));
        for module in opened.into_iter().rev() {
            module.shutdown()();
        }
    }
}

/// Every plugin of the places that a command may run, with its description or with what is wrong
/// with it. Opens none, and leaves out what the user disabled.
pub fn describe_all(
    places: &[Place],
    owners: &Owners,
) -> BTreeMap<String, Result<Manifest, LoadError>> {
    let mut plugins = BTreeMap::new();
    for found in index::libraries(places, owners) {
        // A record that cannot be read is for `omero plugin doctor` to tell.
        let disabled = Record::read(&found.promised).is_ok_and(|record| record.disabled);
        plugins
            .entry(found.promised.clone())
            .or_insert((found, disabled));
    }
    let usable = plugins.into_values().filter(|(_, disabled)| !disabled);
    usable
        .map(|(found, _)| (found.name().to_owned(), found.described))
        .collect()
}
