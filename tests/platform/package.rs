//! What `.ci/package` makes, unpacked as `docs/installing.md` says.

use std::{
    collections::BTreeSet,
    env, fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Output as Ended},
    sync::OnceLock,
};

use omero_tests::{
    artifacts::{installation, root},
    sandbox::Sandbox,
    server::{Config, TestServer, Transport},
};

use crate::{
    new_project::{cargo, with_cargo},
    room::Room,
};

/// Where this file's tests keep what is too big to be made for each of them.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("package")
}

/// Runs a program and gives what it printed.
#[track_caller]
fn printed(command: &mut Command) -> String {
    let Ended {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{command:?}: {complaint}");
    String::from_utf8(stdout).unwrap()
}

/// Packs what the tests have built, with the tools that built this test.
fn pack(directory: &Path, prepare: impl FnOnce(&mut Command)) -> PathBuf {
    let profile = installation().omero.ancestors().nth(3).unwrap();
    let mut command = Command::new(root().join(".ci/package"));
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        // What cargo tells this test about its own package makes build scripts run again.
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    let tools = Path::new(env!("CARGO")).parent().unwrap().to_owned();
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([tools].into_iter().chain(env::split_paths(&path))).unwrap();
    command
        .args(["--profile", "dev"])
        .arg(directory)
        .env_remove("CARGO_PRIMARY_PACKAGE")
        .env("CARGO_TARGET_DIR", profile.parent().unwrap())
        .env("PATH", path);
    prepare(&mut command);
    let said = printed(&mut command);
    PathBuf::from(said.lines().last().unwrap())
}

/// The seconds since 1970 of the checkout's last commit, or of any other day where there is none.
fn date() -> (String, bool) {
    let git = Command::new("git")
        .args(["log", "-1", "--format=%ct"])
        .current_dir(root())
        .output();
    match git {
        Ok(git) if git.status.success() => (
            String::from_utf8(git.stdout).unwrap().trim().to_owned(),
            true,
        ),
        _ => ("1700000000".to_owned(), false),
    }
}

/// The archive, packed once.
fn archive() -> &'static Path {
    static ARCHIVE: OnceLock<PathBuf> = OnceLock::new();
    ARCHIVE.get_or_init(|| {
        pack(&folder().join("first"), |command| {
            let (date, committed) = date();
            command.env_remove("SOURCE_DATE_EPOCH");
            if !committed {
                command.env("SOURCE_DATE_EPOCH", date);
            }
        })
    })
}

/// The archive, unpacked into a fresh folder of this name.
fn unpacked(name: &str) -> PathBuf {
    let prefix = folder().join(name);
    let _ = fs::remove_dir_all(&prefix);
    fs::create_dir_all(&prefix).unwrap();
    // With today's dates (`m`): cargo, which builds against these sources into a folder that stays,
    // goes by dates.
    let mut tar = Command::new("tar");
    tar.arg("-xmzf").arg(archive()).arg("-C").arg(&prefix);
    printed(tar.arg("--strip-components=1"));
    prefix
}

/// A home whose `omero` is that of a prefix.
fn room(prefix: &Path) -> Room {
    Room {
        sandbox: Sandbox::for_program(&prefix.join("bin/omero")),
    }
}

#[test]
fn the_unpacked_tree_is_all_of_an_installation() {
    let prefix = unpacked("used");
    let mut room = room(&prefix);
    let version = room.omero(&["--version"]).success();
    assert_eq!(version, concat!("omero ", env!("CARGO_PKG_VERSION"), "\n"));
    let help = room.omero(&["help"]).success();
    let list = room.omero(&["plugin", "list", "--style", "json"]).success();
    let rows: serde_json::Value = serde_json::from_str(&list).unwrap();
    let rows = rows.as_array().unwrap();
    let names: Vec<_> = rows
        .iter()
        .map(|row| row["Name"].as_str().unwrap())
        .collect();
    // Those of the product, and none of the tests' own that lie beside them after a build.
    assert_eq!(names, ["group", "hql", "sessions"]);
    for row in rows {
        let name = row["Name"].as_str().unwrap();
        let path = prefix.join(format!("lib/omero/plugins/libomero_{name}.so"));
        assert_eq!(
            (&row["State"], &row["Path"]),
            (&"ok".into(), &path.to_str().unwrap().into())
        );
        assert!(help.contains(&format!("\n  {name} ")), "{help}");
    }
    assert_eq!(
        fs::read_dir(prefix.join("lib/omero/plugins"))
            .unwrap()
            .count(),
        3
    );
    let doctor = room
        .omero(&["plugin", "doctor", "--style", "csv"])
        .success();
    assert!(!doctor.contains(",problem,"), "{doctor}");

    let server = TestServer::start(Config::standard()).unwrap();
    let port = server.port(Transport::Ssl).to_string();
    room.sandbox.set("OMERO_PASSWORD", "pw");
    room.omero(&["login", "-q", "-s", "127.0.0.1", "-p", &port, "-u", "test"])
        .success();
    let list = room
        .omero(&["sessions", "list", "--style", "csv"])
        .success();
    assert!(
        list.contains("127.0.0.1:") && list.contains(",test,") && list.contains("Logged in"),
        "{list}"
    );
    assert_eq!(server.sessions().len(), 1);
}

