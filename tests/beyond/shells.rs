//! Completion in real shells, in a real terminal: what a user sees after pressing Tab.
//!
//! A shell that is not installed is skipped loudly, and an error where `CI` is `true`.

use std::{path::Path, process::Command};

use omero_tests::pty::{Apart, Terminal};

use crate::stage::Stage;

struct Shell {
    terminal: Terminal,
}

/// Starts a shell that has read omero's script; `None` where the shell is not installed.
#[expect(
    clippy::print_stderr,
    reason = "who runs the tests has to see what is skipped"
)]
fn start(stage: &Stage, name: &str, arguments: &[&str], setup: &str) -> Option<Shell> {
    let Some(program) = ["/usr/bin", "/bin", "/usr/local/bin"]
        .iter()
        .map(|directory| Path::new(directory).join(name))
        .find(|path| path.exists())
    else {
        let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!required, "{name} is missing: apt-get install {name}");
        eprintln!("\n***** SKIPPED: {name} is not installed, its completion is not tested\n");
        return None;
    };
    let omero = stage.sandbox.command([""; 0]);
    std::os::unix::fs::symlink(omero.get_program(), stage.sandbox.path("bin/omero")).unwrap();
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .current_dir(stage.sandbox.root());
    for (variable, value) in omero.get_envs() {
        command.env(variable, value.unwrap_or_default());
    }
    command.env("TERM", "dumb").env("COLUMNS", "200");
    let mut terminal = Terminal::start(&command, Apart::Nothing, stage.sandbox.root()).unwrap();
    // The answer is put together by the shell, so that it is not the echo of the question.
    terminal.send(setup);
    terminal.send("echo RE''ADY");
    terminal.expect("READY\n");
    Some(Shell { terminal })
}

impl Shell {
    /// Types a line with tabs, runs it, and gives what `omero`'s place, a program that prints its
    /// arguments, prints.
    #[track_caller]
    fn runs(&mut self, keys: &str, expected: &str) {
        self.terminal.type_keys(keys);
        std::thread::sleep(std::time::Duration::from_millis(1500));
        self.terminal.send("");
        self.terminal.expect(expected);
    }
}

/// `omero` itself completes; then a program shows what was completed: `omero show` prints its
/// arguments in angle brackets.
fn stage() -> Stage {
    let stage = Stage::new();
    stage.program("bin/omero-show", "printf '[%s]' \"$@\"; echo");
    stage.configure("aliases:\n  li: sessions list\n");
    stage.program(
        "bin/omero-grouped",
        "printf 'group <%s>\\n' \"$OMERO_GROUP\"",
    );
    stage.store(
        "three.invalid",
        "eve",
        "three",
        "the 'odd' $(touch evil) \\group",
        "4064",
    );
    stage.sandbox.write("some file.txt", "");
    stage.sandbox.write("a-directory/x", "");
    stage
}

fn all(shell: &mut Shell) {
    // A command, and one of its subcommands, from the manifests: `version` prints its number.
    shell.runs("omero vers\t", "0.1.0");
    // An option and a value: the list of two stored sessions as the style says. The servers do not
    // exist, so only the header is sure.
    shell.runs("omero alias li\t--sty\tcs\t", "Alias,Command");
    // Behind the host alias and a user's alias.
    shell.runs("omero login --hel\t", "usage: omero sessions login");
    shell.runs("omero li --hel\t", "usage: omero sessions list");
    // Names from the store, also where the shell cuts words at `@` and `:`.
    shell.runs("omero -s ada@o\tshow $OMERO_X hosted\t", "[hosted");
    shell.runs(
        "omero -s root@two.invalid:1\t-g sys\tconfig path",
        "config.yaml",
    );
    // What needs quotes gets them.
    shell.runs(
        "omero -g the\tgrouped",
        "group <the 'odd' $(touch evil) \\group>",
    );
    // A program's arguments are files.
    shell.runs("omero show som\t", "[some file.txt]");
    shell.runs("omero show a-dir\t", "[a-directory");
}

#[test]
fn bash() {
    let stage = stage();
    let arguments = ["--norc", "--noprofile", "-i"];
    if let Some(mut shell) = start(
        &stage,
        "bash",
        &arguments,
        "source <(omero completion bash)",
    ) {
        all(&mut shell);
        assert!(!stage.sandbox.path("evil").exists());
    }
}

#[test]
fn zsh() {
    let stage = stage();
    let setup = "autoload -Uz compinit && compinit -u -D && source <(omero completion zsh)";
    if let Some(mut shell) = start(&stage, "zsh", &["-f", "-i"], setup) {
        all(&mut shell);
        assert!(!stage.sandbox.path("evil").exists());
    }
}

#[test]
fn fish() {
    let stage = stage();
    let setup = "omero completion fish | source";
    if let Some(mut shell) = start(&stage, "fish", &["--no-config", "-i"], setup) {
        all(&mut shell);
        assert!(!stage.sandbox.path("evil").exists());
    }
}
