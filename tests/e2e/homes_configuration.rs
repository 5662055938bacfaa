//! Root with the home directory of another user, as after `sudo -E`: that user's configuration does
//! not decide what root runs.

use std::fs;

use omero_tests::machine::{is_root, set_mode};

use crate::{
    homes::owned_by_root,
    person::{self, Person},
    stage::Stage,
};

/// A stage with a user whose configuration is this text, and which names a program that would say that
/// it ran.
fn configured(text: &str) -> (Stage, Person) {
    let mut stage = Stage::new();
    let person = Person::new(&mut stage.sandbox);
    let script = "#!/bin/sh\necho ran as $(id -u)\n";
    let program = stage.sandbox.program("home/bin/omero", script);
    let text = text.replace("{PROGRAM}", program.to_str().unwrap());
    let file = stage.sandbox.write("home/.config/omero/config.yaml", text);
    for path in file
        .ancestors()
        .take(3)
        .chain([program.parent().unwrap(), &program])
    {
        person.own(path);
        set_mode(path, 0o755);
    }
    (stage, person)
}

#[test]
fn root_runs_nothing_that_the_configuration_of_another_user_names() {
    if !is_root() {
        return;
    }
    let (stage, person) = configured(
        "fallback: {PROGRAM}\nplugin-path: [/nowhere]\ntrusted-owners: [65534]\n\
         executables: {x: {session-key: true}}\n\
         aliases: {shell: '!{PROGRAM}', words: 'plugin list'}\n",
    );
    let run = |line| person::output(person.as_tester(&stage, line));
    for line in ["import x", "shell", "metadata"] {
        let output = run(line).expect_code(2);
        assert_eq!(output.stdout, "", "{output:?}");
        let warnings: Vec<&str> = output.stderr.matches("omero: warning: ").collect();
        assert_eq!(warnings.len(), 1, "{output:?}");
        let keys = "belongs to another user (uid 65534): root ignores executables, fallback, \
                    plugin-path, trusted-owners, aliases.shell; use sudo -H\n";
        assert!(output.stderr.contains(keys), "{output:?}");
    }
    let _ = run("words").expect_code(0);
    let doctor = run("plugin doctor").expect_code(1);
    assert!(doctor.stdout.contains("root ignores"), "{doctor:?}");
    // The user's own runs are as they were.
    let own = person.run(&stage, "import x").expect_code(0);
    assert_eq!(own.stdout, "ran as 65534\n");
    let own = person.run(&stage, "shell").expect_code(0);
    assert_eq!(own.stdout, "ran as 65534\n");
    assert_eq!(
        owned_by_root(&stage.sandbox.path("home")),
        Vec::<String>::new()
    );
}

#[test]
fn what_protects_holds_for_root_with_the_home_of_another_user() {
    if !is_root() {
        return;
    }
    let (mut stage, person) = configured("tls-verify: strict\n");
    let _ = person.run(&stage, "plugin disable hql").expect_code(0);
    stage
        .sandbox
        .set("OMERO_SESSIONDIR", stage.sandbox.path("of-root"));
    let run = |line| person::output(person.as_tester(&stage, line));
    let login = run("login root@servername -w omero");
    assert_ne!(login.code, 0, "{login:?}");
    assert!(
        login.stderr.contains("is not trusted and nothing was sent"),
        "{login:?}"
    );
    assert_eq!(stage.server.events().logins, []);
    let disabled = run("hql x").expect_code(78);
    assert!(disabled.stderr.contains("is disabled"), "{disabled:?}");
    assert_eq!(
        owned_by_root(&stage.sandbox.path("home")),
        Vec::<String>::new()
    );
}

#[test]
fn root_refuses_the_configuration_that_others_than_its_owner_may_change() {
    if !is_root() {
        return;
    }
    let (stage, person) = configured("report: with-key\n");
    let file = stage.sandbox.path("home/.config/omero/config.yaml");
    set_mode(&file, 0o777);
    let output = person::output(person.as_tester(&stage, "words")).expect_code(78);
    assert!(output.stderr.contains("is not trusted"), "{output:?}");
    fs::remove_file(file).unwrap();
    let _ = person::output(person.as_tester(&stage, "plugin list")).expect_code(0);
}
