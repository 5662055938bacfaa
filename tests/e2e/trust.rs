//! Whom the program talks to: nothing secret goes to a server that is not the one it was.

use std::{fs, os::unix::fs::PermissionsExt};

use omero_tests::{output::Output, server::TlsOptions};

use crate::{
    middle_man::MiddleMan,
    stage::{Stage, seed_people},
};

/// Logs in anew.
fn log_in(stage: &Stage) -> Output {
    stage.run("login -C username@servername -w secret")
}

/// A certificate for the stage's own address, or another.
fn certificate(names: &[&str], expired: bool) -> TlsOptions {
    TlsOptions {
        names: names.iter().map(ToString::to_string).collect(),
        expired,
        ..TlsOptions::default()
    }
}

/// Lets this system's roots be the server's certificate alone.
fn trust_by_roots(stage: &mut Stage) {
    let der = stage.server.certificate_der();
    let text: String = base64(&der);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----\n");
    let path = stage.sandbox.write("roots.pem", pem);
    stage.sandbox.set("SSL_CERT_FILE", path);
}

/// Base64 with a line end after every 64 characters.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for (number, part) in bytes.chunks(3).enumerate() {
        let mut three = [0; 3];
        three[..part.len()].copy_from_slice(part);
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in 0..4 {
            let index = usize::try_from(bits >> (18 - 6 * place) & 63).unwrap();
            text.push(if place <= part.len() {
                char::from(LETTERS[index])
            } else {
                '='
            });
        }
        if number % 16 == 15 {
            text.push('\n');
        }
    }
    text + "\n"
}

#[test]
fn a_new_server_is_shown_once_and_remembered() {
    let mut stage = Stage::with(seed_people());
    let place = format!("{}:4064", stage.host);
    let fingerprint = format!("SHA256:{}", stage.server.fingerprint());
    let notice =
        format!("omero: note: {place} is trusted on first use, its certificate is {fingerprint}\n");
    let output = log_in(&stage).expect_code(0);
    assert!(output.stderr.starts_with(&notice), "{output:?}");
    let output = log_in(&stage).expect_code(0);
    assert_eq!(output.stderr.lines().count(), 1, "{output:?}");
    let file = stage.sandbox.path("home/omero/known_servers.yaml");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.contains(&place) && text.contains(&stage.server.fingerprint()),
        "{text}"
    );

    // The same file whatever the session directory is, but OMERO_USERDIR has its own.
    stage
        .sandbox
        .set("OMERO_SESSIONDIR", stage.sandbox.path("sessions"));
    assert_eq!(log_in(&stage).expect_code(0).stderr.lines().count(), 1);
    stage
        .sandbox
        .set("OMERO_USERDIR", stage.sandbox.path("user"));
    let output = stage
        .run("login -q -C username@servername -w secret")
        .expect_code(0);
    assert_eq!(output.stderr, "");
    assert!(stage.sandbox.path("user/known_servers.yaml").exists());
    assert_eq!(log_in(&stage).expect_code(0).stderr.lines().count(), 1);
}

#[test]
fn a_changed_certificate_is_refused_before_anything_is_sent() {
    let stage = Stage::with(seed_people());
    log_in(&stage).expect_code(0).success();
    let (old, key) = (stage.server.fingerprint(), stage.key());
    stage
        .server
        .replace_certificate(&TlsOptions::default())
        .unwrap();
    let new = stage.server.fingerprint();
    let (before, logins) = (stage.stored(), stage.server.events().logins.len());
    let join = format!("login servername -k {key}");
    for line in [
        "login",
        "login -C username@servername -w secret",
        &join,
        "sessions who",
    ] {
        let output = stage.run(line).expect_code(44);
        for word in [
            &old,
            &new,
            "has changed and nothing was sent",
            "omero sessions server accept",
        ] {
            assert!(output.stderr.contains(word), "{line}: {word}: {output:?}");
        }
        assert_eq!(output.stdout, "", "{line}");
    }
    let listing = stage.run("sessions list").success();
    assert!(
        listing.contains(" Refused: the certificate of "),
        "{listing}"
    );
    assert_eq!(stage.stored(), before);
    assert_eq!(stage.server.events().logins.len(), logins);
    // Who looks away on purpose, gets through.
    let accept = format!("sessions server accept servername {new}");
    let place = format!("{}:4064", stage.host);
    let text = format!("Accepted SHA256:{new} for {place}\n");
    assert_eq!(stage.run(&accept).success(), text);
    let output = stage.run("login").expect_code(0);
    assert!(
        output.stderr.contains(&format!("Using session {key} ")),
        "{output:?}"
    );
}

