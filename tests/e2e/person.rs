//! An ordinary user: what root may do says nothing about what users meet.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
};

use omero_tests::{machine::set_mode, output::Output, sandbox::Sandbox};
use rustix::process::geteuid;

use crate::stage::Stage;

/// `nobody` on most systems; without a name it works as well.
const NOBODY: u32 = 65534;

/// A user without privileges, who runs the product from an installation that they can read: the
/// user of the tests, or `nobody` if that is root.
pub struct Person {
    program: PathBuf,
    pub uid: u32,
}

impl Person {
    /// The user, with an installation inside the sandbox.
    pub fn new(sandbox: &mut Sandbox) -> Self {
        set_mode(sandbox.root(), 0o755);
        let installed = omero_tests::artifacts::installation();
        let (bin, plugins) = (
            sandbox.path("opt/bin"),
            sandbox.path("opt/lib/omero/plugins"),
        );
        let program = installed.copy_to(&bin, &plugins).unwrap();
        for directory in ["opt", "opt/bin", "opt/lib", "opt/lib/omero"] {
            set_mode(&sandbox.path(directory), 0o755);
        }
        set_mode(&plugins, 0o755);
        sandbox.unset("OMERO_PLUGIN_PATH");
        let uid = match geteuid().as_raw() {
            0 => NOBODY,
            uid => uid,
        };
        let person = Self { program, uid };
        person.own(&sandbox.path("home"));
        person.own(&sandbox.path("tmp"));
        person
    }

    /// Gives a file or directory to this user.
    pub fn own(&self, path: &Path) {
        if geteuid().is_root() {
            chown(path, Some(self.uid), Some(self.uid)).unwrap();
        }
    }

    /// A directory that this user cannot enter, as another user's home.
    pub fn closed(&self, path: &Path) {
        fs::create_dir_all(path).unwrap();
        // Without root there is only one user, who can shut out themselves.
        set_mode(path, if geteuid().is_root() { 0o700 } else { 0 });
    }

    /// The program with the environment of the sandbox, as this user.
    pub fn command(&self, stage: &Stage, line: &str) -> Command {
        let mut command = self.as_tester(stage, line);
        if geteuid().is_root() {
            command.uid(self.uid).gid(self.uid);
        }
        command
    }

    /// The same as the user of the tests, who may be root.
    pub fn as_tester(&self, stage: &Stage, line: &str) -> Command {
        let arguments = stage.arguments(line);
        stage.sandbox.command_of(&self.program, arguments)
    }

    /// Runs a command line as this user.
    pub fn run(&self, stage: &Stage, line: &str) -> Output {
        output(self.command(stage, line))
    }
}

/// Runs a command without input.
pub fn output(mut command: Command) -> Output {
    let ended = command.stdin(std::process::Stdio::null()).output().unwrap();
    Output::new(ended.status, &ended.stdout, &ended.stderr)
}
