//! Homes that cannot be entered or written, are missing, are a file, or belong to another user.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use omero_tests::machine::{is_root, set_mode};

use crate::{
    person::{self, Person},
    stage::Stage,
};

/// Makes a home of a kind and names it in `HOME`.
fn home(stage: &mut Stage, person: &Person, kind: &str) {
    let path = stage.sandbox.path(format!("homes/{kind}"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    set_mode(path.parent().unwrap(), 0o755);
    match kind {
        "unenterable" => person.closed(&path),
        "below-unenterable" => {
            person.closed(&path);
            stage.sandbox.set("HOME", path.join("user"));
            return;
        }
        "read-only" => {
            fs::create_dir(&path).unwrap();
            set_mode(&path, 0o555);
        }
        "missing" => set_mode(path.parent().unwrap(), 0o555),
        "file" => fs::write(&path, "").unwrap(),
        "omero-is-a-file" => {
            fs::create_dir(&path).unwrap();
            person.own(&path);
            fs::write(path.join("omero"), "").unwrap();
        }
        "dead-link" => {
            fs::create_dir(&path).unwrap();
            person.own(&path);
            std::os::unix::fs::symlink("nowhere", path.join("omero")).unwrap();
        }
        "root" => {
            stage.sandbox.set("HOME", "/");
            return;
        }
        "empty" => {
            stage.sandbox.set("HOME", "");
            return;
        }
        "unset" => {
            stage.sandbox.unset("HOME");
            return;
        }
        other => panic!("{other}"),
    }
    stage.sandbox.set("HOME", &path);
}

/// Homes that cannot hold a session store. Those of root exist, or do not, whoever runs the tests.
fn kinds() -> Vec<&'static str> {
    let mut kinds = vec![
        "unenterable",
        "below-unenterable",
        "read-only",
        "missing",
        "file",
        "omero-is-a-file",
        "dead-link",
    ];
    // The home that the system knows of a user who runs the tests must not be touched.
    if is_root() {
        kinds.extend(["root", "empty", "unset"]);
    }
    kinds
}

fn close(stage: &Stage) {
    let homes = stage.sandbox.path("homes");
    set_mode(&homes, 0o755);
    for kind in ["unenterable", "below-unenterable"] {
        if homes.join(kind).exists() {
            set_mode(&homes.join(kind), 0o755);
        }
    }
}

#[test]
fn every_command_works_with_a_session_directory_whatever_home_is() {
    for kind in kinds() {
        let mut stage = Stage::new();
        let person = Person::new(&mut stage.sandbox);
        home(&mut stage, &person, kind);
        let sessions = stage.sandbox.path("sessions");
        fs::create_dir(&sessions).unwrap();
        person.own(&sessions);
        stage.sandbox.set("OMERO_SESSIONDIR", &sessions);
        for line in [
            "-h",
            "help",
            "plugin list",
            "plugin doctor",
            "login root@servername -w omero",
            "sessions key",
            "sessions list",
            "sessions server list",
            "hql -q --style=plain select_1",
            "logout",
        ] {
            let code = if line.starts_with("hql") {
                None
            } else {
                Some(0)
            };
            let output = person.run(&stage, line);
            assert!(
                code.is_none_or(|code| output.code == code),
                "{kind} {line}: {output:?}"
            );
            let warnings = output.stderr.matches("omero: warning: ").count();
            assert!(warnings <= 1, "{kind} {line}: {output:?}");
            if line == "plugin list" {
                let quiet = person.run(&stage, &format!("-q {line}"));
                assert_eq!(quiet.stderr, "", "{kind} {line}");
            }
        }
        close(&stage);
    }
}

#[test]
fn without_a_session_directory_reason_and_remedy_are_said() {
    for kind in kinds() {
        let mut stage = Stage::new();
        let person = Person::new(&mut stage.sandbox);
        home(&mut stage, &person, kind);
        for line in ["-h", "help", "plugin list"] {
            let output = person.run(&stage, line).expect_code(0);
            assert!(
                output.stderr.lines().count() <= 1,
                "{kind} {line}: {output:?}"
            );
        }
        for line in ["login root@servername -w omero", "sessions key", "logout"] {
            let output = person.run(&stage, line).expect_code(155);
            let text = &output.stderr;
            assert!(
                text.contains("Could not access session dir: "),
                "{kind}: {text}"
            );
            assert!(text.contains("\nomero: reason: "), "{kind}: {text}");
            assert!(text.contains("\nomero: hint: "), "{kind}: {text}");
            assert!(text.contains("OMERO_SESSIONDIR"), "{kind}: {text}");
            let words = match kind {
                "unenterable" | "below-unenterable" => "cannot be entered: Permission denied",
                "file" | "omero-is-a-file" => " is not a directory",
                "dead-link" => "is a link to something that does not exist",
                _ => "",
            };
            assert!(text.contains(words), "{kind}: {text}");
        }
        assert_eq!(stage.server.events().logins, [], "{kind}");
        close(&stage);
    }
}

#[test]
fn empty_variables_are_unset() {
    let mut stage = Stage::new();
    for name in [
        "OMERO_SESSIONDIR",
        "OMERO_SESSION_DIR",
        "OMERO_USERDIR",
        "OMERO_CONFIG",
        "OMERO_PASSWORD",
        "OMERO_TLS_VERIFY",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_CACHE_HOME",
        "DEBUG",
        "NO_COLOR",
    ] {
        stage.sandbox.set(name, "");
    }
    let login = stage.run("login root@servername -w omero").expect_code(0);
    assert_eq!(login.stdout, "", "{login:?}");
    assert!(stage.stored().contains_key("._LASTHOST_"));
    assert!(stage.sandbox.path("home/omero/known_servers.yaml").exists());
    stage.run("config set report without-key").success();
    assert!(
        stage
            .sandbox
            .path("home/.config/omero/config.yaml")
            .exists()
    );
}

#[test]
fn a_tilde_that_no_shell_replaced_is_refused_before_anything_is_made() {
    for name in ["OMERO_SESSIONDIR", "OMERO_USERDIR"] {
        let mut stage = Stage::new();
        stage.sandbox.set(name, "~/x");
        let output = stage.run("login root@servername -w omero").expect_code(155);
        let text = output.stderr;
        assert!(
            text.starts_with("Could not access session dir: ~/x\n"),
            "{text}"
        );
        assert!(
            text.contains(name) && text.contains("hint: write the whole path"),
            "{text}"
        );
        assert!(!stage.sandbox.path("~").exists());
        assert_eq!(stage.server.events().logins, []);
    }
}

/// All files below a directory that this process owns.
pub fn owned_by_root(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap().flatten() {
        if entry.metadata().unwrap().uid() == 0 {
            found.push(entry.path().display().to_string());
        }
        if entry.file_type().unwrap().is_dir() {
            found.extend(owned_by_root(&entry.path()));
        }
    }
    found
}

#[test]
fn root_makes_nothing_in_the_home_of_another_user() {
    if !is_root() {
        return;
    }
    let mut stage = Stage::new();
    let person = Person::new(&mut stage.sandbox);
    for line in ["login root@servername -w omero", "sessions list", "logout"] {
        let output = person::output(person.as_tester(&stage, line)).expect_code(155);
        let text = output.stderr;
        assert!(text.contains("this is root, but HOME"), "{text}");
        assert!(
            text.contains("belongs to another user (uid 65534)"),
            "{text}"
        );
        assert!(text.contains("sudo -H"), "{text}");
    }
    for (line, code) in [
        ("help", 0),
        ("plugin list", 0),
        ("plugin disable hql", 1),
        ("config set report without-key", 78),
    ] {
        let output = person::output(person.as_tester(&stage, line)).expect_code(code);
        assert!(
            code == 0 || output.stderr.contains("this is root"),
            "{output:?}"
        );
    }
    stage
        .sandbox
        .set("OMERO_SESSIONDIR", stage.sandbox.path("of-root"));
    let login = person.as_tester(&stage, "login root@servername -w omero");
    let login = person::output(login).expect_code(0);
    assert!(
        login.stderr.contains("of-root/._KNOWN_SERVERS_"),
        "{login:?}"
    );
    let home = stage.sandbox.path("home");
    assert_eq!(owned_by_root(&home), Vec::<String>::new());
    // The user has lost nothing.
    stage.sandbox.unset("OMERO_SESSIONDIR");
    person
        .run(&stage, "login root@servername -w omero")
        .expect_code(0)
        .and_no_more();
}

#[test]
fn a_store_that_root_made_is_given_back_by_a_command() {
    if !is_root() {
        return;
    }
    let stage = &mut Stage::new();
    let person = Person::new(&mut stage.sandbox);
    let home = stage.sandbox.path("home");
    for (path, mode) in [
        ("omero", 0o700),
        ("omero/sessions", 0o700),
        ("omero/sessions", 0o755),
    ] {
        fs::create_dir_all(home.join("omero/sessions")).unwrap();
        for other in ["omero", "omero/sessions"] {
            person.own(&home.join(other));
            set_mode(&home.join(other), 0o755);
        }
        std::os::unix::fs::chown(home.join(path), Some(0), Some(0)).unwrap();
        set_mode(&home.join(path), mode);
        let output = person.run(stage, "login root@servername -w omero");
        let fault = home.join(path);
        let chown = format!("sudo chown -R 65534:65534 {}\n", fault.display());
        assert!(
            output.stderr.ends_with(&chown),
            "{path} {mode:o}: {output:?}"
        );
        assert_eq!(output.code, 155, "{path} {mode:o}: {output:?}");
        assert_eq!(
            stage.server.events().logins,
            [],
            "no session is made that cannot be kept"
        );
    }
}