#[test]
fn a_project_is_made_from_the_shipped_crates() {
    let prefix = unpacked("authors");
    let room = with_cargo(room(&prefix));
    room.omero(&["plugin", "new", "cells"]).success();
    let api = prefix.join("share/omero/plugin-api");
    let settings = room.sandbox.read("omero-cells/.cargo/config.toml");
    assert!(
        settings.contains(&format!("path = \"{}\"", api.display())),
        "{settings}"
    );
    let lock = fs::read_to_string(prefix.join("share/omero/Cargo.lock")).unwrap();
    assert_eq!(room.sandbox.read("omero-cells/Cargo.lock"), lock);
    cargo(&room, "omero-cells", &["build", "--offline", "--release"]);
    let tests = cargo(&room, "omero-cells", &["test", "--offline", "--release"]);
    assert!(tests.contains("2 passed; 0 failed"), "{tests}");
    // No other version of anything: the new lock file is a part of the shipped one.
    let crates = |text: &str| -> BTreeSet<String> {
        let entries = text
            .split("[[package]]")
            .filter(|entry| entry.contains("\nsource = "));
        entries
            .map(|entry| entry.lines().take(3).collect())
            .collect()
    };
    let used = crates(&room.sandbox.read("omero-cells/Cargo.lock"));
    assert!(
        !used.is_empty() && used.is_subset(&crates(&lock)),
        "{used:?}"
    );
    room.omero(&["plugin", "install", "omero-cells"]).success();
    assert_eq!(
        room.omero(&["cells", "hello", "Ana"]).success(),
        "Hello Ana\n"
    );
}

#[test]
fn the_same_sources_give_the_same_bytes() {
    let second = pack(&folder().join("second"), |command| {
        // Neither the clock nor the language of whoever packs is in the archive.
        command.env("SOURCE_DATE_EPOCH", date().0);
        command.env("TZ", "Asia/Tokyo").env("LC_ALL", "C.UTF-8");
    });
    assert!(fs::read(&second).unwrap() == fs::read(archive()).unwrap());
    let sum = |archive: &Path| fs::read_to_string(archive.with_added_extension("sha256")).unwrap();
    assert_eq!(sum(&second), sum(archive()));
}

#[test]
fn the_archive_changes_nothing_of_others() {
    let list = printed(
        Command::new("tar")
            .args(["--numeric-owner", "-tvzf"])
            .arg(archive()),
    );
    for line in list.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        let (mode, owner, path) = (words[0], words[1], words[5]);
        assert_eq!(owner, "0/0", "{line}");
        assert!(
            ["-rwxr-xr-x", "-rw-r--r--", "drwxr-xr-x"].contains(&mode),
            "{line}"
        );
        let inside = path.split_once('/').unwrap().1;
        let ours = [
            "lib/omero/",
            "libexec/omero/",
            "share/omero/plugin-api/",
            "share/doc/omero/",
        ];
        let ours = ours.iter().any(|ours| inside.starts_with(ours));
        assert!(
            ours || !path.ends_with('/'),
            "tar would change the mode of {path}"
        );
    }
    let prefix = unpacked("looked-at");
    // The pages of the API crates, and of no other crate.
    let pages = prefix.join("share/doc/omero/api");
    assert!(pages.join("omero_plugin_api/testing/index.html").is_file());
    assert!(!pages.join("clap").exists());
    let server = prefix.join("libexec/omero/omero-test-server");
    assert!(printed(Command::new(server).arg("--help")).contains("--port"));
    let licences = prefix.join("share/doc/omero/third-party.txt");
    let licences = fs::read_to_string(licences).unwrap();
    assert!(licences.contains("\nclap 4.") && licences.contains("Permission is hereby granted"));
}

#[test]
fn pages_and_completion_are_those_of_the_program() {
    let prefix = unpacked("read");
    let room = room(&prefix);
    for (shell, path) in [
        ("bash", "share/bash-completion/completions/omero"),
        ("zsh", "share/zsh/site-functions/_omero"),
        ("fish", "share/fish/vendor_completions.d/omero.fish"),
    ] {
        let script = room.omero(&["completion", shell]).success();
        assert_eq!(fs::read_to_string(prefix.join(path)).unwrap(), script);
    }
    let pages = prefix.join("share/man/man1");
    for words in ["", "login", "group list", "plugin new", "config set", "hql"] {
        let words: Vec<_> = words.split_whitespace().collect();
        let name = [&["omero"], words.as_slice()].concat().join("-");
        let page = fs::read_to_string(pages.join(format!("{name}.1"))).unwrap();
        let arguments = [&["man"], words.as_slice()].concat();
        assert_eq!(room.omero(&arguments).success(), page);
    }
    // What is a program of this machine is no part of the package.
    let overview = fs::read_to_string(pages.join("omero.1")).unwrap();
    assert!(!overview.contains("The program /"), "{overview}");
}

