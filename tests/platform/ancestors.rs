//! Who may write the directories above a plugin, and whose installations are trusted.

use std::{
    fs,
    os::unix::{
        fs::{chown, symlink},
        process::CommandExt,
    },
    path::{Path, PathBuf},
};

use omero_tests::{machine::is_root, output::Output};

use crate::room::{Room, hello, set_mode};

/// A user and group without a name, who own nothing else.
const TEAM: u32 = 12345;
const NOBODY: u32 = 65534;

/// A plugin three directories below the sandbox: `a/b/plugins`.
fn deep() -> (Room, PathBuf) {
    let mut room = Room::new();
    let directory = room.sandbox.path("a/b/plugins");
    fs::create_dir_all(&directory).unwrap();
    for path in ["a", "a/b", "a/b/plugins"] {
        set_mode(&room.sandbox.path(path), 0o755);
    }
    let library = directory.join("libomero_hello.so");
    fs::copy(hello(), &library).unwrap();
    set_mode(&library, 0o644);
    room.sandbox.set("OMERO_PLUGIN_PATH", &directory);
    (room, directory)
}

/// The plugin is refused because of `fault`, and everything that shows plugins says so.
fn refused(room: &Room, fault: &Path, reason: &str, fix: &str) {
    let run = room.omero(&["hello", "say"]).expect_code(126);
    let words = format!("omero: reason: {} {reason}", fault.display());
    assert!(run.stderr.contains(&words), "{run:?}");
    assert!(
        run.stderr.contains(&format!("{fix} {}", fault.display())),
        "{run:?}"
    );
    let doctor = room
        .omero(&["plugin", "doctor", "--style", "csv"])
        .expect_code(1);
    assert!(
        doctor.stdout.contains(reason) && doctor.stdout.contains(fix),
        "{doctor:?}"
    );
    let paths = room
        .omero(&["plugin", "list", "--paths", "--style", "csv"])
        .success();
    assert!(paths.contains(reason), "{paths}");
}

#[test]
fn every_directory_above_a_plugin_is_checked() {
    let (room, _) = deep();
    room.omero(&["hello", "say"]).success();
    let above = room.sandbox.path("a");
    set_mode(&above, 0o757);
    refused(
        &room,
        &above,
        "can be changed by every user of this machine",
        "chmod o-w",
    );
    // In a sticky directory, only the owner can replace what is in it.
    set_mode(&above, 0o1777);
    room.omero(&["hello", "say"]).success();
    if is_root() {
        chown(room.sandbox.path("a/b"), Some(TEAM), None).unwrap();
        let fault = room.sandbox.path("a/b");
        refused(
            &room,
            &fault,
            "belongs to another user (uid 12345)",
            "chown 0",
        );
        chown(&fault, Some(0), None).unwrap();
        chown(&above, None, Some(TEAM)).unwrap();
        set_mode(&above, 0o775);
        refused(
            &room,
            &above,
            "can be changed by the members of its group",
            "chmod g-w",
        );
    }
}

#[test]
fn the_directory_of_plugins_itself_may_not_be_sticky() {
    let (room, directory) = deep();
    set_mode(&directory, 0o1777);
    refused(
        &room,
        &directory,
        "can be changed by every user of this machine",
        "move the file out of",
    );
}

#[test]
fn links_are_checked_where_they_lead_and_where_they_are() {
    let (mut room, directory) = deep();
    let links = room.sandbox.path("links");
    fs::create_dir_all(&links).unwrap();
    set_mode(&links, 0o755);
    symlink("../a/b/plugins", links.join("way")).unwrap();
    room.sandbox.set("OMERO_PLUGIN_PATH", links.join("way"));
    room.omero(&["hello", "say"]).success();
    for fault in [links.clone(), room.sandbox.path("a"), directory] {
        set_mode(&fault, 0o757);
        let output = room.omero(&["hello", "say"]).expect_code(126);
        let words = format!("reason: {} can be changed by every user", fault.display());
        assert!(output.stderr.contains(&words), "{output:?}");
        set_mode(&fault, 0o755);
    }
    if is_root() {
        // In a sticky directory the owner of a link can lead it elsewhere.
        set_mode(&links, 0o1777);
        room.omero(&["hello", "say"]).success();
        std::os::unix::fs::lchown(links.join("way"), Some(TEAM), None).unwrap();
        let output = room.omero(&["hello", "say"]).expect_code(126);
        assert!(
            output.stderr.contains("links/way belongs to another user"),
            "{output:?}"
        );
    }
}

#[test]
fn programs_on_the_search_path_are_checked_like_plugins() {
    let (room, directory) = deep();
    let program = room
        .sandbox
        .write(directory.join("omero-greet"), "#!/bin/sh\necho greetings\n");
    set_mode(&program, 0o755);
    assert_eq!(room.omero(&["greet"]).success(), "greetings\n");
    let above = room.sandbox.path("a");
    set_mode(&above, 0o757);
    let output = room.omero(&["greet"]).expect_code(126);
    assert!(output.stderr.contains("chmod o-w"), "{output:?}");
    assert!(
        output
            .stderr
            .contains(&format!("{} can be changed", above.display())),
        "{output:?}"
    );
}

