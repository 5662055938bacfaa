//! Programs `omero-NAME` where plugins are listed, checked and explained.

use std::fs;

use crate::stage::Stage;

/// A program that runs, one that an alias hides, one that cannot run, and one that a plugin hides.
fn stage() -> Stage {
    let stage = Stage::new();
    stage.program("bin/omero-hi", "echo \"hi $*\"");
    stage.program("bin/omero-hidden", "echo never");
    stage.program("bin/omero-group", "echo never");
    stage.sandbox.write("bin/omero-sick", "#!/bin/sh\n");
    stage.executable("bin/omero-windows", "#!/usr/bin/env sh\r\n");
    stage.executable("bin/omero-lost", "#!/no/such/interpreter\n");
    fs::create_dir(stage.sandbox.path("bin/omero-project")).unwrap();
    stage.configure("aliases: {hidden: version}\n");
    stage
}

#[test]
fn the_list_shows_their_kind_and_state() {
    let stage = stage();
    let list = stage.run(&["plugin", "list", "--style", "csv"]).success();
    let bin = stage.sandbox.path("bin").display().to_string();
    let row = |name: &str| {
        let end = format!("{bin}/omero-{name}");
        list.lines()
            .find(|row| row.ends_with(&end))
            .unwrap_or_default()
    };
    assert_eq!(row("hi"), format!("hi,program,,,ok,{bin}/omero-hi"));
    assert_eq!(
        row("hidden"),
        format!("hidden,program,,,shadowed by your alias,{bin}/omero-hidden")
    );
    assert_eq!(
        row("sick"),
        format!("sick,program,,,broken: it is not executable,{bin}/omero-sick")
    );
    for (name, reason) in [
        ("windows", "its first line ends with a carriage return"),
        ("lost", "its first line names /no/such/interpreter"),
    ] {
        assert!(row(name).contains(&format!("broken: {reason}")), "{list}");
    }
    let shadowed = row("group").strip_prefix("group,program,,,shadowed by /");
    assert!(
        shadowed.is_some_and(|rest| rest.contains("libomero_group.")),
        "{list}"
    );
    assert_eq!(row("project"), "", "a folder of a project is no program");
    assert!(
        list.lines().any(|row| row.starts_with("group,plugin,")),
        "{list}"
    );
}

#[test]
fn info_knows_them() {
    let stage = stage();
    let info = stage
        .run(&["plugin", "info", "hi", "--style", "csv"])
        .success();
    let path = stage.sandbox.path("bin/omero-hi");
    for line in [
        "Name,hi",
        "Kind,program",
        "State,ok",
        &format!("Path,{}", path.display()),
        "Help,omero help hi",
    ] {
        assert!(info.lines().any(|l| l == line), "{line}\n{info}");
    }
    let info = stage
        .run(&["plugin", "info", "group", "--style", "csv"])
        .success();
    assert!(info.contains("Kind,plugin\n"), "{info}");
}

#[test]
fn the_doctor_checks_them() {
    let stage = stage();
    let output = stage
        .run(&["plugin", "doctor", "--style", "csv"])
        .expect_code(1);
    let bin = stage.sandbox.path("bin").display().to_string();
    for line in [
        "program hi,ok,,".to_owned(),
        format!(
            "program sick,problem,{bin}/omero-sick: it is not executable,run: chmod +x {bin}/omero-sick"
        ),
    ] {
        assert!(
            output.stdout.lines().any(|l| l == line),
            "{line}\n{output:?}"
        );
    }
    let hidden = format!("{bin}/omero-hidden never runs: your alias has its name and comes first");
    let row = output.stdout.lines().find(|row| row.contains(&hidden));
    assert!(
        row.is_some_and(|row| row.starts_with("program hidden,note,")),
        "{output:?}"
    );
}

#[test]
fn a_program_has_a_manual_page_of_its_own_or_none() {
    let mut stage = stage();
    let output = stage.run(&["man", "hi"]).expect_code(2);
    let path = stage.sandbox.path("bin/omero-hi");
    assert_eq!(
        output.stderr,
        format!(
            "omero: error: there is no manual page of `hi`: it is the program {}\n\
             omero: hint: `omero help hi` asks the program\n",
            path.display()
        )
    );
    assert_eq!(stage.run(&["help", "hi"]).success(), "hi --help\n");
    let output = stage.run(&["man", "sick"]).expect_code(126);
    assert!(output.stderr.contains("it is not executable"), "{output:?}");
    let output = stage.run(&["man", "hidden"]).expect_code(2);
    assert!(
        output.stderr.contains("`hidden` is an alias of yours"),
        "{output:?}"
    );
    // Where man knows a page of the program's name, it is shown.
    stage.program(
        "man/man",
        "[ \"$1\" = -w ] && exec test \"$2\" = omero-hi; echo \"the page $1\"",
    );
    let path = ["man", "bin"].map(|name| stage.sandbox.path(name).display().to_string());
    stage
        .sandbox
        .set("PATH", format!("{}:/usr/bin:/bin", path.join(":")));
    assert_eq!(stage.run(&["man", "hi"]).success(), "the page omero-hi\n");
}

#[test]
fn help_lists_what_runs_under_a_name() {
    let stage = stage();
    let help = stage.run(&["help"]).success();
    let line = |name: &str| {
        help.lines()
            .find(|line| line.trim_start().starts_with(name))
    };
    assert!(
        line("hi ").is_some_and(|line| line.contains("The program")),
        "{help}"
    );
    assert!(
        line("hidden ").is_some_and(|line| line.contains("Your alias for: version")),
        "{help}"
    );
    for name in ["sick ", "windows ", "lost "] {
        assert_eq!(line(name), None, "{help}");
    }
}
