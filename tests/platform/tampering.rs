//! What a server, a mirror or a thief may do to an index or a download, and what comes of it.

use std::fs;

use serde_json::json;

use crate::{
    indexes::add,
    publisher::{Publisher, helper, new_key, user_of},
    room::Room,
};

/// A user of the index of a publisher, as it is now.
fn user_of_directory(lab: &Publisher) -> Room {
    let user = Room::new();
    add(&user, lab.index().to_str().unwrap(), &lab.key).success();
    user
}

/// Changes a file of the index.
fn change(lab: &Publisher, path: &str, from: &str, to: &str) {
    let path = lab.index().join(path);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(&path, text.replace(from, to)).unwrap();
}

#[test]
fn index_needs_its_key() {
    let lab = Publisher::new();
    lab.publish("1.0.0");
    let other = new_key(&lab.room, "other.key");
    let user = Room::new();
    let index = lab.index();
    let refused = add(&user, index.to_str().unwrap(), &other).expect_code(126);
    assert!(
        refused.stderr.contains("signed with another key"),
        "{refused:?}"
    );
    assert_eq!(
        user.omero(&["plugin", "index", "list", "--style", "json"])
            .success()
            .trim(),
        "[]"
    );
    let refused = add(&user, index.to_str().unwrap(), "no-key").expect_code(1);
    assert!(refused.stderr.contains("is no public key"), "{refused:?}");
    user.refuses(
        &["plugin", "index", "add", "lab", index.to_str().unwrap()],
        2,
    );
    for name in ["../x", "Lab", "a/b", ""] {
        user.refuses(
            &[
                "plugin",
                "index",
                "add",
                name,
                index.to_str().unwrap(),
                "--key",
                &lab.key,
            ],
            1,
        );
    }
}

#[test]
fn changed_files_of_an_index_are_refused() {
    let lab = Publisher::new();
    lab.publish("1.0.0");
    let user = user_of_directory(&lab);
    change(&lab, "index.json", "\"serial\": 1", "\"serial\": 2");
    let refused = user.omero(&["plugin", "install", "hello"]).expect_code(126);
    assert!(
        refused.stderr.contains("the file was changed"),
        "{refused:?}"
    );
    lab.sign();
    change(&lab, "plugins/hello.json", "1.0.0", "1.0.1");
    let other = Room::new();
    let refused = add(&other, lab.index().to_str().unwrap(), &lab.key).expect_code(126);
    assert!(
        refused
            .stderr
            .contains("plugins/hello.json is not the file that it signs"),
        "{refused:?}"
    );
    // The copy on this machine is checked too.
    let copy = "home/.local/share/omero/indexes/lab/state/plugins/hello.json";
    let text = user.sandbox.read(copy);
    user.sandbox.write(copy, text.replace("1.0.0", "1.0.1"));
    let refused = user.omero(&["plugin", "search"]).expect_code(1);
    assert!(refused.stderr.contains("it was changed"), "{refused:?}");
}

