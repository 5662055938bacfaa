//! Login options before a program: it works on the session that they ask for, as every command does.

use std::fs;

use crate::stage::Stage;

/// A program that tells as whom it runs.
const WHO: &str = r#"echo "$OMERO_USER $($OMERO_BIN sessions key)""#;

#[test]
fn a_program_works_on_the_session_whose_key_is_given() {
    let stage = Stage::with_programs();
    stage.program("bin/omero-who", WHO);
    let test = stage.log_in("test", "pw");
    let root = stage.log_in("root", "omero");
    let said = stage.run(&format!("-k {test} who")).success();
    assert_eq!(said, format!("test {test}\n"));
    // The same in a script, where other lines have another session.
    let said = stage.load(&format!("who\n-k {test} who\nwho\n")).success();
    assert_eq!(said, format!("root {root}\ntest {test}\nroot {root}\n"));
    let unknown = stage.run("-s HOST -k 00000000-0000-0000-0000-000000000000 who");
    let unknown = unknown.expect_code(11);
    assert_eq!(unknown.stdout, "");
    assert!(unknown.stderr.contains("Bad session key"), "{unknown:?}");
    assert_eq!(stage.left(), [""; 0]);
}

#[test]
fn a_program_gets_the_new_session_that_is_asked_for() {
    let stage = Stage::with_programs();
    stage.program("bin/omero-who", WHO);
    let root = stage.log_in("root", "omero");
    for (options, user) in [
        ("-C -u root -w omero", "root"),
        ("-C -u test -w pw", "test"),
        ("-u test --sudo root -w omero", "test"),
    ] {
        let said = stage.run(&format!("-s HOST {options} who")).success();
        let (name, key) = said.trim_end().split_once(' ').unwrap();
        assert_eq!(name, user, "{options}");
        assert_ne!(key, root, "{options}");
    }
    let wrong = stage.run("-s HOST -C -u test -w wrong who");
    assert_eq!((wrong.code, &*wrong.stdout), (44, ""), "{wrong:?}");
    assert_eq!(stage.left(), [""; 0]);
}

#[test]
fn a_current_session_that_cannot_be_read_is_not_replaced_by_another() {
    let stage = Stage::with_programs();
    stage.program("bin/omero-who", WHO);
    let old = stage.log_in("root", "omero");
    stage
        .run("login -C -w omero root@HOST")
        .expect_code(0)
        .success();
    let current = stage.run("sessions file").success();
    fs::write(current.trim_end(), "{").unwrap();
    let output = stage.run("-u root who");
    assert_ne!(output.code, 0, "{output:?}");
    assert!(!output.stdout.contains(&old), "{output:?}");
    assert!(output.stderr.contains("session"), "{output:?}");
}
