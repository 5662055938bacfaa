//! Stores that cannot be used, may not be read or written, or are open to others.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
};

use omero_tests::output::Output;

use crate::stage::Stage;

#[test]
fn a_store_that_cannot_be_used_is_named() {
    let mut stage = Stage::new();
    let commands = [
        "login root@servername -w omero",
        "sessions list",
        "sessions key",
        "logout",
    ];
    let file = stage.sandbox.write("a file", "not a directory");
    for directory in [file.join("store"), file.clone(), "/proc/nope/x".into()] {
        stage.sandbox.set("OMERO_SESSIONDIR", &directory);
        for line in commands {
            let output = stage.run(line).expect_code(155);
            let words = "Could not access session dir: ";
            assert!(
                output.stderr.starts_with(words),
                "{directory:?} {line}: {output:?}"
            );
            assert_eq!(output.stderr_as_omero_py().lines().count(), 1, "{output:?}");
        }
    }
    assert_eq!(stage.sandbox.read("a file"), "not a directory");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o644
    );
    // Nobody logs in for a session that cannot be kept.
    assert_eq!(stage.server.events().logins, []);
}

#[test]
fn a_store_that_may_not_be_read_or_written_is_named() {
    let mut stage = Stage::new();
    let open = |mode| fs::Permissions::from_mode(mode);
    fs::set_permissions(stage.sandbox.root(), open(0o755)).unwrap();
    // The target directory may lie where only its owner can look.
    let installed = omero_tests::artifacts::installation();
    let plugins = stage.sandbox.path("plugins");
    let program = installed.copy_to(stage.sandbox.root(), &plugins).unwrap();
    stage.sandbox.set("OMERO_PLUGIN_PATH", &plugins);
    let parent = stage.sandbox.path("parent");
    fs::create_dir_all(parent.join("store")).unwrap();
    for (directory, mode) in [("parent/store", 0o000), ("parent/new", 0o555)] {
        fs::set_permissions(&parent, open(mode)).unwrap();
        let directory = stage.sandbox.path(directory);
        stage.sandbox.set("OMERO_SESSIONDIR", &directory);
        for line in ["login root@servername -w omero", "sessions list", "logout"] {
            let given = stage.sandbox.command(stage.arguments(line));
            let mut command = std::process::Command::new(&program);
            command.args(given.get_args()).env_clear();
            command.envs(
                given
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            );
            command.current_dir(stage.sandbox.root());
            if rustix::process::geteuid().is_root() {
                // Permissions mean nothing to root: somebody else has to try.
                command.uid(65534).gid(65534).current_dir("/");
            }
            let ended = command.output().unwrap();
            let output = Output::new(ended.status, &ended.stdout, &ended.stderr).expect_code(155);
            let words = "Could not access session dir: ";
            assert!(
                output.stderr.starts_with(words),
                "{mode:o} {line}: {output:?}"
            );
        }
        fs::set_permissions(&parent, open(0o755)).unwrap();
    }
    assert_eq!(stage.server.events().logins, []);
}

#[test]
fn a_store_that_is_open_to_others_is_closed() {
    let mut stage = Stage::new();
    let directory = stage.sandbox.path("open to all");
    fs::create_dir_all(directory.join("store")).unwrap();
    stage
        .sandbox
        .set("OMERO_SESSIONDIR", directory.join("store"));
    // It is closed to others before anything is stored.
    fs::set_permissions(directory.join("store"), PermissionsExt::from_mode(0o777)).unwrap();
    stage.log_in("root", "omero");
    for (path, _) in stage.sandbox.tree("open to all/store") {
        let path = directory.join("store").join(path);
        let mode =
            |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600, "{path:?}");
        assert_eq!(mode(path.parent().unwrap()), 0o700, "{path:?}");
    }
}
