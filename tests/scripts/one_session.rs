//! One session for many commands, and what the words about sessions do inside a script.

use crate::stage::{Server, Stage};

#[test]
fn two_hundred_lines_of_three_plugins_share_one_connection() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let lines = [
        "group list --style csv\n",
        "hql --style csv 'select g from ExperimenterGroup g'\n",
        "sessions group\n",
        "group info --style plain\n",
    ];
    let script: String = lines.iter().cycle().take(200).copied().collect();
    let output = stage.load(&script).expect_code(0);
    let events = stage.server.events();
    assert_eq!(stage.connections(), 1);
    assert_eq!(events.count("createSession"), 1);
    let answers = output.stdout.matches("ExperimenterGroup:0\n").count();
    assert_eq!(answers, 50);
    // The one connection is reported once.
    assert_eq!(
        output.stderr.matches("Using session").count(),
        1,
        "{output:?}"
    );
    assert_eq!(output.stderr.lines().count(), 1, "{output:?}");
}

#[test]
fn a_further_command_costs_its_own_round_trips() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let calls = |script: &str| {
        stage.server.forget_events();
        stage.load(script).success();
        let operations = stage.server.events();
        let operations = operations.operations();
        let own = ["destroySession"];
        operations
            .into_iter()
            .filter(|operation| !own.contains(operation))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let once = calls("group list\n");
    let twice = calls("group list\ngroup list\n");
    assert_eq!(twice[..once.len()], once[..]);
    assert_eq!(twice[once.len()..], ["lookupGroups"]);
    let twice = calls("group list\nsessions group\n");
    assert_eq!(twice[once.len()..], ["getEventContext"]);
}

#[test]
fn a_new_session_or_another_user_is_for_one_line() {
    let stage = Stage::new();
    let key = stage.log_in("root", "omero");
    let output = stage
        .load(
            "sessions group\n\
             -C sessions group -s HOST -u root -w omero\n\
             sessions group -s HOST -u test --sudo root -w omero\n\
             sessions group\n\
             sessions key\n",
        )
        .expect_code(0);
    let groups =
        "ExperimenterGroup:0\nExperimenterGroup:0\nExperimenterGroup:3\nExperimenterGroup:0\n";
    assert_eq!(output.stdout, format!("{groups}{key}\n"));
    assert_eq!(
        output.stderr.matches("Created session").count(),
        2,
        "{output:?}"
    );
}

#[test]
fn a_login_is_for_the_lines_after_it() {
    let stage = Stage::new();
    let output = stage.load(
        "login root@HOST -w omero\n\
         sessions group\n\
         login test@HOST -w pw\n\
         sessions group\n\
         group info --style plain\n",
    );
    let output = output.expect_code(0);
    assert_eq!(
        output.stdout,
        "ExperimenterGroup:0\nExperimenterGroup:3\n3,read-annotate-2,rwra--,False,1,1\n"
    );
    assert_eq!(output.stderr.matches("Created session").count(), 2);
    assert_eq!(stage.connections(), 2);
}

#[test]
fn a_second_login_reports_the_same_connection() {
    let stage = Stage::new();
    let output = stage.load("login root@HOST -w omero\nlogin\nlogin root@HOST\nsessions group\n");
    let output = output.expect_code(0);
    assert_eq!(output.stderr.matches("Created session").count(), 1);
    assert_eq!(
        output.stderr.matches("Using session").count(),
        2,
        "{output:?}"
    );
    assert_eq!(stage.connections(), 1);
}

#[test]
fn options_hold_for_their_own_line() {
    let stage = Stage::new();
    stage.log_in("test", "pw");
    let root = stage.log_in("root", "omero");
    let key = stage.run("sessions key").success();
    assert_eq!(key.trim(), root);
    let output = stage.load(
        "sessions group\n\
         sessions group -s HOST -u test\n\
         -u test -s HOST group info --style plain\n\
         sessions group\n\
         sessions key\n",
    );
    let output = output.expect_code(0);
    assert_eq!(
        output.stdout,
        format!(
            "ExperimenterGroup:0\nExperimenterGroup:3\n3,read-annotate-2,rwra--,False,1,1\n\
             ExperimenterGroup:0\n{root}\n"
        )
    );
    assert_eq!(stage.connections(), 2);
}

#[test]
fn another_group_is_another_session() {
    let stage = Stage::new();
    let output = stage.load(
        "login root@HOST -w omero\n\
         sessions group\n\
         sessions group -s HOST -u root -g guest -w omero\n\
         sessions group -s HOST -u root -g guest\n\
         sessions group\n",
    );
    let output = output.expect_code(0);
    let groups: Vec<&str> = output
        .stdout
        .lines()
        .filter(|l| l.starts_with('E'))
        .collect();
    assert_eq!(
        groups,
        [
            "ExperimenterGroup:0",
            "ExperimenterGroup:2",
            "ExperimenterGroup:2",
            "ExperimenterGroup:0"
        ]
    );
    assert_eq!(stage.server.sessions().len(), 2);
    assert_eq!(stage.connections(), 2);
}

