use super::*;

const KEY: &str = "aaaaaaaa-0000-4000-8000-000000000001";

fn parse(text: &str) -> Properties {
    Properties::parse(text.as_bytes()).unwrap()
}

#[cfg(unix)]
#[test]
fn writes_omero_pys_bytes() {
    let least = Properties::new("localhost", "root", KEY);
    let text = format!("omero.host=localhost\nomero.user=root\nomero.sess={KEY}\n");
    assert_eq!(least.to_bytes().unwrap(), text.as_bytes());

    let all = Properties {
        group: Some("my group".into()),
        port: Some("14064".into()),
        timeout: Some("600".into()),
        sudo: Some("root".into()),
        ..Properties::new("wss://h", "üser", KEY)
    };
    let text = format!(
        "omero.group=my group\nomero.host=wss://h\nomero.user=üser\nomero.port=14064\n\
         omero.timeout=600\nomero.sess={KEY}\nomero.sudo=root\n"
    );
    assert_eq!(all.to_bytes().unwrap(), text.as_bytes());
    assert_eq!(parse(&text), all);
}

#[test]
fn reads_every_kind_of_line_end() {
    for end in ["\n", "\r", "\r\n", "\n\n", "\n\r"] {
        let text = format!("omero.host=h{end}omero.user=u{end}omero.sess=k{end}");
        assert_eq!(parse(&text), Properties::new("h", "u", "k"), "{end:?}");
    }
    assert_eq!(
        parse("omero.host=h").host.as_deref(),
        Some("h"),
        "no end at the end"
    );
}

#[test]
fn splits_at_the_first_equals_sign_and_trims_nothing() {
    let read = parse("omero.host=h=x\nomero.user= u \n omero.group=g\nomero.sudo\nomero.sess=\n");
    assert_eq!(read.host.as_deref(), Some("h=x"));
    assert_eq!(read.user.as_deref(), Some(" u "));
    assert_eq!(read.group, None, "the key has a space before it");
    assert_eq!(read.sudo.as_deref(), Some(""), "no equals sign, no value");
    assert_eq!(read.session.as_deref(), Some(""));
}

#[test]
fn the_last_of_equal_keys_wins() {
    assert_eq!(
        parse("omero.host=a\nomero.host=b\n").host.as_deref(),
        Some("b")
    );
}

#[cfg(unix)]
#[test]
fn keeps_lines_of_others_but_gives_no_access_to_them() {
    let read = parse("garbage\n\nomero.host=h\n=x\nIce.Plugin.Evil=lib\na=b=c\n");
    assert_eq!(
        read,
        Properties {
            others: read.others.clone(),
            ..parse("omero.host=h")
        }
    );
    let text = "omero.host=h\ngarbage=\n=x\nIce.Plugin.Evil=lib\na=b=c\n";
    assert_eq!(String::from_utf8(read.to_bytes().unwrap()).unwrap(), text);
}

#[test]
fn malformed_files_are_values_not_crashes() {
    let table: &[(&[u8], Malformed)] = &[
        (b"", Malformed::NoHost),
        (b"\n\n", Malformed::NoHost),
        (b"omero.host=\n", Malformed::NoHost),
        (b"omero.user=u\n", Malformed::NoHost),
        (b"omero.host=\xff\n", Malformed::NotUtf8),
        (b"\xff\xfeo\0", Malformed::NotUtf8),
        (
            b"omero.host=h\nomero.port=http\n",
            Malformed::NotANumber("omero.port"),
        ),
        (
            b"omero.host=h\nomero.port=65536\n",
            Malformed::NotANumber("omero.port"),
        ),
        (
            b"omero.host=h\nomero.timeout=abc\n",
            Malformed::NotANumber("omero.timeout"),
        ),
        (
            b"omero.host=h\nomero.group=\x1b[2J\n",
            Malformed::Control("omero.group"),
        ),
        (b"omero.host=h\0\n", Malformed::Control("omero.host")),
    ];
    for (bytes, expected) in table {
        assert_eq!(
            Properties::parse(bytes).unwrap_err(),
            *expected,
            "{bytes:?}"
        );
    }
}

#[test]
fn any_bytes_can_be_parsed() {
    // A fixed sequence of pseudo-random bytes, salted with what the format is made of.
    let mut state = 1_u32;
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let random = (state >> 24) as u8;
        match random % 3 {
            0 => b"=\n\romer.hst"[usize::from(random) % 11],
            _ => random,
        }
    };
    for _ in 0..2000 {
        let mut bytes: Vec<u8> = b"omero.host=h\n".to_vec();
        bytes.extend((0..64).map(|_| byte()));
        // What can be read can be written, and means the same when it is read again.
        if let Ok(read) = Properties::parse(&bytes) {
            let again = Properties::parse(&read.to_bytes().unwrap()).unwrap();
            assert_eq!(again, read);
        }
    }
}

#[test]
fn refuses_to_write_what_would_forge_a_line() {
    for value in ["g\nomero.host=evil", "g\r", "\0", "\u{1b}[2J", "\u{85}"] {
        let bad = Properties {
            group: Some(value.into()),
            ..Properties::new("h", "u", "k")
        };
        let error = bad.to_bytes().unwrap_err().to_string();
        assert_eq!(
            error,
            "omero.group cannot be stored: it holds a control character"
        );
    }
}

#[test]
fn debug_does_not_show_the_key() {
    let text = format!(
        "{:?}",
        parse(&format!("omero.host=h\nomero.sess={KEY}\nomero.pass=pw\n"))
    );
    assert!(
        !text.contains("000000000001") && !text.contains("pw"),
        "{text}"
    );
}
