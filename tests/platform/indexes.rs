//! Getting plugins from an index: over HTTPS, from a directory and from a git repository.

use omero_tests::output::Output;

use crate::{
    publisher::{Publisher, commit, new_key, user_of},
    room::{Room, hello},
};

/// Adds the index of a publisher to a user's.
#[track_caller]
pub fn add(user: &Room, url: &str, key: &str) -> Output {
    user.omero(&["plugin", "index", "add", "lab", url, "--key", key])
}

fn rows(user: &Room, arguments: &[&str]) -> Vec<serde_json::Value> {
    let arguments = [&["plugin"], arguments, &["--style", "json"]].concat();
    let text = user.omero(&arguments).success();
    serde_json::from_str(&text).unwrap()
}

fn version(user: &Room) -> String {
    let rows = rows(user, &["list"]);
    let row = rows.iter().find(|row| row["Name"] == "hello");
    row.map_or(String::new(), |row| {
        row["Version"].as_str().unwrap().to_owned()
    })
}

#[test]
fn listed_plugin_is_found_and_installed_over_https() {
    let lab = Publisher::new();
    lab.publish("1.0.0");
    let server = lab.server();
    let user = user_of(&server);
    // Looking makes nothing in the home.
    user.omero(&["plugin", "search"]).success();
    assert!(!user.sandbox.path("home/.local").exists());
    let none = user.omero(&["plugin", "install", "hello"]).expect_code(78);
    assert!(none.stderr.contains("there is no index yet"), "{none:?}");

    let added = add(&user, &server.url("index"), &lab.key).success();
    assert!(
        added.starts_with("Added the index lab with 1 plugin (serial 1, "),
        "{added}"
    );
    let found = rows(&user, &["search", "EVERYTHING"]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (&found[0]["Name"], &found[0]["Version"]),
        (&"hello".into(), &"1.0.0".into())
    );
    assert_eq!(rows(&user, &["search", "everything", "else"]).len(), 0);
    let info = user
        .omero(&["plugin", "info", "hello", "--style", "csv"])
        .success();
    assert!(
        info.contains("In index,lab/hello") && info.contains("Available,1.0.0 for "),
        "{info}"
    );

    let installed = user.omero(&["plugin", "install", "hello"]).expect_code(0);
    assert!(
        installed.stdout.starts_with("Installed hello 1.0.0 ("),
        "{installed:?}"
    );
    assert_eq!(user.omero(&["hello", "say"]).success(), "Hello world.\n");
    let record = user.record("hello");
    assert!(
        record.contains("index: lab") && record.contains(&lab.key),
        "{record}"
    );
    assert_eq!(rows(&user, &["outdated"]).len(), 0);

    user.omero(&["plugin", "index", "remove", "lab"]).success();
    assert_eq!(rows(&user, &["index", "list"]).len(), 0);
    assert_eq!(user.sandbox.tree("tmp").len(), 0, "nothing is left over");
}

#[test]
fn new_version_is_pinned_off_upgraded_and_rolled_back() {
    let lab = Publisher::new();
    lab.publish("1.0.0");
    let server = lab.server();
    let user = user_of(&server);
    add(&user, &server.url("index"), &lab.key).success();
    user.omero(&["plugin", "install", "lab/hello"]).success();

    lab.publish("1.1.0");
    let outdated = rows(&user, &["outdated"]);
    assert_eq!(
        (&outdated[0]["Newest"], &outdated[0]["State"]),
        (&"1.1.0".into(), &"outdated".into())
    );
    user.omero(&["plugin", "pin", "hello"]).success();
    assert_eq!(rows(&user, &["outdated"])[0]["State"], "pinned");
    let pinned = user.omero(&["plugin", "upgrade", "hello"]).expect_code(1);
    assert!(pinned.stderr.contains("pin hello --off"), "{pinned:?}");
    user.omero(&["plugin", "upgrade", "--all"]).success();
    assert_eq!(version(&user), "1.0.0");
    user.omero(&["plugin", "pin", "hello", "--off"]).success();

    let upgraded = user.omero(&["plugin", "upgrade", "--all"]).success();
    assert!(
        upgraded.starts_with("Updated hello from 1.0.0 to 1.1.0 ("),
        "{upgraded}"
    );
    assert_eq!(
        user.omero(&["plugin", "upgrade", "hello"]).success(),
        "hello 1.1.0 is the newest version in lab\n"
    );
    for (before, after) in [("1.1.0", "1.0.0"), ("1.0.0", "1.1.0")] {
        let back = user.omero(&["plugin", "rollback", "hello"]).success();
        assert!(
            back.starts_with(&format!("Updated hello from {before} to {after} (")),
            "{back}"
        );
        assert_eq!(user.omero(&["hello", "say"]).success(), "Hello world.\n");
        assert_eq!(version(&user), after);
        assert!(user.record("hello").contains("index: lab"));
    }

    user.omero(&["plugin", "remove", "hello"]).success();
    assert_eq!(version(&user), "");
    assert!(
        user.sandbox
            .tree("home/.local/share/omero/previous")
            .is_empty()
    );
    user.omero(&["plugin", "install", "lab/hello@1.0.0"])
        .success();
    assert_eq!(version(&user), "1.0.0");
}

