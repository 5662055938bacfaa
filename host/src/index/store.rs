//! The memory behind the index: one file in the user's cache directory.
//!
//! Its first line is a mark with the format, this program's version and the checksum of the rest,
//! which is JSON. It is replaced as a whole, so readers see the old or the new one; of two writers
//! the last wins, and what the other one had read is read again.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use flate2::Crc;
use omero_plugin_api::manifest::Manifest;
use serde::{Deserialize, Serialize};

use crate::{
    locate,
    private_files::replace,
    stamp::Stamp,
    trust::{self, Owners},
};

/// The first word of the file. The number is the format's.
const MARK: &str = "omero-plugin-index-1";
/// With more libraries than this, those of other search paths are forgotten.
const MOST: usize = 2000;

/// What is remembered.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    /// The file names of the libraries in each directory.
    directories: BTreeMap<PathBuf, Remembered<Vec<String>>>,
    /// The description inside each library.
    libraries: BTreeMap<PathBuf, Remembered<Manifest>>,
}

/// Something that was read from a file or directory when it looked like this.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered<T> {
    stamp: Stamp,
    content: T,
}

/// The memory, while it is used.
pub struct Store {
    file: Option<PathBuf>,
    memory: Memory,
    /// The libraries that this run asked about.
    asked: BTreeSet<PathBuf>,
    changed: bool,
    now: SystemTime,
}

/// Where the memory is; `None` without a cache directory.
pub fn standard_file() -> Option<PathBuf> {
    dirs::cache_dir().map(|cache| cache.join("omero").join("plugins.index"))
}

impl Store {
    /// The memory in a file; an empty one if there is none, or it is not in order.
    pub fn read(file: Option<PathBuf>) -> Self {
        Self::read_at(file, SystemTime::now())
    }

    /// As [`Store::read`], at another time than now.
    pub fn read_at(file: Option<PathBuf>, now: SystemTime) -> Self {
        let memory = file.as_deref().and_then(memory_of);
        Self {
            changed: memory.is_none(),
            memory: memory.unwrap_or_default(),
            file,
            asked: BTreeSet::new(),
            now,
        }
    }

    /// The paths of the plugin libraries in a directory, in their order by name. A directory that
    /// is not there or cannot be read has none.
    pub fn libraries_of(&mut self, directory: &Path) -> Vec<PathBuf> {
        let stamp = match directory.metadata() {
            Ok(metadata) => Stamp::of(&metadata),
            Err(_) => return Vec::new(),
        };
        let known = self.memory.directories.get(directory);
        let names = match known.filter(|known| known.stamp == stamp) {
            Some(known) => known.content.clone(),
            None => {
                let names = names_in(directory);
                self.keep(stamp, |memory| {
                    let remembered = Remembered {
                        stamp,
                        content: names.clone(),
                    };
                    memory.directories.insert(directory.to_owned(), remembered);
                });
                names
            }
        };
        let paths = names.iter().map(|name| directory.join(name));
        paths.filter(|path| path.is_file()).collect()
    }

    /// The description inside a library: the remembered one if the file looks as it did, otherwise
    /// what `read` finds.
    pub fn manifest_of<E>(
        &mut self,
        path: &Path,
        read: impl FnOnce() -> Result<Manifest, E>,
    ) -> Result<Manifest, E> {
        self.asked.insert(path.to_owned());
        let stamp = match path.metadata() {
            Ok(metadata) => Stamp::of(&metadata),
            Err(_) => return read(),
        };
        let known = self.memory.libraries.get(path);
        if let Some(known) = known.filter(|known| known.stamp == stamp) {
            return Ok(known.content.clone());
        }
        let manifest = read()?;
        self.keep(stamp, |memory| {
            let remembered = Remembered {
                stamp,
                content: manifest.clone(),
            };
            memory.libraries.insert(path.to_owned(), remembered);
        });
        Ok(manifest)
    }

    /// Remembers something, unless its file may change again without looking different.
    fn keep(&mut self, stamp: Stamp, insert: impl FnOnce(&mut Memory)) {
        if stamp.is_settled(self.now) {
            insert(&mut self.memory);
            self.changed = true;
        }
    }

    /// Makes sure that [`Store::write`] writes.
    #[cfg(test)]
    pub fn memory_is_new(&mut self) {
        self.changed = true;
    }

    /// Writes the memory if there is something new in it. Where that cannot be done, everything is
    /// read again the next time.
    pub fn write(mut self) {
        if !self.changed {
            return;
        }
        self.forget_surplus();
        if let (Some(file), Some(text)) = (&self.file, text_of(&self.memory)) {
            let _ = replace(file, text.as_bytes());
        }
    }

    /// Forgets libraries that left the directories of this run, and others when there are too many.
    fn forget_surplus(&mut self) {
        let asked = &self.asked;
        let directories: BTreeSet<_> = asked.iter().filter_map(|path| path.parent()).collect();
        let too_many = self.memory.libraries.len() > MOST;
        let is_old = |path: &Path| {
            let parent = path.parent();
            too_many || parent.is_some_and(|parent| directories.contains(parent))
        };
        self.memory
            .libraries
            .retain(|path, _| asked.contains(path) || !is_old(path));
        if self.memory.directories.len() > MOST {
            self.memory.directories.clear();
        }
    }
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<_> = names
        .filter(|name| locate::command_of(name).is_some())
        .collect();
    names.sort();
    names
}

/// The memory in a file that is whole, of this program's version, and nobody else's work.
fn memory_of(file: &Path) -> Option<Memory> {
    let text = fs::read_to_string(file).ok()?;
    trust::check(file, &Owners::default()).ok()?;
    let (mark, body) = text.split_once('\n')?;
    (mark == mark_of(body)).then_some(())?;
    serde_json::from_str(body).ok()
}

fn text_of(memory: &Memory) -> Option<String> {
    let body = serde_json::to_string(memory).ok()?;
    Some(format!("{}\n{body}", mark_of(&body)))
}

fn mark_of(body: &str) -> String {
    let mut sum = Crc::new();
    sum.update(body.as_bytes());
    let version = env!("CARGO_PKG_VERSION");
    format!("{MARK} {version} {:08x} {}", sum.sum(), body.len())
}
