//! What goes to the fallback, what does not, and where it is shown.

use std::{fs, path::PathBuf, thread, time::Duration};

use crate::stage::{KEY, Stage};

/// Lists its commands as OMERO.py does, and counts how often it was asked; otherwise it shows what
/// it was given.
const FALLBACK: &str = r#"
if [ "$*" = "help --list" ]; then
    echo x >> "$HOME/asked"
    printf '\ngroup (4)\n\tlist\n\tadd\n\tperms\n\tinf\nimport\ntag (1)\n\tset\nversoin\n'
    exit
fi
echo "fallback <$*>"
"#;

impl Stage {
    fn with_fallback() -> Self {
        let stage = Self::new();
        let fallback = stage.program("python/bin/omero", FALLBACK);
        stage.configure(&format!("fallback: {}\n", fallback.display()));
        stage
    }

    fn asked(&self) -> PathBuf {
        self.sandbox.path("home/asked")
    }

    fn count(&self) -> usize {
        fs::read_to_string(self.asked()).map_or(0, |text| text.lines().count())
    }

    #[track_caller]
    fn expect_there(&self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let output = self.run(&words).expect_code(0).expect_stderr("");
        assert_eq!(output.stdout, format!("fallback <{line}>\n"));
    }

    #[track_caller]
    fn expect_here(&self, line: &str, code: i32, text: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let output = self.run(&words).expect_code(code);
        assert!(!output.stdout.contains("fallback <"), "{line}: {output:?}");
        let all = format!("{}{}", output.stdout, output.stderr);
        assert!(all.contains(text), "{line}: no {text} in {output:?}");
    }
}

#[test]
fn unknown_subcommands_of_a_plugin_go_there() {
    let stage = Stage::with_fallback();
    for line in [
        "group add my_lab --type read-annotate",
        "-s two.invalid -u root group adduser --id 3 --name my_lab",
        "group -g my_group perms --perms rwra-- my_lab -h",
        "sessions whatever",
        "group add -w",
    ] {
        stage.expect_there(line);
    }
    assert!(!stage.asked().exists(), "commands do not ask for its list");
}

#[test]
fn options_that_a_plugin_does_not_know_are_its_own_mistakes() {
    let stage = Stage::with_fallback();
    stage.expect_here("group --nonsense", 2, "--nonsense");
    stage.expect_here("group --nonsense add", 2, "--nonsense");
    stage.expect_here("group list --nonsense", 2, "--nonsense");
    stage.expect_here("group", 2, "omero group");
}

#[test]
fn misspelled_words_get_a_hint() {
    let stage = Stage::with_fallback();
    stage.expect_here("gruop list", 2, "did you mean `group`?");
    stage.expect_here("group lsit", 2, "did you mean `group list`?");
    stage.expect_here("sesions", 2, "did you mean `sessions`?");
    // Unless the fallback has exactly this one.
    stage.expect_there("versoin");
    stage.expect_there("group inf");
    assert!(stage.count() > 0);
}

#[test]
fn commands_of_disabled_plugins_go_there() {
    let stage = Stage::with_fallback();
    let _ = stage.run(&["plugin", "disable", "group"]).success();
    stage.expect_there("group list --style csv");
    stage.expect_there("-u root group");
    let text = stage.run(&["help", "group", "list"]).success();
    assert_eq!(text, "fallback <group list --help>\n");
    let table = stage
        .run(&["plugin", "which", "group", "--style", "csv"])
        .success();
    assert!(
        table.contains(",disabled\n") && table.ends_with(",runs\n"),
        "{table}"
    );
    let _ = stage.run(&["plugin", "disable", "sessions"]).success();
    stage.expect_there("login root@two.invalid");
    stage.configure("");
    stage.expect_here("group list", 78, "omero plugin enable group");
}

#[test]
fn settings_of_a_server_go_there() {
    let stage = Stage::with_fallback();
    for line in [
        "config get omero.data.dir",
        "config set omero.data.dir /OMERO",
        "config set --report omero.db.name omero",
        "config append omero.web.apps web",
        "config unset omero.data.dir",
        "config load settings.omero",
        "config drop",
    ] {
        stage.expect_there(line);
    }
    stage.expect_here("config get fallback", 0, "python/bin/omero");
    stage.expect_here("config set aliases.omero omero.x", 0, "");
    stage.expect_here("config get nonsense", 2, "nonsense");
    stage.expect_here("config gte fallback", 2, "did you mean `get`?");
    stage.expect_here("config -h", 0, "usage: omero config");
    stage.configure("");
    stage.expect_here("config get omero.data.dir", 2, "OMERO.py");
}