#[test]
fn trusted_owners_are_looked_up_by_name() {
    if !is_root() {
        return;
    }
    let (mut room, directory) = deep();
    chown(&directory, Some(NOBODY), None).unwrap();
    let file = room
        .sandbox
        .write("config.yaml", "trusted-owners: [nobody]\n");
    room.sandbox.set("OMERO_CONFIG", &file);
    room.omero(&["hello", "say"]).success();
    chown(room.sandbox.path("a"), Some(TEAM), None).unwrap();
    room.refuses(&["hello", "say"], 126);
}

/// An installation below `team`, with the plugin `hello`.
struct Team {
    room: Room,
    bin: PathBuf,
    library: PathBuf,
}

impl Team {
    fn new() -> Self {
        let mut room = Room::new();
        room.sandbox.unset("OMERO_PLUGIN_PATH");
        set_mode(room.sandbox.root(), 0o755);
        let plugins = room.sandbox.path("team/lib/omero/plugins");
        let bin = room.sandbox.path("team/bin");
        fs::create_dir_all(&plugins).unwrap();
        fs::create_dir_all(&bin).unwrap();
        let library = plugins.join("libomero_hello.so");
        fs::copy(hello(), &library).unwrap();
        let installed = omero_tests::artifacts::installation();
        omero_tests::programs::copy(&installed.omero, &bin.join("omero")).unwrap();
        chown(room.sandbox.path("home"), Some(NOBODY), Some(NOBODY)).unwrap();
        Self { room, bin, library }
    }

    /// Everything in the installation and its directory.
    fn all(&self) -> Vec<PathBuf> {
        let team = [
            "team",
            "team/lib",
            "team/lib/omero",
            "team/lib/omero/plugins",
        ];
        let mut all: Vec<_> = team
            .iter()
            .map(|path| self.room.sandbox.path(path))
            .collect();
        all.extend([
            self.bin.clone(),
            self.bin.join("omero"),
            self.library.clone(),
        ]);
        all
    }

    /// Gives all of it to an owner and group with these modes of directories and files.
    fn give(&self, owner: u32, group: u32, directories: u32, files: u32) {
        for path in self.all() {
            chown(&path, Some(owner), Some(group)).unwrap();
            let is_program = path.ends_with("omero") && path.is_file();
            let mode = match (path.is_dir(), is_program) {
                (true, _) => directories,
                (false, true) => files | 0o111,
                (false, false) => files,
            };
            set_mode(&path, mode);
        }
    }

    /// Runs the installed program as a user who has nothing to do with the team.
    fn run(&self, arguments: &[&str]) -> Output {
        let sandbox = &self.room.sandbox;
        let mut command = sandbox.command_of(&self.bin.join("omero"), arguments);
        command.current_dir("/").uid(NOBODY).gid(NOBODY);
        let ended = command.output().unwrap();
        Output::new(ended.status, &ended.stdout, &ended.stderr)
    }
}

#[test]
fn whoever_could_replace_the_program_is_trusted_in_its_installation() {
    if !is_root() {
        return;
    }
    let team = Team::new();
    // A tree that a software team owns, a tree that its group writes, and both.
    for (owner, group, directories, files) in [
        (0, 0, 0o755, 0o644),
        (TEAM, TEAM, 0o755, 0o644),
        (0, TEAM, 0o2775, 0o664),
        (TEAM, TEAM, 0o2775, 0o664),
    ] {
        team.give(owner, group, directories, files);
        team.run(&["hello", "say"]).success();
        team.run(&["plugin", "doctor"]).expect_code(1).and_no_more();
        let listed = team.run(&["plugin", "list", "--style", "csv"]).success();
        assert!(listed.contains(",ok,"), "{listed}");
    }
    // Everybody is never trusted.
    set_mode(&team.library, 0o666);
    let output = team.run(&["hello", "say"]).expect_code(126);
    assert!(output.stderr.contains("chmod o-w"), "{output:?}");
}

#[test]
fn whoever_could_not_replace_the_program_is_not_trusted_in_its_installation() {
    if !is_root() {
        return;
    }
    let team = Team::new();
    let refused = |words: &str| {
        let output = team.run(&["hello", "say"]).expect_code(126);
        assert!(output.stderr.contains(words), "{output:?}");
    };
    // The program is root's: whoever owns the rest could not have replaced it as a whole.
    for path in [team.bin.join("omero"), team.bin.clone()] {
        team.give(TEAM, TEAM, 0o755, 0o644);
        chown(&path, Some(0), None).unwrap();
        refused("belongs to another user (uid 12345)");
    }
    for path in [team.bin.join("omero"), team.bin.clone()] {
        team.give(0, TEAM, 0o2775, 0o664);
        set_mode(&path, 0o755);
        refused("can be changed by the members of its group");
    }
    // Another group writes the plugins.
    team.give(0, TEAM, 0o2775, 0o664);
    chown(&team.library, None, Some(TEAM + 1)).unwrap();
    refused("libomero_hello.so can be changed by the members of its group");
    // Outside of the installation the team is not trusted.
    let mut team = team;
    team.give(TEAM, TEAM, 0o755, 0o644);
    let outside = team.room.sandbox.path("outside");
    fs::create_dir(&outside).unwrap();
    fs::copy(hello(), outside.join("libomero_hello.so")).unwrap();
    chown(&outside, Some(TEAM), None).unwrap();
    team.room.sandbox.set("OMERO_PLUGIN_PATH", &outside);
    let output = team.run(&["hello", "say"]).expect_code(126);
    assert!(
        output.stderr.contains("outside belongs to another user"),
        "{output:?}"
    );
}
