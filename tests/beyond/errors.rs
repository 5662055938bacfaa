//! The list of exit codes.

use omero_tests::sandbox::Sandbox;

#[test]
fn the_codes_of_host_and_plugins_are_listed() {
    let sandbox = Sandbox::new();
    let all = sandbox.run(["errors"]).success();
    let row = |text: &str| all.lines().any(|line| line == text);
    assert!(
        row("   70\t     omero\t        70\t'a plugin panicked'"),
        "{all}"
    );
    assert!(
        row("  524\t  sessions\t        12\t'three wrong passwords'"),
        "{all}"
    );
    let codes: Vec<i32> = all
        .lines()
        .map(|line| line.split('\t').next().unwrap().trim().parse().unwrap())
        .collect();
    assert!(codes.is_sorted(), "{all}");

    let cut = sandbox.run(["errors", "--length", "4", "omero"]).success();
    assert!(!cut.contains("sessions"), "{cut}");
    assert!(cut.contains("'a pl...'"), "{cut}");
}