#[test]
fn help_completion_and_which_show_it() {
    let stage = Stage::with_fallback();
    let overview = stage.run(&["help"]).success();
    assert!(overview.contains("import") && overview.contains("Run by the fallback"));
    let list = stage.run(&["help", "--list"]).success();
    assert!(list.contains("\ntag (1)\n\tset\n"), "{list}");
    assert!(list.contains("\tperms\n"), "{list}");
    let page = stage.run(&["group", "-h"]).success();
    assert!(
        page.ends_with("\n\nRun by the fallback: add, perms, inf\n"),
        "{page}"
    );
    assert_eq!(stage.run(&["help", "group"]).success(), page);
    let text = stage.run(&["help", "group", "add"]).success();
    assert_eq!(text, "fallback <group add --help>\n");
    let complete = |words: &[&str]| {
        let line = [&["__complete", "fish", "--"], words].concat();
        stage.run(&line).success()
    };
    assert!(complete(&["imp"]).contains("import\trun by the fallback\n"));
    assert!(complete(&["group", "a"]).contains("add\trun by the fallback\n"));
    assert!(complete(&["tag", ""]).contains("set\trun by the fallback\n"));
    let which = |name: &str| {
        stage
            .run(&["plugin", "which", name, "--style", "csv"])
            .success()
    };
    assert!(
        which("group").ends_with("group,\"runs add, perms, inf\"\n"),
        "{}",
        which("group")
    );
    assert!(
        which("import").ends_with("import,runs\n"),
        "{}",
        which("import")
    );
    let _ = stage.run(&["plugin", "which", "gruop"]).expect_code(2);
}

#[test]
fn it_is_asked_again_only_when_it_changed() {
    let stage = Stage::with_fallback();
    // A file that has just been written is not relied on.
    let mut before = 0;
    for _ in 0..600 {
        let _ = stage.run(&["help"]).success();
        let now = stage.count();
        if now == before {
            break;
        }
        before = now;
        thread::sleep(Duration::from_millis(200));
    }
    for _ in 0..3 {
        let _ = stage.run(&["help"]).success();
        assert_eq!(stage.count(), before);
    }
    stage.program("python/bin/omero", &FALLBACK.replace("import", "upload"));
    assert!(stage.run(&["help"]).success().contains("upload"));
}

#[test]
fn a_fallback_that_lists_nothing_costs_nothing_else() {
    let stage = Stage::new();
    let fallback = stage.program("python/bin/omero", "echo FATAL; exit 1");
    stage.configure(&format!("fallback: {}\n", fallback.display()));
    let overview = stage.run(&["help"]).expect_stderr("").success();
    assert!(!overview.contains("FATAL") && overview.contains("group"));
    assert_eq!(
        stage.run(&["sessions", "key"]).success(),
        format!("{KEY}\n")
    );
}

#[test]
fn a_fallback_that_lists_nothing_is_not_asked_again() {
    let stage = Stage::new();
    let count = "echo x >> \"$(dirname \"$0\")/asked\"; exit 1";
    let fallback = stage.program("python/bin/omero", count);
    stage.configure(&format!("fallback: {}\n", fallback.display()));
    let asked = || {
        let _ = stage.run(&["help"]).success();
        stage.sandbox.read("python/bin/asked").lines().count()
    };
    // A file that has just been written is not relied on.
    let mut before = 0;
    for _ in 0..600 {
        let now = asked();
        if now == before {
            break;
        }
        before = now;
        thread::sleep(Duration::from_millis(200));
    }
    assert_eq!((asked(), asked()), (before, before));
    stage.program("python/bin/omero", &format!("{count} # repaired"));
    assert_eq!(asked(), before + 1);
}

#[test]
fn a_relative_fallback_is_not_stored() {
    let stage = Stage::new();
    for (value, hint) in [
        (
            "no/such/omero",
            "omero config set fallback /path/to/bin/omero",
        ),
        ("omero", "omero config set fallback /path/to/bin/omero"),
    ] {
        let output = stage
            .run(&["config", "set", "fallback", value])
            .expect_code(2);
        assert_eq!(
            output.stderr,
            format!(
                "omero: error: the fallback command {value} is no absolute path\nomero: hint: {hint}\n"
            )
        );
    }
    let _ = stage.run(&["config", "get", "fallback"]).expect_code(1);
    let _ = stage
        .run(&["config", "set", "fallback", "/not/installed/yet"])
        .success();
}

#[test]
fn without_a_fallback_the_way_to_one_is_said() {
    let stage = Stage::new();
    stage.expect_here(
        "import file",
        2,
        "`import` is a command of OMERO.py: install it",
    );
    stage.expect_here("group add x", 2, "`group add` is a command of OMERO.py");
    stage.expect_here("nonsense", 2, "`omero help` lists the commands");
    let other = stage.program("bin/omero", "echo other");
    let set = format!("omero config set fallback {}", other.display());
    for line in ["import file", "group add x", "config get omero.data.dir"] {
        stage.expect_here(line, 2, &set);
    }
    // The name of this program leads to no other one.
    fs::remove_file(&other).unwrap();
    let omero = stage.sandbox.command([""; 0]).get_program().to_owned();
    std::os::unix::fs::symlink(omero, &other).unwrap();
    stage.expect_here("import file", 2, "install it");
}
