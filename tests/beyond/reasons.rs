//! Programs `omero-NAME` that cannot be run, and plugins on a file system that allows none: the true
//! reason, and how to fix it.

use std::{
    fs,
    io::Write,
    os::unix::{fs::symlink, process::CommandExt},
    path::Path,
    process::Command,
};

use omero_tests::{machine::set_mode, output::Output};

use crate::stage::Stage;

/// Runs `omero odd` and gives the reason and the hint.
fn refused(stage: &Stage) -> (String, String) {
    let output = stage.run(&["odd"]).expect_code(126);
    let path = stage.sandbox.path("bin/omero-odd");
    let start = format!(
        "omero: error: the program {} cannot be run: ",
        path.display()
    );
    let mut lines = output.stderr.lines();
    let reason = lines.next().and_then(|line| line.strip_prefix(&start));
    let hint = lines
        .next()
        .and_then(|line| line.strip_prefix("omero: hint: "));
    assert_eq!(lines.next(), None, "{output:?}");
    let reason = reason.unwrap_or_else(|| panic!("{output:?}")).to_owned();
    (reason, hint.unwrap_or_default().to_owned())
}

/// As [`refused`]; `plugin list` and `plugin doctor` have to give the same reason without a start.
#[track_caller]
fn refused_everywhere(stage: &Stage) -> (String, String) {
    let (reason, hint) = refused(stage);
    let list = stage.run(&["plugin", "list", "--style", "csv"]).success();
    let state = format!("broken: {reason}");
    assert!(list.contains(&state), "{state}\n{list}");
    let doctor = stage
        .run(&["plugin", "doctor", "--style", "csv"])
        .expect_code(1)
        .stdout;
    let found = |line: &&str| line.starts_with("program odd,problem,");
    let row = doctor.lines().find(found).unwrap_or_default();
    assert!(row.contains(&reason), "{reason}\n{doctor}");
    (reason, hint)
}

#[test]
fn a_program_that_is_not_executable_is_mentioned() {
    let stage = Stage::new();
    let program = stage
        .sandbox
        .write("bin/omero-odd", "#!/bin/sh\necho ran\n");
    let (reason, hint) = refused(&stage);
    assert_eq!(reason, "it is not executable");
    assert_eq!(hint, format!("run: chmod +x {}", program.display()));
    let which = stage.run(&["plugin", "which", "odd"]).success();
    assert!(which.contains("refused: the program"), "{which}");
    // The fallback runs what this one cannot.
    let other = stage.program("other/omero", "echo other");
    stage.configure(&format!("fallback: {}\n", other.display()));
    let output = stage.run(&["odd"]).expect_code(0);
    assert_eq!(output.stdout, "other\n");
    assert!(
        output
            .stderr
            .contains("omero-odd cannot be run: it is not executable"),
        "{output:?}"
    );
}

#[test]
fn what_cannot_be_run_hides_nothing_further_on_in_path() {
    let mut stage = Stage::new();
    stage.sandbox.write("bin/omero-odd", "");
    stage.program("second/omero-odd", "echo second");
    let path = ["bin", "second"].map(|name| stage.sandbox.path(name).display().to_string());
    stage
        .sandbox
        .set("PATH", format!("{}:/usr/bin:/bin", path.join(":")));
    assert_eq!(stage.run(&["odd"]).success(), "second\n");
}

#[test]
fn a_first_line_that_leads_nowhere() {
    let stage = Stage::new();
    let program = stage.program("bin/omero-odd", "");
    let sed = format!("run: sed -i 's/\\r$//' {}", program.display());
    for (text, reason, hint) in [
        (
            "#!/bin/sh\r\necho ran\r\n",
            "its first line ends with a carriage return, as on Windows",
            sed.as_str(),
        ),
        (
            "#! /no/such/interpreter -x\n",
            "its first line names /no/such/interpreter, which does not exist",
            "install /no/such/interpreter, or correct the first line",
        ),
        (
            "#!/etc/passwd\n",
            "its first line names /etc/passwd: it is not executable",
            "install /etc/passwd, or correct the first line",
        ),
        (
            "#!/etc\n",
            "its first line names /etc: it is a directory",
            "install /etc, or correct the first line",
        ),
        (
            "echo ran\n",
            "its first line does not say what runs it",
            "if it is a shell script, begin it with: #!/bin/sh",
        ),
        ("", "it is empty", "install it again"),
    ] {
        stage.executable("bin/omero-odd", text);
        assert_eq!(
            refused_everywhere(&stage),
            (reason.to_owned(), hint.to_owned()),
            "{text:?}"
        );
    }
}

