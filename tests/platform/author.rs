//! The day of an author and of a user, as `docs/writing-plugins.md` tells it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use omero_tests::artifacts::{installation, root};

use crate::{new_project::with_cargo, room::Room};

/// A room in which `omero` and cargo are on the `PATH`.
fn person() -> Room {
    let mut room = with_cargo(Room::new());
    let cargo = Path::new(env!("CARGO")).parent().unwrap();
    let bin = installation().omero.parent().unwrap();
    let path = format!("{}:{}:/usr/bin:/bin", bin.display(), cargo.display());
    room.sandbox.set("PATH", path);
    room
}

/// Runs a marked block of the page in a directory; gives what it prints.
#[track_caller]
fn follow(room: &Room, directory: &Path, name: &str) -> String {
    let page = fs::read_to_string(root().join("docs/writing-plugins.md")).unwrap();
    let mark = format!("<!-- block: {name} -->\n```sh\n");
    let (_, rest) = page.split_once(&mark).unwrap();
    let block = rest.split_once("\n```").unwrap().0;
    let script = room
        .sandbox
        .write(format!("{name}.sh"), format!("{block}\n"));
    let mut shell = room
        .sandbox
        .command_of(Path::new("/bin/sh"), ["-e".as_ref(), script.as_path()]);
    let output = shell.current_dir(directory).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (printed, words) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{name}: {printed}{words}");
    printed
}

#[test]
fn author_publishes_and_user_follows() {
    let (author, user) = (person(), person());
    let first = follow(&author, author.sandbox.root(), "first");
    assert!(first.ends_with("Hello Ana\n"), "{first}");
    let completed = author
        .omero(&["__complete", "fish", "--", "cells", "he"])
        .success();
    assert!(completed.contains("hello\tGreet somebody"), "{completed}");
    let project = author.sandbox.path("omero-cells");
    let published = follow(&author, &project, "publish");
    assert!(published.contains("serial 1"), "{published}");

    // The user has another home; the index is on a disk that both see.
    let shared: PathBuf = project;
    let installed = follow(&user, &shared, "install");
    assert!(installed.contains("Installed cells 0.1.0 ("), "{installed}");
    assert!(installed.ends_with("Hello Ben\n"), "{installed}");
    let home = user.library("cells");
    assert!(home.is_file() && !home.starts_with(author.sandbox.root()));

    let published = follow(&author, &shared, "next");
    assert!(published.contains("serial 2"), "{published}");
    let upgraded = follow(&user, &shared, "upgrade");
    let mut rest = upgraded.as_str();
    for expected in [
        "0.2.0",
        "cells stays at 0.1.0\n",
        "cells can be upgraded again\n",
        "Updated cells from 0.1.0 to 0.2.0 (",
        "Hello Ben\n",
        "Updated cells from 0.2.0 to 0.1.0 (",
        "Hello Ben\n",
        "Removed ",
    ] {
        let Some((_, after)) = rest.split_once(expected) else {
            panic!("{expected} is not where it should be: {upgraded}");
        };
        rest = after;
    }
    assert!(!home.exists());
}
