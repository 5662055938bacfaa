//! Every transcript of the document that this program was asked for with, in its order. Output is
//! compared to the letter, with names for keys, times and the server's address.
//!
//! Where the document contradicts itself or the protocol, the test says which reading holds.

use crate::stage::{SERVER, Stage, seed_people};

/// The report line of a fresh session.
fn created(user: &str, group: &str, key: &str) -> String {
    format!(
        "Created session {key} ({user}@{SERVER}:4064). Idle timeout: 10.0 min. Current group: {group}\n"
    )
}

#[test]
fn sessions_has_help() {
    let output = Stage::new().run("sessions -h").expect_code(0);
    for word in ["login", "logout", "list", "file", "key", "group"] {
        assert!(
            output.stdout.contains(&format!("\n  {word} ")),
            "{output:?}"
        );
    }
}

#[test]
fn login_asks_for_what_is_missing() {
    let mut stage = Stage::new();
    stage.log_in("root", "omero");
    stage.run("logout").success();
    let mut terminal = stage.terminal("login");
    // The document shows the port in the first line; the prompt follows it.
    let host = stage.host.clone();
    terminal.expect(&format!("Previously logged in to {host}:4064 as root\n"));
    terminal.expect(&format!("Server: [{host}:4064]"));
    terminal.send("");
    terminal.expect("Username: [root]");
    terminal.send("");
    terminal.expect("Password:");
    terminal.secret("omero");
    let ended = terminal.finish();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert_eq!(
        stage.show(&ended.screen),
        format!(
            "Previously logged in to {SERVER}:4064 as root\n\
             Server: [{SERVER}:4064]\n\
             Username: [root]\n\
             Password:\n{}",
            created("root", "system", "{UUID1}")
        )
    );
}

#[test]
fn the_very_first_login_proposes_localhost_and_the_local_user() {
    let stage = Stage::with(seed_people());
    let mut terminal = stage.terminal("login");
    terminal.expect("Server: [localhost:4064]");
    terminal.send(&stage.host);
    terminal.expect("Username: [localuser]");
    terminal.send("username");
    terminal.expect("Password:");
    terminal.secret("secret");
    terminal.expect("Created session");
    assert_eq!(terminal.finish().code, 0);
}

/// A login that asks for the password only, and what the screen shows of it.
fn login_with_password(line: &str, prompt: &str, password: &str) -> String {
    let mut stage = Stage::with(seed_people());
    let mut terminal = stage.terminal(line);
    terminal.expect(prompt);
    terminal.secret(password);
    let ended = terminal.finish();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    stage.show(&ended.screen)
}

#[test]
fn a_connection_string_leaves_the_password() {
    assert_eq!(
        login_with_password("login username@servername", "Password:", "secret"),
        format!("Password:\n{}", created("username", "my_group", "{UUID1}"))
    );
    assert_eq!(
        login_with_password("login username@servername:4064", "Password:", "secret"),
        format!("Password:\n{}", created("username", "my_group", "{UUID1}"))
    );
}

#[test]
fn the_server_option_leaves_user_and_password() {
    let mut stage = Stage::with(seed_people());
    stage.sandbox.set("LOGNAME", "username");
    let mut terminal = stage.terminal("login -s servername");
    terminal.expect("Username: [username]");
    terminal.send("");
    terminal.expect("Password:");
    terminal.secret("secret");
    let ended = terminal.finish();
    assert_eq!(
        stage.show(&ended.screen),
        format!(
            "Username: [username]\nPassword:\n{}",
            created("username", "my_group", "{UUID1}")
        )
    );
}

#[test]
fn server_user_and_port_options_leave_the_password() {
    for line in [
        "login -u username -s servername",
        "login -u username -s servername -p 4064",
        "-u username -s servername login",
    ] {
        assert_eq!(
            login_with_password(line, "Password:", "secret"),
            format!("Password:\n{}", created("username", "my_group", "{UUID1}")),
            "{line}"
        );
    }
}

#[test]
fn the_group_option_chooses_the_group() {
    assert_eq!(
        login_with_password(
            "login -u username -s servername -g groupname",
            "Password:",
            "secret"
        ),
        format!("Password:\n{}", created("username", "groupname", "{UUID1}"))
    );
}