#[test]
fn a_key_joins_for_its_line_or_with_login_for_all() {
    let stage = Stage::new();
    let root = stage.log_in("root", "omero");
    let test = stage.log_in("test", "pw");
    // Not stored here any more, as if it came from elsewhere.
    let file = stage.sandbox.path("home/omero/sessions").join(&stage.host);
    std::fs::remove_file(file.join("root").join(&root)).unwrap();
    let output = stage
        .load(&format!(
            "sessions group\nsessions group -s HOST -k {root}\nsessions group\n\
             login HOST -k {root}\nsessions group\nsessions key\n"
        ))
        .expect_code(0);
    assert_eq!(
        output.stdout,
        format!(
            "ExperimenterGroup:3\nExperimenterGroup:0\nExperimenterGroup:3\n\
             ExperimenterGroup:0\n{root}\n"
        )
    );
    assert_eq!(stage.connections(), 2);
    // The first line stored the key, and joining a stored key makes it current for everybody.
    assert_ne!(root, test);
    assert_eq!(stage.run("sessions key").success().trim(), root);
}

#[test]
fn a_switched_group_is_the_group_from_then_on() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let output =
        stage.load("group info --style plain\nsessions group guest\nsessions group\nlogin\n");
    let output = output.expect_code(0);
    assert_eq!(
        output.stdout,
        "0,system,rw----,False,1,0\n\
         Group 'system' (id=0) switched to 'guest' (id=2)\n\
         ExperimenterGroup:2\n"
    );
    assert!(
        output.stderr.ends_with("Current group: guest\n"),
        "{output:?}"
    );
    assert_eq!(stage.connections(), 1);
}

#[test]
fn after_logout_there_is_no_session() {
    let stage = Stage::new();
    let key = stage.log_in("root", "omero");
    let output = stage.load("sessions group\nlogout\nsessions key\nsessions group\nversion\n");
    assert_eq!(output.code, 564 - 512, "{output:?}");
    assert_eq!(
        output.stdout.lines().next(),
        Some("ExperimenterGroup:0"),
        "{output:?}"
    );
    assert!(!output.stdout.contains(&key));
    assert!(stage.server.sessions().is_empty());
    assert_eq!(stage.connections(), 1);
    // And a login begins anew.
    let output =
        stage.load("login root@HOST -w omero\nlogout\nlogin root@HOST -w omero\nsessions group\n");
    assert_eq!(
        output.expect_code(0).stdout.lines().last(),
        Some("ExperimenterGroup:0")
    );
    assert_eq!(stage.server.sessions().len(), 1);
}

#[test]
fn clearing_ends_what_the_script_works_on() {
    let stage = Stage::new();
    stage.log_in("root", "omero");
    let output =
        stage.load("sessions group\nsessions clear\nsessions key\nsessions list --style csv\n");
    assert_eq!(
        output.expect_code(0).stdout,
        "ExperimenterGroup:0\n1 session(s) cleared\nServer,User,Group,Session,Active,Started\n"
    );
    assert_eq!(stage.connections(), 1);
}

#[test]
fn login_options_before_load_log_in_first() {
    let stage = Stage::new();
    stage.sandbox.write("s", "sessions group\nsessions group\n");
    let output = stage.run("-s HOST -u test -w pw load s").expect_code(0);
    assert_eq!(output.stdout, "ExperimenterGroup:3\nExperimenterGroup:3\n");
    assert_eq!(stage.connections(), 1);
    let output = stage.run("-C -s HOST -u test -w wrong load s");
    assert_ne!(output.code, 0);
    assert_eq!(output.stdout, "");
    let key = stage.run("sessions key").success();
    let line = format!("-q -s HOST -k {} -e sessions\u{a0}group", key.trim());
    let arguments: Vec<String> = line
        .split(' ')
        .map(|word| word.replace("HOST", &stage.host).replace('\u{a0}', " "))
        .collect();
    let output = stage.sandbox.run(arguments).expect_code(0);
    assert_eq!(output.stdout, "ExperimenterGroup:3\n");
    assert_eq!(output.stderr, "");
}

#[test]
fn what_others_do_to_the_store_is_not_the_scripts_business() {
    let stage = Stage::new();
    stage.log_in("test", "pw");
    let root = stage.log_in("root", "omero");
    let (read, write) = std::io::pipe().unwrap();
    let mut command = stage.sandbox.command(["load"]);
    command
        .stdin(read)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut answer = |line: &str| {
        use std::io::{BufRead, Write};
        (&write).write_all(line.as_bytes()).unwrap();
        let mut text = String::new();
        out.read_line(&mut text).unwrap();
        text
    };
    assert_eq!(answer("sessions group\n"), "ExperimenterGroup:0\n");
    // Meanwhile somebody else makes another session the current one.
    stage.run("login test@HOST").success();
    assert_eq!(answer("sessions group\n"), "ExperimenterGroup:0\n");
    assert_eq!(answer("sessions key\n").trim(), root);
    // A session that was ended on the server is noticed.
    stage.server.end_session(&root);
    assert_ne!(answer("sessions group\n"), "ExperimenterGroup:0\n");
    drop(write);
    child.wait().unwrap();
}

#[test]
fn a_script_walks_three_servers() {
    let stage = Stage::new();
    let others = [Server::start(), Server::start()];
    let hosts = [&stage.host, &others[0].host, &others[1].host];
    let mut script = String::new();
    for host in hosts {
        script += &format!("login root@{host} -w omero\n");
    }
    for _ in 0..3 {
        for host in hosts {
            script += &format!("group list -s {host} -u root --style csv\n");
        }
    }
    stage.load(&script).success();
    for server in [&stage.server, &others[0].server, &others[1].server] {
        assert_eq!(server.events().connections, 1);
        assert_eq!(server.events().count("lookupGroups"), 3);
    }
}
