//! Plugins that are built against today's ABI in hosts that offer 1.0.0 and the synthetic 1.1.0.

use omero_tests::{artifacts::Artifacts, output::Output, sandbox::Sandbox};

use crate::{
    outside::{of_abi_1_0, of_abi_1_1},
    room::test_plugins,
};

fn run(plugin: &str, words: &[&str]) -> Output {
    run_in(of_abi_1_0(), plugin, words)
}

fn run_in(abi: &Artifacts, plugin: &str, words: &[&str]) -> Output {
    let host = Sandbox::for_program(abi.binary("omero-old-host"));
    let library = test_plugins().library(plugin).to_string_lossy();
    host.run([&*library].iter().chain(words))
}

#[test]
fn a_plugin_runs_in_a_host_of_1_0() {
    let said = run("omero_hello", &["say", "Ada", "--loud"]).success();
    assert!(
        said.starts_with("old host with ABI 1.0.0\nmanifest of "),
        "{said}"
    );
    assert!(
        said.ends_with("\nprovider false\nanswers true\nchecks true\nHello Ada!\n"),
        "{said}"
    );
    let said = run("omero_hello", &["host"]).success();
    assert!(said.ends_with("\nABI 1.0\n"), "{said}");
    let said = run("omero_keycard", &["--help"]).success();
    assert!(said.contains("\nprovider true\n"), "{said}");
}

#[test]
fn its_failures_and_panics_arrive() {
    let failed = run("omero_hello", &["fail"]).expect_code(523 % 256);
    assert!(
        failed.stdout.ends_with("\nkind 1 message It failed\n"),
        "{failed:?}"
    );
    let failed = run("omero_hello", &["who"]).expect_code(1);
    assert!(
        failed
            .stdout
            .ends_with("\nkind 10 message the old host has no such thing\n"),
        "{failed:?}"
    );
    let panicked = run("omero_misbehave", &["panic"]).expect_code(70);
    assert!(
        panicked.stdout.ends_with("\nkind 9 message on purpose\n"),
        "{panicked:?}"
    );
}

#[test]
fn a_plugin_runs_in_a_newer_host() {
    let run = |plugin, words: &[&str]| run_in(of_abi_1_1(), plugin, words);
    let said = run("omero_hello", &["say", "Ada", "--loud"]).success();
    assert!(said.starts_with("old host with ABI 1.1.0\n"), "{said}");
    assert!(said.ends_with("\nfarewell None\nHello Ada!\n"), "{said}");
    let said = run("omero_hello", &["host"]).success();
    assert!(said.ends_with("\nABI 1.1\n"), "{said}");
    let failed = run("omero_hello", &["fail"]).expect_code(523 % 256);
    assert!(
        failed.stdout.ends_with("\nkind 1 message It failed\n"),
        "{failed:?}"
    );
}