#[test]
fn changed_archive_is_refused_and_the_installed_version_stays() {
    let lab = Publisher::new();
    lab.publish("1.0.0");
    let user = user_of_directory(&lab);
    user.omero(&["plugin", "install", "hello"]).success();
    let before = user.record("hello");
    lab.publish("1.1.0");
    let mut archives = fs::read_dir(lab.index().join("archives"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let archive = archives
        .find(|path| path.display().to_string().contains("1.1.0"))
        .unwrap();
    let whole = fs::read(&archive).unwrap();
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    for (bytes, reason) in [
        (changed, "its SHA-256 has to be"),
        (whole[..whole.len() - 1].to_vec(), "it has to have"),
        ([&whole[..], b"more"].concat(), "and has more"),
    ] {
        fs::write(&archive, bytes).unwrap();
        let refused = user.omero(&["plugin", "upgrade", "hello"]).expect_code(126);
        assert!(refused.stderr.contains(reason), "{refused:?}");
    }
    assert_eq!(user.record("hello"), before);
    user.omero(&["hello", "say"]).success();
    fs::write(&archive, whole).unwrap();
    user.omero(&["plugin", "upgrade", "hello"]).success();
    assert_eq!(user.sandbox.tree("tmp").len(), 0);
}

#[test]
fn rolled_back_and_expired_indexes_are_refused() {
    let lab = Publisher::new();
    lab.publish("1.0.0");
    let old: Vec<_> = ["index.json", "index.json.minisig", "plugins/hello.json"]
        .map(|name| {
            (
                lab.index().join(name),
                fs::read(lab.index().join(name)).unwrap(),
            )
        })
        .into();
    lab.publish("1.1.0");
    let user = user_of_directory(&lab);
    for (path, bytes) in old {
        fs::write(path, bytes).unwrap();
    }
    let refused = user.omero(&["plugin", "install", "hello"]).expect_code(126);
    assert!(
        refused
            .stderr
            .contains("rolled back: its serial is 1, but 2 was seen"),
        "{refused:?}"
    );
    // Removing the copy does not forget what was seen.
    fs::remove_dir_all(
        user.sandbox
            .path("home/.local/share/omero/indexes/lab/state"),
    )
    .unwrap();
    user.refuses(&["plugin", "index", "update"], 126);
    // A signature that is valid for no day has expired at once.
    let request = json!({"sign-index": {
        "directory": lab.index(), "days": 0,
        "key": {"path": lab.room.sandbox.path("lab.key"), "password": null},
    }});
    let answer = helper(&lab.room, &request);
    assert!(answer["Ok"]["serial"].is_u64(), "{answer}");
    let refused = user
        .omero(&["plugin", "index", "update", "lab"])
        .expect_code(126);
    assert!(refused.stderr.contains("it expired on"), "{refused:?}");
}

#[test]
fn two_states_of_one_serial_are_refused() {
    let lab = Publisher::new();
    lab.publish("1.0.0");
    let user = user_of_directory(&lab);
    fs::remove_file(lab.index().join("index.json")).unwrap();
    lab.publish("1.1.0");
    let refused = user.omero(&["plugin", "index", "update"]).expect_code(126);
    assert!(
        refused.stderr.contains("used for two different states"),
        "{refused:?}"
    );
}

#[test]
fn unreachable_index_is_used_as_it_was() {
    let lab = Publisher::new();
    lab.publish("1.0.0");
    let user = user_of_directory(&lab);
    fs::rename(lab.index().join("index.json"), lab.index().join("away")).unwrap();
    let installed = user.omero(&["plugin", "install", "hello"]).expect_code(0);
    assert!(
        installed.stderr.contains("index.json does not exist"),
        "{installed:?}"
    );
    user.refuses(&["plugin", "index", "update"], 1);
}

#[test]
fn index_cannot_pass_another_plugin_off() {
    let lab = Publisher::new();
    lab.publish("1.0.0");
    fs::rename(
        lab.index().join("plugins/hello.json"),
        lab.index().join("plugins/cells.json"),
    )
    .unwrap();
    change(
        &lab,
        "plugins/cells.json",
        "\"name\": \"hello\"",
        "\"name\": \"cells\"",
    );
    lab.sign();
    let user = user_of_directory(&lab);
    let refused = user.omero(&["plugin", "install", "cells"]).expect_code(126);
    assert!(
        refused
            .stderr
            .contains("has to hold cells 1.0.0, but holds hello 1.0.0"),
        "{refused:?}"
    );
    change(&lab, "plugins/cells.json", "archives/", "../archives/");
    lab.sign();
    let refused = user.omero(&["plugin", "install", "cells"]).expect_code(1);
    assert!(
        refused.stderr.contains("names an archive at"),
        "{refused:?}"
    );
}

#[test]
fn download_by_url_needs_a_signature_a_hash_or_a_word() {
    let lab = Publisher::new();
    let key = new_key(&lab.room, "author.key");
    lab.package("1.0.0", Some("author.key"));
    let server = lab.server();
    let user = user_of(&server);
    let name = fs::read_dir(lab.room.sandbox.path("out")).unwrap();
    let mut names = name.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let name = names.find(|name| name.ends_with(".tar.gz")).unwrap();
    let url = server.url(&format!("out/{name}"));
    let plain = server.url("1.0.0/libomero_hello.so");
    let sum = lab.room.sandbox.read(format!("out/{name}.sha256"));
    let sum = sum.split_whitespace().next().unwrap();

    let refused = user.omero(&["plugin", "install", &url]).expect_code(126);
    assert!(refused.stderr.contains("no key was given"), "{refused:?}");
    let refused = user.omero(&["plugin", "install", &plain]).expect_code(126);
    assert!(refused.stderr.contains("is not signed"), "{refused:?}");
    let other = new_key(&user, "other.key");
    user.refuses(&["plugin", "install", &url, "--key", &other], 126);
    user.refuses(&["plugin", "install", &plain, "--key", &key], 126);
    user.refuses(
        &["plugin", "install", &url, "--sha256", &"0".repeat(64)],
        126,
    );
    assert_eq!(user.state(&user.library("hello")), "");
    for words in [
        &["--sha256", sum][..],
        &["--allow-unsigned"],
        &["--key", &key],
        // Once it was signed, it has to be signed again.
        &["--key", &key],
    ] {
        user.omero(&[&["plugin", "install", &url], words].concat())
            .success();
    }
    user.refuses(&["plugin", "install", &url, "--sha256", sum], 126);
    let missing = user
        .omero(&["plugin", "install", &server.url("none.zip")])
        .expect_code(1);
    assert!(
        missing.stderr.contains("none.zip does not exist"),
        "{missing:?}"
    );
    user.omero(&["plugin", "remove", "hello"]).success();
    let mut terminal = user.sandbox.terminal(["plugin", "install", plain.as_str()]);
    terminal.expect("Install it anyway? [y/N] ");
    terminal.send("y");
    terminal.expect("Set the alias");
    terminal.send("n");
    assert_eq!(terminal.finish().code, 0);
    assert_eq!(user.state(&user.library("hello")), "ok");
}

#[test]
fn only_https_with_a_known_certificate_is_fetched() {
    let lab = Publisher::new();
    lab.publish("1.0.0");
    let server = lab.server();
    let user = user_of(&server);
    let http = server.url("index").replace("https", "http");
    let refused = add(&user, &http, &lab.key).expect_code(1);
    assert!(
        refused.stderr.contains("`http` is not supported"),
        "{refused:?}"
    );
    server.answer(
        "away/index.json",
        &format!("302 Found\r\nLocation: {http}/index.json"),
    );
    let refused = add(&user, &server.url("away"), &lab.key).expect_code(1);
    assert!(
        refused.stderr.contains("away/index.json cannot be fetched"),
        "{refused:?}"
    );
    server.answer("busy/index.json", "503 Busy");
    let refused = add(&user, &server.url("busy"), &lab.key).expect_code(1);
    assert!(
        refused.stderr.contains("the server answers 503"),
        "{refused:?}"
    );
    // Without the test's root certificate nothing is read from this server.
    server.requests();
    let stranger = Room::new();
    let refused = add(&stranger, &server.url("index"), &lab.key).expect_code(1);
    assert!(refused.stderr.contains("cannot be fetched"), "{refused:?}");
    assert!(server.requests().is_empty());
    let mut there = server.url("index");
    there.push('/');
    add(&user, &there, &lab.key).success();
}