#[test]
fn what_env_cannot_find_because_of_a_carriage_return() {
    let stage = Stage::new();
    let program = stage.executable("bin/omero-odd", "#!/usr/bin/env sh\r\necho ran\r\n");
    let output = stage.run(&["odd"]).expect_code(127);
    let shown = program.display();
    assert!(
        output.stderr.contains(&format!(
            "omero: warning: the program {shown} cannot be run: its first line ends with a carriage \
             return, as on Windows\nomero: warning: run: sed -i 's/\\r$//' {shown}\n"
        )),
        "{output:?}"
    );
}

#[test]
fn links_and_directories() {
    let stage = Stage::new();
    let path = stage.sandbox.path("bin/omero-odd");
    symlink("/no/such/file", &path).unwrap();
    assert_eq!(
        refused(&stage).0,
        "it is a link to /no/such/file, which does not exist"
    );
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(refused(&stage).0, "it is a directory");
}

#[test]
fn a_program_for_another_processor() {
    let stage = Stage::new();
    let omero = stage.sandbox.command([""; 0]).get_program().to_owned();
    let mut bytes = fs::read(omero).unwrap();
    // The machine in the ELF header: SPARC.
    if bytes.get(..4) != Some(b"\x7fELF") {
        return;
    }
    bytes[18] = 2;
    bytes.truncate(1 << 16);
    stage.executable("bin/omero-odd", bytes);
    let (reason, hint) = refused_everywhere(&stage);
    assert!(
        reason.starts_with("it was built for another processor ("),
        "{reason}"
    );
    assert_eq!(hint, "install the program that was built for this machine");
}

#[test]
#[cfg(target_os = "linux")]
fn data_that_is_no_program() {
    let stage = Stage::new();
    stage.executable("bin/omero-odd", b"\x01\x02\x00data\n");
    assert_eq!(
        refused_everywhere(&stage),
        (
            "it is neither a program for this system nor a script".to_owned(),
            "install the program that was built for this machine".to_owned()
        )
    );
}

#[test]
fn a_program_that_is_being_written() {
    let stage = Stage::new();
    let program = stage.executable("bin/omero-odd", fs::read("/bin/sh").unwrap());
    let mut file = fs::OpenOptions::new().append(true).open(&program).unwrap();
    file.write_all(b"x").unwrap();
    let (reason, hint) = refused(&stage);
    assert_eq!(reason, "another process is writing to it");
    assert_eq!(hint, "try again when it is complete");
}

/// Runs a command line of omero with a `noexec` file system at `sealed`, after a shell command;
/// nothing where this user may not mount.
fn with_noexec(stage: &Stage, first: &str, line: &[&str]) -> Option<Output> {
    let omero = stage.sandbox.command(line);
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["-r", "-m", "sh", "-c", script, "sh"]);
        omero_tests::sandbox::wrap(&mut command, &omero);
        command.output()
    };
    let mount = "mount -t tmpfs -o noexec,mode=755 none sealed";
    fs::create_dir_all(stage.sandbox.path("sealed")).unwrap();
    if !unshare(mount).is_ok_and(|output| output.status.success()) {
        return None;
    }
    let output = unshare(&format!("{mount} && {first} && exec \"$@\"")).unwrap();
    Some(Output::new(output.status, &output.stdout, &output.stderr))
}

