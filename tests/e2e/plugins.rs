//! Plugins that are missing, damaged, not to be trusted, or that fall over: one clear error that
//! names the file, and everything else goes on.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use omero_tests::{
    artifacts::{Artifacts, installation},
    output::Output,
    programs,
    sandbox::Sandbox,
};

/// The host in a directory of its own, away from every plugin but those that a test puts there.
struct Lonely {
    sandbox: Sandbox,
    plugins: PathBuf,
    _directory: tempfile::TempDir,
}

impl Lonely {
    /// With copies of the plugins `sessions` and `group`.
    fn new() -> Self {
        let installed = installation();
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("omero");
        programs::copy(&installed.omero, &program).unwrap();
        let plugins = directory.path().join("plugins");
        fs::create_dir(&plugins).unwrap();
        let lonely = Self {
            sandbox: Sandbox::for_program(&program),
            plugins: plugins.clone(),
            _directory: directory,
        };
        for name in ["sessions", "group"] {
            let file = lonely.library(name);
            fs::copy(installed.plugins.join(file.file_name().unwrap()), file).unwrap();
        }
        let mut lonely = lonely;
        lonely.sandbox.set("OMERO_PLUGIN_PATH", plugins);
        lonely
    }

    /// Where the library of a command is.
    fn library(&self, name: &str) -> PathBuf {
        let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        self.plugins.join(format!("{prefix}omero_{name}{suffix}"))
    }

    fn run(&self, line: &str) -> Output {
        self.sandbox.run(line.split_whitespace())
    }

    /// The other commands work, and help lists what it can.
    fn others_work(&self) {
        assert!(
            self.run("version")
                .expect_code(0)
                .stdout
                .starts_with(|c: char| c.is_ascii_digit())
        );
        let help = self.run("help").expect_code(0);
        assert!(help.stdout.contains("\n  group "), "{help:?}");
        let page = self.run("group -h").expect_code(0);
        assert!(
            page.stdout.contains("list") && page.stderr.is_empty(),
            "{page:?}"
        );
    }

    /// Every way to the plugin `sessions` ends with this code and names the file.
    fn is_refused(&self, what: &str, code: i32, words: &str) {
        let path = self.library("sessions");
        for line in [
            "login root@localhost -w x",
            "sessions list",
            "logout",
            "group list",
        ] {
            let output = self.run(line).expect_code(code);
            let first = output.stderr.lines().next().unwrap_or_default();
            let named =
                first.starts_with("omero: error: ") && first.contains(path.to_str().unwrap());
            assert!(named, "{what}: {line}: {output:?}");
            assert!(output.stderr.contains(words), "{what}: {line}: {output:?}");
            assert_eq!(output.stdout, "", "{what}: {line}");
        }
        self.others_work();
    }
}

#[test]
fn a_missing_plugin_is_missed_by_name() {
    let lonely = Lonely::new();
    fs::remove_file(lonely.library("sessions")).unwrap();
    for (line, what) in [
        ("login", "login"),
        ("logout", "logout"),
        ("sessions list", "sessions"),
        ("group list", "sessions"),
    ] {
        let output = lonely.run(line).expect_code(2);
        let looked = format!("omero: looked in {}", lonely.plugins.display());
        assert!(output.stderr.contains(&looked), "{line}: {output:?}");
        assert!(
            output.stderr.contains(&format!("`{what}`")) || output.stderr.contains(what),
            "{line}: {output:?}"
        );
        assert!(
            output.stderr.starts_with("omero: error: "),
            "{line}: {output:?}"
        );
        assert_eq!(output.stdout, "", "{line}");
    }
    lonely.others_work();
    assert!(!lonely.run("help").success().contains("\n  sessions "));
    let output = lonely.run("gruop list").expect_code(2);
    assert!(
        output.stderr.contains("did you mean `group`?"),
        "{output:?}"
    );
}

#[test]
fn a_file_that_is_no_plugin_is_not_opened() {
    let lonely = Lonely::new();
    let path = lonely.library("sessions");
    let whole = fs::read(&path).unwrap();
    let length = whole.len();
    let mut damaged: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("text", b"#!/bin/sh\necho hello\n".to_vec()),
        ("an archive", [&b"!<arch>\n"[..], &whole[..5000]].concat()),
        (
            "the group plugin",
            fs::read(lonely.library("group")).unwrap(),
        ),
        ("the host", fs::read(&installation().omero).unwrap()),
    ];
    for part in [
        1,
        16,
        63,
        64,
        100,
        4096,
        length / 2,
        length - 5000,
        length - 1,
    ] {
        damaged.push(("truncated", whole[..part].to_vec()));
    }
    let mut zeros = whole.clone();
    zeros[length / 3..].fill(0);
    damaged.push(("zeros at its end", zeros));
    let mut other = whole.clone();
    other[18..20].copy_from_slice(&[0xf3, 0]);
    damaged.push(("for another processor", other));
    for (what, bytes) in damaged {
        fs::write(&path, &bytes).unwrap();
        lonely.is_refused(
            &format!("{what}, {} bytes", bytes.len()),
            78,
            "omero: reason: ",
        );
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(lonely.run("sessions key").success(), "");
}