#[test]
fn a_key_joins_with_a_server_alone() {
    let mut stage = Stage::new();
    stage.log_in("root", "omero");
    let key = stage.run("sessions key").success();
    let output = stage
        .run(&format!("login servername -k {key}"))
        .expect_code(0);
    assert_eq!(output.stdout, "");
    // The document's line ends after the address; this one goes on as the one for `Created` does.
    assert_eq!(
        stage.show(&output.stderr),
        format!(
            "Joined session {{UUID1}} (root@{SERVER}:4064). Idle timeout: 10.0 min. Current group: system\n"
        )
    );
}

#[test]
fn the_password_may_come_from_an_option_or_the_environment() {
    let mut stage = Stage::new();
    stage.sandbox.set("OMERO_PASSWORD", "omero");
    let output = stage.run("login root@servername").expect_code(0);
    assert_eq!(
        stage.show(&output.stderr),
        created("root", "system", "{UUID1}")
    );
    // The variable is ignored with -w.
    stage.sandbox.set("OMERO_PASSWORD", "wrong");
    let output = stage
        .run("login -C root@servername -w omero")
        .expect_code(0);
    assert_eq!(
        stage.show(&output.stderr),
        created("root", "system", "{UUID2}")
    );
}

#[test]
fn sudo_opens_a_session_for_another_user() {
    for (sudo, password) in [("root", "rootsecret"), ("owner", "ownersecret")] {
        let line = format!("login --sudo {sudo} -s servername -u username -g groupname");
        assert_eq!(
            login_with_password(&line, &format!("Password for {sudo}:"), password),
            format!(
                "Password for {sudo}:\n{}",
                created("username", "groupname", "{UUID1}")
            )
        );
    }
}

#[test]
fn sessions_are_listed_and_switched_by_key() {
    let stage = Stage::new();
    let first = stage.server.now();
    stage.log_in("root", "omero");
    let root = stage.run("sessions key").success();
    stage.server.advance(std::time::Duration::from_secs(7));
    assert!(stage.server.now() > first);
    stage.log_in("test", "pw");
    let test = stage.run("sessions key").success();

    // The document shows the listing after root has become the current session again.
    let back = format!("sessions login -k {} servername", root.trim());
    assert_eq!(stage.run(&back).code, 0);
    let listing = stage.run("sessions list").success();
    let (root, test) = (root.trim(), test.trim());
    assert_eq!(
        table(&listing, &stage.host, &[test, root]),
        [
            [SERVER, "test", "read-annotate-2", "KEY0", "True", "TIME"],
            [SERVER, "root", "system", "KEY1", "Logged in", "TIME"],
        ]
    );

    let mut terminal = stage.terminal(&format!("sessions login -k {test}"));
    // The document leaves the port out of this prompt but shows it in every other one.
    terminal.expect(&format!("Server: [{}:4064]", stage.host));
    terminal.send("");
    let ended = terminal.finish();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    // The document names another key than the one it was given: a slip.
    assert!(
        ended
            .screen
            .contains(&format!("Joined session {test} (test@")),
        "{}",
        ended.screen
    );

    let listing = stage.run("sessions list").success();
    assert_eq!(
        table(&listing, &stage.host, &[test, root]),
        [
            [
                SERVER,
                "test",
                "read-annotate-2",
                "KEY0",
                "Logged in",
                "TIME"
            ],
            [SERVER, "root", "system", "KEY1", "True", "TIME"],
        ]
    );
}

#[test]
fn the_table_is_drawn_to_the_letter() {
    let mut stage = Stage::new();
    stage.log_in("root", "omero");
    let host = stage.host.clone();
    let width = host.len();
    let listing = stage.run("sessions list").success();
    let mut lines = listing.lines();
    let key = "-".repeat(36);
    assert_eq!(
        lines.next().unwrap().trim_end(),
        format!(
            " {:width$} | User | Group  | {:36} | Active    | Started",
            "Server", "Session"
        )
    );
    assert_eq!(
        lines.next().unwrap(),
        format!(
            "{}+------+--------+-{key}-+-----------+{}",
            "-".repeat(width + 2),
            "-".repeat(26)
        )
    );
    let row = lines.next().unwrap().to_owned();
    assert_eq!(
        stage.show(&row).trim_end(),
        format!(" {SERVER} | root | system | {{UUID1}} | Logged in | {{TIME}}")
    );
    assert_eq!(lines.next(), Some("(1 row)"));
    assert_eq!(lines.next(), None);
}