#[test]
fn a_file_system_that_allows_no_programs() {
    let mut stage = Stage::new();
    let program = stage.program("ready/omero-odd", "echo ran");
    let sealed = stage.sandbox.path("sealed");
    stage
        .sandbox
        .set("PATH", format!("{}:/usr/bin:/bin", sealed.display()));
    let reason = format!(
        "nothing may be run from the file system {}, which is mounted with `noexec`",
        sealed.display()
    );
    let copy = format!("cp {} sealed/", program.display());
    let Some(output) = with_noexec(&stage, &copy, &["odd"]) else {
        eprintln!("skipped: this user may not mount a file system");
        return;
    };
    let output = output.expect_code(126);
    assert!(output.stderr.contains(&reason), "{output:?}");
    assert!(!output.stderr.contains("chmod"), "{output:?}");

    // The interpreter may be there as well.
    stage.executable("bin/omero-odd", format!("#!{}/sh\n", sealed.display()));
    stage.sandbox.set(
        "PATH",
        format!("{}:/usr/bin:/bin", stage.sandbox.path("bin").display()),
    );
    let output = with_noexec(&stage, "cp /bin/sh sealed/", &["odd"])
        .unwrap()
        .expect_code(126);
    assert!(output.stderr.contains(&reason), "{output:?}");
}

#[test]
fn a_file_system_that_allows_no_plugins() {
    let mut stage = Stage::new();
    let sealed = stage.sandbox.path("sealed");
    let plugins = stage
        .sandbox
        .command([""; 0])
        .get_envs()
        .find_map(|(name, value)| (name == "OMERO_PLUGIN_PATH").then_some(value?.to_owned()))
        .unwrap();
    stage.sandbox.set("OMERO_PLUGIN_PATH", &sealed);
    let copy = format!("cp {}/libomero_group.so sealed/", plugins.display());
    let Some(output) = with_noexec(&stage, &copy, &["group", "list"]) else {
        eprintln!("skipped: this user may not mount a file system");
        return;
    };
    let output = output.expect_code(78);
    assert!(
        output.stderr.contains(&format!(
            "omero: reason: nothing may be run from the file system {}, which is mounted with `noexec`\n",
            sealed.display()
        )),
        "{output:?}"
    );
    assert!(
        output.stderr.contains("put it on another file system"),
        "{output:?}"
    );
    let doctor = with_noexec(&stage, &copy, &["plugin", "doctor"]).unwrap();
    assert!(
        doctor.stdout.contains("mounted with `noexec`"),
        "{doctor:?}"
    );
    assert!(!doctor.stdout.contains("build it again"), "{doctor:?}");
}

#[test]
fn directories_that_may_not_be_entered() {
    let stage = Stage::new();
    let omero = stage.sandbox.command([""; 0]).get_program().to_owned();
    let root = tempfile::tempdir().unwrap();
    set_mode(root.path(), 0o755);
    let [closed, open] = ["closed", "open"].map(|name| root.path().join(name));
    fs::create_dir(&closed).unwrap();
    fs::create_dir(&open).unwrap();
    set_mode(&open, 0o755);
    fs::write(closed.join("omero-odd"), "#!/bin/sh\n").unwrap();
    set_mode(&closed.join("omero-odd"), 0o755);
    set_mode(&closed, 0o000);
    let run = |path: &Path| {
        let mut command = Command::new(&omero);
        command
            .arg("odd")
            .env_clear()
            .env("PATH", path)
            .current_dir("/");
        if rustix::process::geteuid().is_root() {
            command.uid(65534).gid(65534);
        }
        let output = command.output().ok()?;
        Some(Output::new(output.status, &output.stdout, &output.stderr))
    };
    let Some(output) = run(&closed) else {
        eprintln!("skipped: another user cannot run this omero");
        return;
    };
    let shown = closed.display();
    let output = output.expect_code(2);
    assert!(
        output.stderr.contains(&format!(
            "omero: could not look in {shown}: permission denied\n"
        )),
        "{output:?}"
    );
    symlink(closed.join("omero-odd"), open.join("omero-odd")).unwrap();
    let output = run(&open).unwrap().expect_code(126);
    assert!(
        output
            .stderr
            .contains(&format!("you may not enter the directory {shown}\n")),
        "{output:?}"
    );
    set_mode(&closed, 0o700);
}
