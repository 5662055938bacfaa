//! What a name means.

use std::fs;

use crate::room::{Room, hello, set_mode};

fn which(room: &Room, name: &str) -> String {
    let text = room
        .omero(&["plugin", "which", name, "--style", "plain"])
        .success();
    room.show(&text)
}

const USER: &str = "{TMP}/home/.local/share/omero/plugins/libomero_hello.so (hello 0.1.0)";

#[test]
fn names_of_the_host_come_first() {
    let room = Room::new();
    room.put("login", &fs::read(hello()).unwrap());
    assert_eq!(
        which(&room, "plugin"),
        "1,built-in command,omero plugin,runs\n"
    );
    let login = which(&room, "login");
    let mut lines = login.lines();
    assert_eq!(
        lines.next(),
        Some("1,alias of the host,omero sessions login,runs")
    );
    let hidden = lines.next().unwrap();
    assert!(
        hidden.starts_with("2,plugin,") && hidden.ends_with(",hidden"),
        "{hidden}"
    );
}

#[test]
fn plugins_come_in_the_order_of_the_search_path() {
    let mut room = Room::with_hello();
    assert_eq!(which(&room, "hello"), format!("1,plugin,{USER},runs\n"));
    let bytes = fs::read(hello()).unwrap();
    room.sandbox.write("other/libomero_hello.so", &bytes);
    let other = room.sandbox.path("other");
    room.sandbox.set("OMERO_PLUGIN_PATH", other);
    let first = "{TMP}/other/libomero_hello.so (hello 0.1.0)";
    assert_eq!(
        which(&room, "hello"),
        format!("1,plugin,{first},runs\n2,plugin,{USER},hidden\n")
    );
    room.omero(&["plugin", "disable", "hello"]).success();
    let text = which(&room, "hello");
    assert!(
        text.starts_with(&format!("1,plugin,{first},refused: it is disabled\n")),
        "{text}"
    );
}

#[test]
fn a_name_without_a_meaning_is_an_error() {
    let missing = Room::new()
        .omero(&["plugin", "which", "nothing"])
        .expect_code(2);
    assert!(
        missing.stderr.contains("there is no command `nothing`"),
        "{missing:?}"
    );
    assert_eq!(missing.stdout, "");
}

#[test]
fn aliases_programs_and_the_fallback_have_their_places() {
    let mut room = Room::with_hello();
    let script = |name: &str| {
        let path = room.sandbox.write(name, "#!/bin/sh\necho script\n");
        set_mode(&path, 0o755);
    };
    script("bin/omero-hello");
    script("elsewhere/omero");
    let config =
        "fallback: {TMP}/elsewhere/omero\naliases:\n  hello: sessions list\n  login: hello\n";
    let config = config.replace("{TMP}", room.sandbox.root().to_str().unwrap());
    let config = room.sandbox.write("config.yaml", config);
    room.sandbox.set("OMERO_CONFIG", config);
    let path = format!("{}:/usr/bin:/bin", room.sandbox.path("bin").display());
    room.sandbox.set("PATH", path);
    assert_eq!(
        which(&room, "hello"),
        format!(
            "1,your alias,omero sessions list,runs\n2,plugin,{USER},hidden\n\
             3,program,{{TMP}}/bin/omero-hello,hidden\n\
             4,fallback,{{TMP}}/elsewhere/omero hello,hidden\n"
        )
    );
    assert_eq!(room.state(&room.library("hello")), "shadowed by your alias");
    assert_eq!(
        which(&room, "import"),
        "1,fallback,{TMP}/elsewhere/omero import,runs\n"
    );
    assert_eq!(room.omero(&["import"]).success(), "script\n");
    let login = which(&room, "login");
    assert!(
        login.contains("\n2,your alias,omero hello,hidden\n"),
        "{login}"
    );
    let doctor = room
        .omero(&["plugin", "doctor", "--style", "csv"])
        .expect_code(1);
    assert!(
        doctor.stdout.contains("alias login,problem,it is ignored"),
        "{doctor:?}"
    );
}