#[test]
fn the_session_file_is_where_the_environment_says() {
    for (variable, directory, expected) in [
        // Nothing set: below the home directory.
        (None, "", "home/omero/sessions"),
        (
            Some("OMERO_USERDIR"),
            "omero_dir",
            "omero_dir/omero/sessions",
        ),
        (Some("OMERO_SESSIONDIR"), "my_sessions", "my_sessions"),
        // Deprecated, with a warning.
        (Some("OMERO_SESSION_DIR"), "old", "old/omero/sessions"),
    ] {
        let mut stage = Stage::new();
        if let Some(variable) = variable {
            let path = stage.sandbox.path(directory);
            stage.sandbox.set(variable, path);
        }
        let login = stage
            .run("login root@servername:4064 -w omero")
            .expect_code(0);
        assert_eq!(login.stdout, "");
        let warned = login
            .stderr
            .contains("omero: warning: OMERO_SESSION_DIR is deprecated");
        assert_eq!(warned, variable == Some("OMERO_SESSION_DIR"), "{login:?}");
        assert_eq!(
            stage.show(&login.stderr),
            created("root", "system", "{UUID1}")
        );

        let file = stage.run("sessions file").success();
        let key = stage.run("sessions key").success();
        let path = stage
            .sandbox
            .path(expected)
            .join(&stage.host)
            .join("root")
            .join(key.trim());
        assert_eq!(file.trim_end(), path.to_string_lossy());
        assert!(path.is_file());

        let output = stage.run("logout").expect_code(0);
        assert_eq!(
            (output.stdout.as_str(), stage.show(&output.stderr).as_str()),
            ("", "")
        );
        assert!(!path.exists());
        assert!(stage.server.sessions().is_empty());
    }
}

#[test]
fn the_group_is_listed_and_switched_by_id_or_name() {
    let mut stage = Stage::new();
    stage.log_in("root", "omero");
    let groups = stage.run("group list").success();
    assert!(
        groups.contains("\n 3  | read-annotate-2 | rwra-- |"),
        "{groups}"
    );
    let output = stage.run("sessions group 2").expect_code(0);
    assert_eq!(
        output.stdout,
        "Group 'system' (id=0) switched to 'guest' (id=2)\n"
    );
    let output = stage.run("sessions group my_group").expect_code(0);
    assert_eq!(
        output.stdout,
        "Group 'guest' (id=2) switched to 'my_group' (id=5)\n"
    );
    assert_eq!(
        stage.run("sessions group").success(),
        "ExperimenterGroup:5\n"
    );
    let output = stage.run("sessions group 5").expect_code(0);
    assert_eq!(output.stdout, "");
    assert!(
        stage
            .show(&output.stderr)
            .ends_with("Group 'my_group' (id=5) is already active\n")
    );
}

/// The cells of a table, with names for the server, the keys and times.
fn table(text: &str, host: &str, keys: &[&str]) -> Vec<[String; 6]> {
    let rows = text.lines().skip(2).filter(|line| line.contains('|'));
    let rows: Vec<[String; 6]> = rows
        .map(|line| {
            let cells: Vec<String> = line.split('|').map(|cell| cell.trim().to_owned()).collect();
            let mut cells: [String; 6] = cells.try_into().unwrap();
            cells[0] = cells[0].replace(host, SERVER);
            for (number, key) in keys.iter().enumerate() {
                cells[3] = cells[3].replace(key, &format!("KEY{number}"));
            }
            assert!(jiff_time(&cells[5]), "{}", cells[5]);
            cells[5] = "TIME".to_owned();
            cells
        })
        .collect();
    let plural = if rows.len() == 1 { "row" } else { "rows" };
    assert!(
        text.ends_with(&format!("({} {plural})\n", rows.len())),
        "{text}"
    );
    rows
}

/// Whether a text looks like `Fri Nov 23 14:55:25 2012`.
fn jiff_time(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.len() == 5 && words[3].len() == 8 && words[4].parse::<u16>().is_ok()
}
