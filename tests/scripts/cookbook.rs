//! The recipes of `docs/cookbook.md` and the names of `docs/json.md`, as they stand there.

use std::{collections::BTreeSet, fs, path::Path};

use omero_tests::{
    artifacts::{installation, root},
    output::Output,
    sandbox::Sandbox,
};

use crate::stage::{Server, Stage};

/// The shell block that follows a recipe's mark.
fn recipe(name: &str) -> String {
    let page = fs::read_to_string(root().join("docs/cookbook.md")).unwrap();
    let mark = format!("<!-- recipe: {name} -->\n```sh\n");
    let (_, rest) = page.split_once(&mark).unwrap();
    rest.split_once("\n```").unwrap().0.to_owned()
}

/// A home where recipes run with `/bin/sh` and find `omero` as installed.
fn kitchen() -> Sandbox {
    let mut sandbox = Sandbox::for_program(Path::new("/bin/sh"));
    let bin = installation().omero.parent().unwrap();
    sandbox.set("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    sandbox.set("OMERO_PLUGIN_PATH", &installation().plugins);
    sandbox
}

/// Runs a recipe with the test server's user for `reader`; `hosts` tells what names stand for.
fn cook(sandbox: &Sandbox, name: &str, hosts: &[(&str, &str)]) -> Output {
    let mut text = recipe(name)
        .replace("reader@", "test@")
        .replace("-u reader", "-u test");
    for (name, host) in hosts {
        text = text.replace(&format!("{name}.example.org"), host);
    }
    let path = sandbox.write("recipe", text);
    sandbox.run([path])
}

#[test]
fn a_cron_job_joins_by_key() {
    let Server { server, host } = Server::start();
    let hosts = [("omero", host.as_str())];
    let mut sandbox = kitchen();
    sandbox.set("OMERO_PASSWORD", "pw");
    cook(&sandbox, "cron, setup", &hosts).success();
    let key = sandbox.read("home/report.key");
    sandbox.unset("OMERO_PASSWORD");
    let store = sandbox.tree("home/omero/sessions");
    for _ in 0..2 {
        let output = cook(&sandbox, "cron, job", &hosts).expect_code(0);
        let said = output.stdout + &output.stderr;
        assert!(!said.contains(key.trim()), "{said}");
    }
    let report = sandbox.read("home/report.txt");
    assert!(report.starts_with("id,name,perms,"), "{report}");
    assert!(
        report.ends_with("{\"id\": 3, \"name\": \"read-annotate-2\"}\n"),
        "{report}"
    );
    assert_eq!(sandbox.tree("home/omero/sessions"), store);
    assert_eq!(server.sessions().len(), 1);
    server.end_session(key.trim());
    let output = cook(&sandbox, "cron, job", &hosts).expect_code(11);
    assert!(output.stderr.contains("Bad session key"), "{output:?}");
}

#[test]
fn tasks_of_an_array_share_a_session() {
    let Server { server, host } = Server::start();
    let hosts = [("omero", host.as_str())];
    let mut sandbox = kitchen();
    sandbox.set("OMERO_PASSWORD", "pw");
    cook(&sandbox, "array, setup", &hosts).success();
    sandbox.unset("OMERO_PASSWORD");
    let path = sandbox.write("task", recipe("array, task"));
    let children: Vec<_> = (0..8)
        .map(|task| {
            let mut command = sandbox.command([&path]);
            command.env("SLURM_ARRAY_TASK_ID", task.to_string());
            command.spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let first = sandbox.read("home/groups.0.csv");
    assert!(first.contains("read-annotate-2"), "{first}");
    for task in 1..8 {
        assert_eq!(sandbox.read(format!("home/groups.{task}.csv")), first);
    }
    assert_eq!(server.sessions().len(), 1);
    cook(&sandbox, "array, end", &hosts).success();
    assert!(server.sessions().is_empty());
}

#[test]
fn a_pipeline_leaves_nothing_behind() {
    let Server { server, host } = Server::start();
    let hosts = [("omero", host.as_str())];
    let mut sandbox = kitchen();
    sandbox.set("OMERO_PASSWORD", "pw");
    sandbox.set("OMERO_FINGERPRINT", server.fingerprint());
    let output = cook(&sandbox, "pipeline", &hosts).expect_code(0);
    let shown = output.stdout.contains("\"name\": \"read-annotate-2\"");
    assert!(shown, "{output:?}");
    assert!(server.sessions().is_empty());
    assert_eq!(sandbox.tree("tmp").len(), 0);
    sandbox.set("OMERO_FINGERPRINT", "ab".repeat(32));
    let output = cook(&sandbox, "pipeline", &hosts);
    assert_ne!(output.code, 0, "{output:?}");
    // The login, the script and the end joined it; after the refusal there was nothing.
    assert_eq!(server.events().count("createSession"), 3);
}

#[test]
fn three_servers_are_walked_with_one_connection_each() {
    let mut sandbox = kitchen();
    sandbox.set("OMERO_PASSWORD", "pw");
    let servers = [Server::start(), Server::start(), Server::start()];
    for server in &servers {
        let line = format!("omero login -q test@{}", server.host);
        sandbox.run(["-c", &line]).success();
    }
    sandbox.unset("OMERO_PASSWORD");
    for (name, file, lists) in [
        ("three servers", "groups.txt", [1, 1, 1]),
        ("three servers, in turns", "turns.txt", [1, 2, 1]),
    ] {
        let count = |server: &Server| server.server.events().connections;
        let before: Vec<u64> = servers.iter().map(count).collect();
        servers.iter().for_each(|s| s.server.forget_events());
        let names = ["one", "two", "three"].into_iter();
        let hosts: Vec<_> = names.zip(servers.iter().map(|s| s.host.as_str())).collect();
        cook(&sandbox, name, &hosts).success();
        let result = sandbox.read(format!("home/{file}"));
        assert!(result.contains("read-annotate-2"), "{result}");
        for ((server, before), lists) in servers.iter().zip(before).zip(lists) {
            assert_eq!(count(server) - before, 1, "{name}");
            assert_eq!(
                server.server.events().count("lookupGroups"),
                lists,
                "{name}"
            );
        }
    }
}

/// The members that `docs/json.md` gives a command without options.
fn documented(command: &str) -> BTreeSet<String> {
    let page = fs::read_to_string(root().join("docs/json.md")).unwrap();
    let mark = format!("`{command}`");
    let mut rows = page.lines().filter(|line| line.starts_with("| `"));
    let row = rows
        .find(|line| line.split(" | ").next().unwrap().contains(&mark))
        .unwrap();
    let members = row.split(" | ").nth(1).unwrap();
    let plain = members.split("with `--").next().unwrap();
    let quoted = plain.split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

#[test]
fn the_documented_names_are_those_of_the_results() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    for command in [
        "sessions list",
        "sessions who",
        "sessions server list",
        "group list",
        "group info",
        "group listusers",
        "sessions key",
        "sessions file",
        "sessions group",
        "sessions timeout",
        "version",
    ] {
        let text = stage.run(&format!("{command} --style json")).success();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let row = value.as_array().map_or(&value, |rows| &rows[0]);
        let names: BTreeSet<String> = row.as_object().unwrap().keys().cloned().collect();
        let documented = documented(command);
        // Servers tell more or less of who is logged in.
        let same = names == documented || command == "sessions who";
        assert!(same && documented.is_subset(&names), "{command}: {text}");
    }
    let cleared = stage.run("sessions clear --style json").success();
    assert_eq!(cleared, "{\"cleared\": 1}\n");
    let key = stage.run("sessions key --style json").success();
    assert_eq!(key, "{\"key\": null}\n");
    assert_eq!(stage.run("sessions key").success(), "");
}
