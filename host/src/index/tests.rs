use std::{
    cell::Cell,
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    time::{Duration, SystemTime},
};

use tempfile::TempDir;

use super::{store::Store, *};

/// A plugin directory and a memory that is long enough after the last change to rely on it.
struct Room {
    root: TempDir,
    reads: Cell<u32>,
}

impl Room {
    fn new(names: &[&str]) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("plugins")).unwrap();
        let room = Self {
            root,
            reads: Cell::new(0),
        };
        names.iter().for_each(|name| room.put(name, "content"));
        room
    }

    fn directory(&self) -> PathBuf {
        self.root.path().join("plugins")
    }

    fn file(&self) -> PathBuf {
        self.root.path().join("cache/plugins.index")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory().join(locate::file_name(name).unwrap())
    }

    fn put(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    /// The names found, and how many files were opened for it.
    fn look(&self, store: &mut Store) -> (String, u32) {
        let before = self.reads.get();
        let paths = store.libraries_of(&self.directory());
        let names = paths.iter().map(|path| {
            let manifest = store.manifest_of(path, || {
                self.reads.set(self.reads.get() + 1);
                let content = fs::read_to_string(path).unwrap();
                Ok::<_, ()>(manifest(&content))
            });
            manifest.unwrap().name
        });
        let names: Vec<_> = names.collect();
        (names.join(","), self.reads.get() - before)
    }

    /// A look as a later run of the program takes it, with the memory of the one before.
    fn later(&self) -> (String, u32) {
        let mut store = Store::read_at(
            Some(self.file()),
            SystemTime::now() + Duration::from_secs(60),
        );
        let seen = self.look(&mut store);
        store.write();
        seen
    }
}

fn manifest(name: &str) -> Manifest {
    let text = format!(
        r#"{{"manifest":1,"name":"{name}","version":"1","abi":"1.0.0","target":"t","command":{{"name":"{name}"}}}}"#
    );
    Manifest::from_section(text.as_bytes()).unwrap()
}

#[test]
fn what_was_read_is_not_read_again() {
    let room = Room::new(&["one", "two"]);
    assert_eq!(room.later(), ("content,content".to_owned(), 2));
    assert_eq!(room.later(), ("content,content".to_owned(), 0));
    room.put("two", "another content");
    assert_eq!(room.later(), ("content,another content".to_owned(), 1));
    room.put("three", "c");
    fs::remove_file(room.path("one")).unwrap();
    assert_eq!(room.later(), ("c,another content".to_owned(), 1));
    assert_eq!(room.later(), ("c,another content".to_owned(), 0));
    assert!(!fs::read_to_string(room.file()).unwrap().contains("_one"));
}

#[test]
fn a_file_that_was_just_written_is_read_again() {
    let room = Room::new(&["one"]);
    for _ in 0..2 {
        let mut store = Store::read(Some(room.file()));
        assert_eq!(room.look(&mut store).1, 1);
        store.write();
    }
}

#[test]
fn any_other_memory_is_as_good_as_none() {
    let room = Room::new(&["one"]);
    room.later();
    let good = fs::read(room.file()).unwrap();
    let mut damaged = vec![Vec::new(), b"omero-plugin-index-1\n".to_vec()];
    damaged.extend((0..good.len()).step_by(7).map(|at| good[..at].to_vec()));
    damaged.extend((0..good.len()).step_by(5).map(|at| {
        let mut flipped = good.clone();
        flipped[at] ^= 0x15;
        flipped
    }));
    damaged.push(vec![0xff; 4096]);
    for bytes in damaged {
        fs::write(room.file(), &bytes).unwrap();
        assert_eq!(room.later(), ("content".to_owned(), 1));
        assert_eq!(fs::read(room.file()).unwrap(), good, "it was made anew");
    }
    fs::set_permissions(room.file(), fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(room.later().1, 1, "others may have written it");
}

#[test]
fn without_a_place_for_the_memory_everything_is_read() {
    let room = Room::new(&["one"]);
    fs::write(room.root.path().join("cache"), "a file in its place").unwrap();
    assert_eq!(room.later(), ("content".to_owned(), 1));
    assert_eq!(room.later(), ("content".to_owned(), 1));
    let mut store = Store::read(None);
    assert_eq!(room.look(&mut store).1, 1);
    store.write();
}

#[test]
fn writers_at_the_same_time_leave_one_whole_memory() {
    let room = Room::new(&["one", "two", "three"]);
    let (file, directory) = (room.file(), room.directory());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let later = SystemTime::now() + Duration::from_secs(60);
                    let mut store = Store::read_at(Some(file.clone()), later);
                    for path in store.libraries_of(&directory) {
                        store
                            .manifest_of(&path, || Ok::<_, ()>(manifest("x")))
                            .unwrap();
                    }
                    store.memory_is_new();
                    store.write();
                }
            });
        }
    });
    assert_eq!(room.later(), ("x,x,x".to_owned(), 0));
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn broken_and_shadowed_libraries_are_found_too() {
    let (first, second) = (Room::new(&["one", "two"]), Room::new(&["one"]));
    File::create(second.directory().join("libc.so")).unwrap();
    let places = [first.directory(), second.directory(), "/no/such".into()];
    let places = places.map(Place::Directory);
    let found = libraries_with(&mut Store::read(None), &places, &Owners::default());
    let names: Vec<_> = found.iter().map(Found::name).collect();
    assert_eq!(names, ["one", "two", "one"]);
    assert!(found.iter().all(|found| {
        let error = found.described.as_ref().unwrap_err();
        matches!(error.step, Step::Manifest(_))
    }));
}
