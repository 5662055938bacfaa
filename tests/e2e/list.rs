//! The listing: its styles, its times, and how it deals with hundreds of stored sessions.

use std::{fmt::Write as _, time::Duration};

use omero_tests::server::{Config, Fault, PresetSession};

use crate::stage::Stage;

/// 2012-11-23 14:55:25 UTC, the time in OMERO's documentation.
const START: i64 = 1_353_682_525_000;

/// A server with so many sessions of root, each a second older than the one before, all of them
/// stored.
fn crowd(count: usize) -> Stage {
    let mut config = Config::standard();
    config.start_time = Some(START);
    for number in 0..count {
        let key = format!("00000000-0000-4000-8000-{number:012}");
        let mut session = PresetSession::new(&key, "root", "system");
        session.started = Some(START - 1000 * i64::try_from(number).unwrap());
        config.sessions.push(session);
    }
    let stage = Stage::with(config.clone());
    for session in &config.sessions {
        let (host, key) = (&stage.host, &session.uuid);
        let file = format!("omero.host={host}\nomero.user=root\nomero.sess={key}\n");
        stage
            .sandbox
            .write(format!("home/omero/sessions/{host}/root/{key}"), file);
    }
    stage
}

#[test]
fn every_style_shows_the_same() {
    let mut stage = crowd(2);
    let host = stage.host.clone();
    let keys = [
        "00000000-0000-4000-8000-000000000000",
        "00000000-0000-4000-8000-000000000001",
    ];
    stage
        .run(&format!("login servername -k {}", keys[1]))
        .expect_code(0)
        .success();
    let times = ["Fri Nov 23 14:55:25 2012", "Fri Nov 23 14:55:24 2012"];
    let csv = format!(
        "Server,User,Group,Session,Active,Started\n\
         {host},root,system,{},True,{}\n{host},root,system,{},Logged in,{}\n",
        keys[0], times[0], keys[1], times[1]
    );
    assert_eq!(stage.run("sessions list --style csv").success(), csv);
    let (_, plain) = csv.split_once('\n').unwrap();
    assert_eq!(stage.run("sessions list --style plain").success(), plain);
    let sql = stage.run("sessions list --style sql").success();
    assert_eq!(sql, stage.run("sessions list").success());
    assert!(
        sql.contains(times[0]) && sql.ends_with("(2 rows)\n"),
        "{sql}"
    );

    // For machines: ISO 8601, with the local offset.
    let json = |stage: &Stage| {
        let text = stage.run("sessions list --style=json").success();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let rows = json(&stage);
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert_eq!(rows[0]["Started"], "2012-11-23T14:55:25+00:00");
    assert_eq!(rows[1]["Active"], "Logged in");
    stage.sandbox.set("TZ", "Asia/Kolkata");
    assert_eq!(json(&stage)[1]["Started"], "2012-11-23T20:25:24+05:30");
    stage.sandbox.set("TZ", "UTC");
    stage.stop_server();
    assert_eq!(json(&stage)[0]["Started"], "Unknown");
    assert_eq!(json(&stage)[0]["Active"], "Unreachable");

    for (style, empty) in [
        ("json", "[]\n"),
        ("plain", "\n"),
        ("csv", "Server,User,Group,Session,Active,Started\n"),
    ] {
        let line = format!("sessions list --style {style}");
        assert_eq!(Stage::new().run(&line).success(), empty, "{style}");
    }
    let output = stage.run("sessions list --style xml").expect_code(2);
    assert!(output.stderr.contains("csv"), "{output:?}");
}

#[test]
fn an_empty_listing_has_its_header() {
    let listing = Stage::new().run("sessions list").success();
    let lines: Vec<&str> = listing.lines().map(str::trim_end).collect();
    assert_eq!(
        lines,
        [
            " Server | User | Group | Session | Active | Started",
            "--------+------+-------+---------+--------+---------",
            "(0 rows)"
        ]
    );
}

#[test]
fn what_a_server_calls_its_users_cannot_steer_the_terminal() {
    let mut config = Config::standard();
    config.denial = Some("\u{1b}[2J\u{1b}]0;owned\u{7}denied\nomero: all is well".to_owned());
    let stage = Stage::with(config);
    stage.log_in("root", "omero");
    stage.server.end_session(&stage.key());
    let listing = stage.run("sessions list --no-purge").success();
    assert!(
        !listing.contains('\u{1b}') && !listing.contains('\u{7}'),
        "{listing:?}"
    );
    assert_eq!(listing.lines().count(), 4, "{listing}");
    let output = stage
        .run("login -C root@servername -w wrong")
        .expect_code(44);
    assert!(
        !output.stderr.contains('\u{1b}') && !output.stderr.contains('\u{7}'),
        "{output:?}"
    );
}

#[test]
fn hundreds_of_sessions_are_asked_side_by_side() {
    const COUNT: usize = 300;
    let stage = crowd(COUNT);
    let current = "00000000-0000-4000-8000-000000000042";
    stage
        .run(&format!("login servername -k {current}"))
        .expect_code(0)
        .success();
    stage.server.forget_events();
    let connections = stage.server.events().connections;
    // On a slow line.
    stage
        .server
        .faults()
        .on_every("createSession", Fault::Delay(Duration::from_millis(200)));
    let before = stage.stored();
    let most_open = std::sync::atomic::AtomicU64::new(0);
    let listing = std::thread::scope(|scope| {
        let listing = scope.spawn(|| stage.run("sessions list").success());
        while !listing.is_finished() {
            let open = stage.server.events().open;
            most_open.fetch_max(open, std::sync::atomic::Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(2));
        }
        listing.join().unwrap()
    });
    assert!(listing.ends_with("(300 rows)\n"), "{listing}");
    assert_eq!(listing.matches(" Logged in ").count(), 1);
    assert_eq!(stage.stored(), before);
    let events = stage.server.events();
    // One connection for each, a bounded number of them at a time, and no needless question.
    assert_eq!(events.connections - connections, COUNT as u64);
    let most_open = most_open.into_inner();
    assert!(
        (4..=20).contains(&most_open),
        "{most_open} connections at a time"
    );
    let mut calls = String::new();
    for operation in [
        "createSession",
        "addProxies",
        "getByName",
        "getEventContext",
        "getSession",
        "detachOnDestroy",
        "destroySession",
    ] {
        write!(calls, "{operation} {} ", events.count(operation)).unwrap();
    }
    assert!(
        events.calls.len() <= 8 * COUNT,
        "{} calls: {calls}",
        events.calls.len()
    );
}

#[test]
fn a_server_that_hangs_is_waited_for_once() {
    let stage = crowd(60);
    let before = stage.stored();
    stage.server.faults().on_every_connection(Fault::Silence);
    let listing = stage.run("sessions list").success();
    assert!(listing.ends_with("(60 rows)\n"), "{listing}");
    assert_eq!(
        listing.matches(" said nothing within 5 s").count(),
        60,
        "{listing}"
    );
    // There was one round of sixteen, not four.
    assert!(stage.server.events().connections <= 16);
    assert_eq!(stage.stored(), before);
    // So it is when all are to be ended. What cannot be ended is forgotten, and said.
    stage.server.forget_events();
    let output = stage.run("sessions clear").expect_code(0);
    assert_eq!(output.stdout, "60 session(s) cleared\n");
    assert_eq!(
        output
            .stderr
            .matches("could not be ended on the server")
            .count(),
        60
    );
    let connections = stage.server.events().connections;
    assert!(connections < 60, "{connections}: each was waited for");
    assert!(stage.stored().is_empty());
}

#[test]
fn ctrl_c_ends_a_long_listing() {
    let stage = crowd(40);
    let before = stage.stored();
    stage
        .server
        .faults()
        .on_every("createSession", Fault::NoReply);
    let mut terminal = stage.terminal("sessions list");
    while stage.server.events().count("createSession") < 4 {
        std::thread::sleep(Duration::from_millis(5));
    }
    terminal.interrupt();
    let ended = terminal.finish();
    assert_eq!(ended.code, 130, "{}", ended.screen);
    assert_eq!(stage.stored(), before);
    // That the server is new was said once, however many connections there were.
    assert_eq!(
        ended.screen.matches("trusted on first use").count(),
        1,
        "{}",
        ended.screen
    );
}

#[test]
fn every_command_has_a_page_of_help() {
    let stage = Stage::new();
    let page = stage.run("sessions -h").expect_code(0);
    assert_eq!(page.stderr, "");
    let subcommands = [
        "help",
        "login",
        "logout",
        "group",
        "timeout",
        "list",
        "who",
        "keepalive",
        "clear",
        "file",
        "key",
        "open",
        "close",
        "server",
    ];
    for name in subcommands {
        assert!(
            page.stdout.contains(&format!("\n  {name} ")),
            "{name}: {page:?}"
        );
        for line in [
            format!("sessions {name} -h"),
            format!("sessions {name} --help"),
        ] {
            let page = stage.run(&line).expect_code(0);
            assert_eq!(page.stderr, "", "{line}");
            let usage = format!("sage: omero sessions {name}");
            assert!(page.stdout.contains(&usage), "{line}: {page:?}");
        }
    }
    assert_eq!(stage.run("help sessions").success(), page.stdout);
    assert_eq!(stage.server.events().connections, 0);
    assert!(stage.stored().is_empty());
}

#[test]
fn pages_say_what_there_is_to_know() {
    let stage = Stage::new();
    assert!(
        stage
            .run("login -h")
            .success()
            .contains("[USER@]SERVER[:PORT]")
    );
    assert!(
        stage
            .run("sessions login -h")
            .success()
            .contains("ADMINUSER|GROUPOWNER")
    );
    let extended = stage.run("sessions help").success();
    for word in [
        "OMERO_SESSIONDIR",
        "--sudo=root",
        "-k SESSION_KEY",
        "--no-purge",
    ] {
        assert!(extended.contains(word), "{word}: {extended}");
    }
    let output = stage.run("sessions").expect_code(2);
    assert_eq!(output.stdout, "");
    let output = stage.run("sessions nonsense").expect_code(2);
    assert!(output.stderr.contains("nonsense"), "{output:?}");
}