/// Runs a marked block of `docs/installing.md`, with folders of the sandbox for those of a machine.
#[track_caller]
fn follow(sandbox: &Sandbox, name: &str) -> String {
    let page = fs::read_to_string(root().join("docs/installing.md")).unwrap();
    let mark = format!("<!-- block: {name} -->\n```sh\n");
    let (_, rest) = page.split_once(&mark).unwrap();
    let block = rest.split_once("\n```").unwrap().0;
    let (block, here) = (format!("{block}\n"), sandbox.root().display());
    let block = block
        .replace("/usr/local", &format!("{here}/usr-local"))
        .replace("/software/", &format!("{here}/software/"))
        .replace("trusted-owners software", "trusted-owners 12345");
    let script = sandbox.write(format!("{name}.sh"), block);
    sandbox.run(["-e".as_ref(), script.as_path()]).success()
}

/// A shell in a folder with the archive.
fn downloads() -> Sandbox {
    let sandbox = Sandbox::for_program(Path::new("/bin/sh"));
    for path in [
        archive().to_owned(),
        archive().with_added_extension("sha256"),
    ] {
        let copy = sandbox.path(path.file_name().unwrap());
        fs::copy(&path, copy).unwrap();
    }
    sandbox
}

#[test]
fn it_comes_and_goes_without_a_trace() {
    let sandbox = downloads();
    let mode = |path: &str| sandbox.path(path).metadata().unwrap().mode() & 0o7777;
    fs::create_dir_all(sandbox.path("usr-local/bin")).unwrap();
    fs::set_permissions(
        sandbox.path("usr-local/bin"),
        PermissionsExt::from_mode(0o2775),
    )
    .unwrap();
    let said = follow(&sandbox, "system-wide");
    assert!(
        said.contains(": OK\n") && said.contains("plugin hql"),
        "{said}"
    );
    assert_eq!(mode("usr-local/bin"), 0o2775);
    // Once more over the first, as an upgrade.
    follow(&sandbox, "system-wide");
    let page = sandbox.path("usr-local/share/man/man1/omero-login.1");
    assert!(page.exists());
    sandbox.write("usr-local/lib/omero/plugins/mine", "");
    follow(&sandbox, "uninstall");
    let left: Vec<_> = sandbox.tree("usr-local").into_keys().collect();
    assert_eq!(left, ["lib/omero/plugins/mine"]);
    assert!(!sandbox.path("usr-local/share/omero").exists());
    assert!(!sandbox.path("usr-local/share/doc/omero").exists());
}

#[test]
fn a_home_keeps_what_is_the_users() {
    let sandbox = downloads();
    let own = sandbox.write("home/.local/share/omero/plugins/README", "mine");
    let data = sandbox.path("home/.local/share/omero");
    fs::set_permissions(&data, PermissionsExt::from_mode(0o700)).unwrap();
    let said = follow(&sandbox, "per-user");
    assert!(said.contains("session provider sessions | ok"), "{said}");
    assert_eq!(data.metadata().unwrap().mode() & 0o777, 0o700);
    assert_eq!(fs::read_to_string(own).unwrap(), "mine");
    assert!(data.join("plugin-api/Cargo.toml").exists());
}

#[test]
fn a_module_serves_whoever_trusts_its_owner() {
    let sandbox = downloads();
    follow(&sandbox, "module");
    let module = sandbox.read("software/modulefiles/omero/0.1.0");
    let path = module
        .lines()
        .find_map(|line| line.strip_prefix("prepend-path PATH "));
    let bin = Path::new(path.unwrap());
    assert!(
        module.starts_with("#%Module\n") && bin.starts_with(sandbox.root()),
        "{module}"
    );
    let mut user = room(bin.parent().unwrap());
    user.omero(&["sessions", "list"]).success();
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can give a tree to somebody else");
        return;
    }
    printed(
        Command::new("chown")
            .args(["-R", "12345"])
            .arg(sandbox.path("software")),
    );
    // Who owns the tree could replace the program itself.
    user.omero(&["sessions", "list"]).success();
    let plugins = bin.with_file_name("lib").join("omero/plugins");
    let more = sandbox.path("software/more");
    printed(Command::new("cp").arg("-Rp").arg(plugins).arg(&more));
    user.sandbox.set("OMERO_PLUGIN_PATH", &more);
    user.refuses(&["sessions", "list"], 126);
    let shell = Sandbox::for_program(Path::new("/bin/sh"));
    user.sandbox = shell;
    let path = format!("{}:/usr/bin:/bin", bin.display());
    user.sandbox.set("PATH", path);
    user.sandbox.set("OMERO_PLUGIN_PATH", &more);
    follow(&user.sandbox, "owner");
    user.sandbox.run(["-c", "omero sessions list"]).success();
}