#[test]
fn a_man_in_the_middle_hears_neither_password_nor_key() {
    for only_tls12 in [false, true] {
        let mut stage = Stage::with(seed_people());
        log_in(&stage).expect_code(0).success();
        let key = stage.key();
        stage.stop_server();
        let spy = MiddleMan::at((stage.address(), 4064).into(), only_tls12);
        let join = format!("login servername -k {key}");
        for line in [
            "login",
            "login -C username@servername -w secret",
            &join,
            "sessions list",
            "group list",
        ] {
            let output = stage.run(line);
            let all = output.stdout + &output.stderr;
            assert!(
                all.contains("has changed and nothing was sent"),
                "{line}: {all}"
            );
        }
        assert!(spy.visits() >= 5);
        assert_eq!(spy.heard(), b"", "not even a name");

        // The test would notice: without verification he hears all.
        stage.sandbox.set("OMERO_TLS_VERIFY", "off");
        assert_eq!(stage.run("login -C username@servername -w secret").code, 44);
        assert!(spy.has_heard("username") && spy.has_heard("secret"));
        // That it may happen is said, also with `-q`.
        let output = stage.run("login -q -C username@servername -w secret");
        let said = output.stderr.lines().filter(|line| {
            line.starts_with("omero: warning: ")
                && line.contains("is not verified, and its certificate is")
        });
        assert_eq!(said.count(), 1, "{output:?}");
        assert!(!spy.has_heard(&key));
        assert_ne!(stage.run("login").code, 0);
        assert!(spy.has_heard(&key));
    }
}

#[test]
fn a_certificate_is_accepted_after_a_look_at_it() {
    let stage = Stage::with(seed_people());
    let place = format!("{}:4064", stage.host);
    let fingerprint = stage.server.fingerprint();
    let empty = stage.run("sessions server list").success();
    assert!(empty.ends_with("(0 rows)\n"), "{empty}");
    // Without a terminal nobody can compare.
    let output = stage
        .run("sessions server accept servername")
        .expect_code(1);
    let shown = format!("{place} shows the certificate SHA256:{fingerprint}\n");
    assert!(
        output.stderr.starts_with(&shown) && output.stderr.contains(" accept "),
        "{output:?}"
    );
    for (answer, code) in [("", 1), ("n", 1), ("N", 1), ("maybe", 1), ("y", 0)] {
        let mut terminal = stage.terminal("sessions server accept servername");
        terminal.expect(&format!("{shown}Accept it? [y/N]"));
        terminal.send(answer);
        let ended = terminal.finish();
        assert_eq!(ended.code, code, "{answer}: {}", ended.screen);
        let last = if code == 0 {
            format!("Accepted SHA256:{fingerprint} for {place}\n")
        } else {
            "Not accepted\n".to_owned()
        };
        assert!(ended.screen.ends_with(&last), "{answer}: {}", ended.screen);
        let list = stage.run("sessions server list").success();
        assert_eq!(list.contains(&fingerprint), code == 0, "{answer}: {list}");
    }
    assert_eq!(
        stage.server.events().calls,
        [],
        "nothing was asked of the server"
    );
    assert_eq!(log_in(&stage).expect_code(0).stderr.lines().count(), 1);
}