#[test]
fn a_library_of_something_else_is_no_plugin() {
    let lonely = Lonely::new();
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let libc = maps
        .lines()
        .filter_map(|line| line.split_whitespace().last());
    let Some(libc) = libc
        .into_iter()
        .find(|path| path.contains("/libc.so") || path.contains("/libc-"))
    else {
        println!("omero: note: no libc.so here; the test is skipped");
        return;
    };
    fs::copy(libc, lonely.library("sessions")).unwrap();
    lonely.is_refused("libc", 78, "it carries no omero manifest");
}

/// Replaces text in a file by text of the same length; gives how often it was there.
fn patch(path: &Path, from: &str, to: &str) -> usize {
    assert_eq!(from.len(), to.len());
    let mut bytes = fs::read(path).unwrap();
    let mut count = 0;
    for at in 0..bytes.len() - from.len() {
        if bytes[at..].starts_with(from.as_bytes()) {
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
            count += 1;
        }
    }
    fs::write(path, bytes).unwrap();
    count
}

#[test]
fn a_plugin_for_another_abi_is_told_from_a_broken_one() {
    let lonely = Lonely::new();
    let path = lonely.library("sessions");
    assert_eq!(patch(&path, r#","abi":"1."#, r#","abi":"9."#), 1);
    lonely.is_refused("ABI 9", 78, "it was built for plugin ABI 9.");
    assert_eq!(patch(&path, r#","abi":"9."#, r#","abi":"0."#), 1);
    lonely.is_refused("ABI 0", 78, "it was built for plugin ABI 0.");
    assert_eq!(patch(&path, r#","abi":"0."#, r#","abi":"x."#), 1);
    lonely.is_refused("ABI x", 78, "omero: reason: ");
}

#[test]
fn a_plugin_that_others_may_change_is_not_trusted() {
    let lonely = Lonely::new();
    let path = lonely.library("sessions");
    let set =
        |path: &Path, mode| fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    set(&path, 0o666);
    lonely.is_refused("world-writable", 126, "omero: hint: run: chmod o-w ");
    set(&path, 0o644);
    assert_eq!(lonely.run("sessions key").success(), "");
    // A directory where others may put files is as good as the files.
    set(&lonely.plugins, 0o777);
    for line in ["sessions key", "login", "group list"] {
        let output = lonely.run(line).expect_code(126);
        assert!(
            output.stderr.contains("can be changed by every user"),
            "{output:?}"
        );
    }
    assert!(lonely.run("version").code == 0 && lonely.run("help").code == 0);
}

#[test]
fn a_plugin_that_panics_is_named_and_the_host_survives() {
    let lonely = Lonely::new();
    let built = Artifacts::build(&["omero-misbehave"]).unwrap();
    let path = lonely.library("misbehave");
    fs::copy(built.library("omero_misbehave"), &path).unwrap();
    let output = lonely.run("misbehave panic").expect_code(70);
    assert_eq!(output.stdout, "before\n");
    for word in [
        "panicked: on purpose",
        path.to_str().unwrap(),
        "omero: error: the plugin misbehave",
    ] {
        assert!(output.stderr.contains(word), "{word}: {output:?}");
    }
    lonely.others_work();
    // What the host holds back comes out even if the plugin ends the process.
    let output = lonely.run("misbehave exit").expect_code(42);
    assert_eq!(output.stdout, "buffered by the host\n");
    assert_eq!(
        lonely.run("misbehave zero").expect_code(255).stderr,
        "Not a valid user ID\n"
    );
    // Ctrl-C twice ends one that does not listen.
    let mut terminal = lonely.sandbox.terminal(["misbehave", "block"]);
    terminal.expect("blocking\n");
    // Two that come before the first is handled are one to the system.
    while terminal.is_running() {
        terminal.interrupt();
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(terminal.finish().code, 130);
}

#[test]
fn help_runs_no_plugin() {
    let lonely = Lonely::new();
    let trace = lonely.sandbox.path("trace");
    let traced = |line: &str| {
        let inner = lonely.sandbox.command(line.split_whitespace());
        let mut command = std::process::Command::new("strace");
        command
            .args(["-f", "-y", "-e", "trace=mmap", "-o"])
            .arg(&trace);
        command
            .arg(inner.get_program())
            .args(inner.get_args())
            .env_clear();
        command.envs(
            inner
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        command.current_dir(lonely.sandbox.root()).output()
    };
    if traced("version").is_err() {
        println!("omero: warning: strace is missing, so this test CHECKS NOTHING; install it");
        assert!(std::env::var_os("CI").is_none(), "CI needs strace");
        return;
    }
    // Libraries whose code is mapped, by the command lines that map them.
    for (line, expected) in [
        ("help", &[][..]),
        ("--help", &[]),
        ("-h", &[]),
        ("help sessions", &[]),
        ("sessions login -h", &[]),
        ("help --list", &[]),
        ("help --all", &[]),
        ("version", &[]),
        ("nonsense", &[]),
        ("sessions key", &["sessions"]),
    ] {
        traced(line).unwrap();
        let calls = fs::read_to_string(&trace).unwrap();
        let mapped = |name: &str| {
            let file = format!("libomero_{name}.so>");
            calls
                .lines()
                .any(|call| call.contains("PROT_EXEC") && call.contains(&file))
        };
        for name in ["sessions", "group"] {
            assert_eq!(
                mapped(name),
                expected.contains(&name),
                "{line}: {name}:\n{calls}"
            );
        }
    }
}