#[test]
fn yanked_versions_are_installed_only_by_number() {
    let lab = Publisher::new();
    lab.publish("1.0.0");
    lab.publish("1.1.0");
    lab.room
        .omero(&["plugin", "index", "yank", "index", "hello", "1.1.0"])
        .success();
    lab.sign();
    let user = Room::new();
    let url = format!("file://{}", lab.index().display());
    add(
        &user,
        &url,
        lab.room.sandbox.path("lab.key.pub").to_str().unwrap(),
    )
    .success();
    user.omero(&["plugin", "install", "hello"]).success();
    assert_eq!(version(&user), "1.0.0");
    let yanked = user
        .omero(&["plugin", "install", "hello@1.1.0"])
        .expect_code(0);
    assert!(
        yanked.stderr.contains("hello 1.1.0 is yanked"),
        "{yanked:?}"
    );
    let missing = user
        .omero(&["plugin", "install", "hello@9.0.0"])
        .expect_code(78);
    assert!(missing.stderr.contains("has no hello 9.0.0"), "{missing:?}");
}

#[test]
fn name_in_two_indexes_is_qualified() {
    let (one, two) = (Publisher::new(), Publisher::new());
    one.publish("1.0.0");
    two.publish("2.0.0");
    let user = Room::new();
    add(&user, one.index().to_str().unwrap(), &one.key).success();
    let other = two.index();
    user.omero(&[
        "plugin",
        "index",
        "add",
        "other",
        other.to_str().unwrap(),
        "--key",
        &two.key,
    ])
    .success();
    let unclear = user.omero(&["plugin", "install", "hello"]).expect_code(1);
    assert!(
        unclear
            .stderr
            .contains("say which one: lab/hello or other/hello"),
        "{unclear:?}"
    );
    user.omero(&["plugin", "install", "lab/hello"]).success();
    // An upgrade looks where the plugin came from.
    user.omero(&["plugin", "upgrade", "hello"]).success();
    assert_eq!(version(&user), "1.0.0");
    let other = user
        .omero(&["plugin", "install", "other/hello"])
        .expect_code(126);
    assert!(
        other.stderr.contains("was signed with the key"),
        "{other:?}"
    );
    assert_eq!(version(&user), "1.0.0");
    user.omero(&["plugin", "remove", "hello"]).success();
    user.omero(&["plugin", "install", "other/hello"]).success();
    assert_eq!(version(&user), "2.0.0");
}

#[test]
fn upgrade_needs_the_author_of_the_installed_version() {
    let lab = Publisher::new();
    let author = new_key(&lab.room, "author.key");
    new_key(&lab.room, "thief.key");
    lab.package("1.0.0", Some("author.key"));
    lab.sign();
    let user = Room::new();
    add(&user, lab.index().to_str().unwrap(), &lab.key).success();
    user.omero(&["plugin", "install", "hello"]).success();
    assert!(user.record("hello").contains(&author));
    for key in [None, Some("thief.key")] {
        let version = if key.is_some() { "1.2.0" } else { "1.1.0" };
        lab.package(version, key);
        lab.sign();
        let refused = user.omero(&["plugin", "upgrade", "hello"]).expect_code(126);
        assert!(
            refused
                .stderr
                .contains(&format!("was signed with the key {author}")),
            "{refused:?}"
        );
    }
    lab.package("1.3.0", Some("author.key"));
    lab.sign();
    user.omero(&["plugin", "upgrade", "hello"]).success();
    assert_eq!(version(&user), "1.3.0");
    // A file of the user's own is not signed at all.
    let hello = hello().to_str().unwrap();
    let refused = user.omero(&["plugin", "install", hello]).expect_code(126);
    assert!(refused.stderr.contains("--allow-unsigned"), "{refused:?}");
    user.omero(&["plugin", "install", hello, "--allow-unsigned"])
        .success();
    assert_eq!(version(&user), "0.1.0");
}

#[test]
fn index_in_a_git_repository() {
    let lab = Publisher::new();
    lab.publish("1.0.0");
    commit(&lab.index());
    let user = Room::new();
    let url = format!("git+file://{}", lab.index().display());
    add(&user, &url, &lab.key).success();
    user.omero(&["plugin", "install", "hello"]).success();
    lab.publish("1.1.0");
    commit(&lab.index());
    user.omero(&["plugin", "upgrade", "--all"]).success();
    assert_eq!(version(&user), "1.1.0");
    let refused = user
        .omero(&[
            "plugin",
            "index",
            "add",
            "x",
            "git+ext::sh -c true",
            "--key",
            &lab.key,
        ])
        .expect_code(1);
    assert!(refused.stderr.contains("is no repository"), "{refused:?}");
}