#[test]
fn known_servers_are_removed_again() {
    let stage = Stage::with(seed_people());
    let (place, fingerprint) = (format!("{}:4064", stage.host), stage.server.fingerprint());
    stage
        .run(&format!("sessions server accept servername {fingerprint}"))
        .success();
    let json = stage.run("sessions server list --style json").success();
    let rows: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(rows[0]["Server"], place.as_str());
    assert_eq!(rows[0]["Trusted by"], "user");
    assert_eq!(log_in(&stage).expect_code(0).stderr.lines().count(), 1);

    assert_eq!(
        stage.run("sessions server remove servername").success(),
        format!("Removed {place}\n")
    );
    let output = stage
        .run("sessions server remove servername:4064")
        .expect_code(1);
    assert!(
        output.stderr.contains("is not a known server"),
        "{output:?}"
    );
    assert!(log_in(&stage).stderr.contains("is trusted on first use"));
    for (line, code) in [
        ("accept servername 12:34", 2),
        ("accept servername not-a-fingerprint", 2),
        ("accept ::1", 2),
        ("accept servername:4", 1),
        ("accept", 2),
        ("", 2),
    ] {
        let output = stage
            .run(&format!("sessions server {line}"))
            .expect_code(code);
        assert_eq!(output.stdout, "", "{line}");
    }
}

#[test]
fn the_policy_decides_about_unknown_certificates() {
    let mut stage = Stage::with(seed_people());
    stage.sandbox.set("OMERO_TLS_VERIFY", "strict");
    let output = log_in(&stage).expect_code(44);
    let words = [
        "is not trusted and nothing was sent",
        &stage.server.fingerprint(),
        "omero sessions server accept",
    ];
    for word in words {
        assert!(output.stderr.contains(word), "{word}: {output:?}");
    }
    assert_eq!(stage.server.events().logins, []);
    stage.sandbox.set("OMERO_TLS_VERIFY", "off");
    assert_eq!(log_in(&stage).expect_code(0).stderr.lines().count(), 1);
    assert!(!stage.sandbox.path("home/omero/known_servers.yaml").exists());
    stage.sandbox.set("OMERO_TLS_VERIFY", "strict");
    stage
        .run(&format!(
            "sessions server accept servername {}",
            stage.server.fingerprint()
        ))
        .success();
    log_in(&stage).expect_code(0).success();
    for bad in ["yes", "STRICT", "first use"] {
        stage.sandbox.set("OMERO_TLS_VERIFY", bad);
        let output = log_in(&stage).expect_code(2);
        assert!(
            output.stderr.contains("strict") && output.stderr.contains("off"),
            "{output:?}"
        );
    }
    // The configuration says the same, and the environment goes before it.
    stage.sandbox.unset("OMERO_TLS_VERIFY");
    stage.run("sessions server remove servername").success();
    stage
        .sandbox
        .write("home/.config/omero/config.yaml", "tls-verify: strict\n");
    log_in(&stage).expect_code(44).stderr.clear();
    stage.sandbox.set("OMERO_TLS_VERIFY", "first-use");
    log_in(&stage).expect_code(0).success();
}

#[test]
fn roots_vouch_for_a_name_and_a_time() {
    let mut stage = Stage::with(seed_people());
    let host = stage.host.clone();
    for (options, reason) in [
        (certificate(&["omero.example.org"], false), "name"),
        (certificate(&[&host], true), "expired"),
    ] {
        stage.server.replace_certificate(&options).unwrap();
        trust_by_roots(&mut stage);
        stage.sandbox.set("OMERO_TLS_VERIFY", "strict");
        let output = log_in(&stage).expect_code(44);
        assert!(output.stderr.contains(reason), "{reason}: {output:?}");
        assert_eq!(stage.server.events().logins, []);
        // By default it is as good as any unknown one, and is said to be new.
        stage.sandbox.set("OMERO_TLS_VERIFY", "first-use");
        assert!(
            log_in(&stage)
                .expect_code(0)
                .stderr
                .contains("is trusted on first use")
        );
        stage.run("sessions server remove servername").success();
        stage.server.forget_events();
    }
    // Right name, right time: nothing to say, and it may take the place of another one.
    log_in(&stage).expect_code(0).success();
    let old = stage.server.fingerprint();
    stage
        .server
        .replace_certificate(&certificate(&[&host], false))
        .unwrap();
    trust_by_roots(&mut stage);
    let output = log_in(&stage).expect_code(0);
    let notice = format!(
        "roots trust: SHA256:{} instead of SHA256:{old}\n",
        stage.server.fingerprint()
    );
    assert!(output.stderr.contains(&notice), "{output:?}");
    stage.sandbox.set("OMERO_TLS_VERIFY", "strict");
    assert_eq!(log_in(&stage).expect_code(0).stderr.lines().count(), 1);
}
