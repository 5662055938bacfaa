//! The plugins of this run: found on the search path, each opened at most once.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use omero_plugin_abi::PluginModule_Ref;
use omero_plugin_api::{Error, manifest::Manifest};

use crate::{
    error::{self, UNUSABLE},
    index,
    load::{self, LoadError, at_exit, patience},
    locate,
    records::{Record, admit},
    search::Place,
    stamp::Stamp,
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

/// A library that was opened, and how its file looked then.
#[derive(Clone)]
struct Opened {
    path: PathBuf,
    stamp: Stamp,
    module: PluginModule_Ref,
}

/// The plugins that this run has met so far, by command.
#[derive(Default)]
pub struct Plugins {
    known: Mutex<HashMap<String, Arc<Plugin>>>,
    /// Those that were opened, in that order.
    opened: Mutex<Vec<Opened>>,
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
        let mut known = lock(&self.known);
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
        let mut module = lock(&plugin.module);
        if let Some(module) = *module {
            return Ok(module);
        }
        let opened = self.open_library(plugin, streams)?;
        *module = Some(opened);
        Ok(opened)
    }

    /// Opens the library of a plugin, unless this very file was opened before. A file that has
    /// replaced one that was opened becomes a library besides that one, which stays: it cannot be
    /// unloaded.
    fn open_library(
        &self,
        plugin: &Plugin,
        streams: &Arc<Streams>,
    ) -> Result<PluginModule_Ref, Error> {
        let path = &plugin.path;
        let stamp = path.metadata().map_or(Stamp::default(), |m| Stamp::of(&m));
        let before: Vec<Opened> = lock(&self.opened)
            .iter()
            .filter(|opened| opened.path == *path)
            .cloned()
            .collect();
        if let Some(same) = before.iter().find(|opened| opened.stamp == stamp) {
            return Ok(same.module);
        }
        at_exit::flush_at_exit(streams);
        let again = before.len();
        let module = patience::watching(streams, path, || load::open_again(path, again))?;
        let is_other = || {
            let says = module.manifest()();
            Manifest::from_section(says.as_bytes()).as_ref() != Ok(&plugin.manifest)
        };
        if again > 0 && is_other() {
            let path = path.display();
            return Err(error::plugin(
                UNUSABLE,
                format!("the plugin {path} was replaced, and its old library is still loaded"),
            )
            .hint("run the command in a new omero"));
        }
        lock(&self.opened).push(Opened {
            path: path.clone(),
            stamp,
            module,
        });
        Ok(module)
    }

    /// Forgets what was found on the search path, and whether it may run: it may have changed. What
    /// was opened stays open.
    pub fn look_again(&self) {
        lock(&self.known).clear();
    }

    /// Whether a library was opened.
    pub fn is_any_open(&self) -> bool {
        !lock(&self.opened).is_empty()
    }

    /// Tells the opened plugins that the process ends, the last one first; `next` is called with the
    /// file of each before.
    pub fn shut_down(&self, next: impl Fn(&Path)) {
        let opened = std::mem::take(&mut *lock(&self.opened));
        for opened in opened.into_iter().rev() {
            next(&opened.path);
            opened.module.shutdown()();
        }
    }
}

/// What a panicking thread left behind is whole: each change is a single step.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
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
