//! Listing, switching off and removing.

use std::{fs, thread, time::Duration};

use crate::room::{Room, hello};

#[test]
fn a_disabled_plugin_is_listed_but_does_not_run() {
    let room = Room::with_hello();
    let disable = room.omero(&["plugin", "disable", "hello"]).success();
    assert_eq!(disable, "The plugin hello is disabled\n");
    assert_eq!(room.state(&room.library("hello")), "disabled");
    let refused = room.omero(&["hello", "say"]).expect_code(78);
    assert_eq!(
        refused.stderr,
        "omero: error: the plugin `hello` is disabled\n\
         omero: hint: run: omero plugin enable hello\n"
    );
    assert!(!room.omero(&["--help"]).success().contains("\n  hello "));
    // A new build of it does not switch it on.
    room.omero(&["plugin", "install", hello().to_str().unwrap()])
        .success();
    room.refuses(&["hello", "say"], 78);
    let again = room.omero(&["plugin", "disable", "hello"]).success();
    assert_eq!(again, "The plugin hello was disabled before\n");
    room.omero(&["plugin", "enable", "hello"]).success();
    room.omero(&["hello", "say"]).success();
    assert!(room.omero(&["--help"]).success().contains("\n  hello "));
}

#[test]
fn plugins_of_the_installation_can_be_disabled_but_not_removed() {
    let room = Room::new();
    let output = room
        .omero(&["plugin", "disable", "sessions"])
        .expect_code(0);
    assert!(
        output.stderr.contains("no command can log in"),
        "{output:?}"
    );
    room.refuses(&["sessions", "list"], 78);
    room.omero(&["plugin", "enable", "sessions"]).success();
    room.omero(&["sessions", "list"]).success();
    assert_eq!(
        room.sandbox.tree("home/.local/share/omero/installed").len(),
        0
    );
    let refused = room.omero(&["plugin", "remove", "group"]).expect_code(1);
    assert!(
        refused
            .stderr
            .contains("was not installed by `omero plugin install`"),
        "{refused:?}"
    );
    for words in [
        ["disable", "login"],
        ["disable", "plugin"],
        ["disable", "../x"],
    ] {
        room.refuses(&["plugin", words[0], words[1]], 2);
    }
    for word in ["disable", "remove", "info"] {
        let missing = room.omero(&["plugin", word, "nothing"]).expect_code(2);
        let sentence = "omero: error: there is no plugin `nothing`\n";
        assert!(missing.stderr.starts_with(sentence), "{missing:?}");
    }
}

#[test]
fn removing_takes_library_record_and_if_asked_the_data() {
    let room = Room::with_hello();
    let data = room.omero(&["hello", "data"]).success();
    assert!(fs::metadata(data.trim_end()).unwrap().is_dir());
    let removed = room.omero(&["plugin", "remove", "hello"]).success();
    assert_eq!(
        removed,
        format!("Removed {}\n", room.library("hello").display())
    );
    assert!(fs::exists(data.trim_end()).unwrap());
    room.refuses(&["hello", "say"], 2);
    assert_eq!(
        room.sandbox
            .tree("home/.local/share/omero/installed")
            .into_keys()
            .collect::<Vec<_>>(),
        [".lock"]
    );

    room.omero(&["plugin", "install", "-q", hello().to_str().unwrap()])
        .success();
    room.omero(&["plugin", "remove", "--purge", "hello"])
        .success();
    assert!(!fs::exists(data.trim_end()).unwrap());
}

#[test]
fn the_list_shows_every_library_once_and_who_is_shadowed() {
    let room = Room::with_hello();
    let bytes = fs::read(hello()).unwrap();
    let other = room.sandbox.write("other/libomero_hello.so", &bytes);
    let misnamed = room.put("greet", &bytes);
    let list = ["plugin", "list", "--style", "csv", "--path"];
    let list = room
        .sandbox
        .run(list.iter().copied().chain(["other"]))
        .success();
    let list = room.show(&list);
    let (first, second) = ("{TMP}/other", "{TMP}/home/.local/share/omero/plugins");
    let rows: Vec<_> = list
        .lines()
        .filter(|row| row.starts_with("hello,"))
        .collect();
    assert_eq!(rows.len(), 2, "{list}");
    assert!(rows[0].starts_with("hello,plugin,0.1.0,1."), "{list}");
    assert!(
        rows[0].ends_with(&format!(",ok,{first}/libomero_hello.so")),
        "{list}"
    );
    let shadowed = format!(",shadowed by {first}/libomero_hello.so,{second}/libomero_hello.so");
    assert!(rows[1].ends_with(&shadowed), "{list}");
    assert_eq!(
        room.state(&misnamed),
        "broken: it is the plugin of the command `hello`, not of `greet`"
    );
    assert_eq!(room.state(&other), "", "it is not on the search path");
    for style in ["sql", "plain", "json"] {
        let text = room.omero(&["plugin", "list", "--style", style]).success();
        assert!(text.contains("hello"), "{style}: {text}");
    }
}

#[test]
fn the_places_are_listed_with_what_is_skipped() {
    let room = Room::with_hello();
    room.sandbox.write("notes.txt", "");
    let line = [
        "plugin",
        "list",
        "--paths",
        "--style",
        "csv",
        "--path",
        "notes.txt",
    ];
    let text = room.show(&room.omero(&line).success());
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("Order,Path,Plugins,State"));
    assert_eq!(
        lines.next(),
        Some("1,{TMP}/notes.txt,0,skipped: its name is not that of a plugin")
    );
    assert!(lines.next().unwrap().starts_with("2,"), "OMERO_PLUGIN_PATH");
    assert_eq!(
        lines.next(),
        Some("3,{TMP}/home/.local/share/omero/plugins,1,ok")
    );
    room.omero(&["plugin", "remove", "hello"]).success();
    fs::remove_dir(room.plugins()).unwrap();
    let text = room.show(&room.omero(&line).success());
    let gone = "3,{TMP}/home/.local/share/omero/plugins,0,skipped: it does not exist";
    assert!(text.contains(gone), "{text}");
}

#[test]
fn the_index_may_be_anything() {
    let room = Room::with_hello();
    let list = || {
        room.omero(&["plugin", "list"])
            .expect_code(0)
            .expect_stderr("")
            .stdout
    };
    let expected = list();
    thread::sleep(Duration::from_millis(2100));
    assert_eq!(list(), expected);
    let index = "home/.cache/omero/plugins.index";
    let good = fs::read(room.sandbox.path(index)).unwrap();
    assert!(
        String::from_utf8_lossy(&good).contains("libomero_hello.so"),
        "it is used"
    );
    for bytes in [&b"garbage"[..], &good[..good.len() / 2], &[0; 100]] {
        room.sandbox.write(index, bytes);
        assert_eq!(list(), expected);
        let anew = room.sandbox.read(index);
        assert!(anew.starts_with("omero-plugin-index-1 ") && anew.contains("libomero_hello.so"));
    }
    fs::remove_dir_all(room.sandbox.path("home/.cache")).unwrap();
    room.sandbox.write("home/.cache", "a file in its place");
    assert_eq!(list(), expected);
    fs::remove_file(room.sandbox.path("home/.cache")).unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(list(), expected));
        }
    });
}
