//! Tables of command lines and what becomes of them.

use omero_plugin_api::manifest::Argument;

use super::*;

fn option(short: Option<char>, long: &str, least: usize, most: Option<usize>) -> Argument {
    Argument {
        id: long.to_owned(),
        short,
        long: Some(long.to_owned()),
        min_values: least,
        max_values: most,
        ..Argument::default()
    }
}

/// Splits a line of a plugin without a fallback.
pub(super) fn split(root: &Command, words: Vec<OsString>) -> Result<Split, Error> {
    taken_on(root, words, Taken::default())
}

fn taken_on(root: &Command, words: Vec<OsString>, taken: Taken) -> Result<Split, Error> {
    match command(root, "omero", words, taken, |_, _| Ok(None))? {
        Outcome::Split(split) => Ok(split),
        Outcome::Ran(code) => panic!("ran elsewhere: {code}"),
    }
}

fn named(name: &str) -> Command {
    Command {
        name: name.to_owned(),
        ..Command::default()
    }
}

/// A tree with everything that the walk has to mind.
pub(super) fn tree() -> Command {
    let positional = Argument {
        id: "target".to_owned(),
        ..Argument::default()
    };
    let raw = Argument {
        hyphen_values: true,
        ..option(None, "raw", 1, Some(1))
    };
    Command {
        uses_session: true,
        commands: vec![
            Command {
                uses_session: true,
                aliases: vec!["signin".to_owned()],
                arguments: vec![
                    option(Some('t'), "timeout", 1, Some(1)),
                    option(None, "retry", 0, Some(1)),
                    option(Some('x'), "extra", 0, Some(0)),
                    option(None, "pair", 2, Some(2)),
                    option(None, "many", 1, None),
                    raw,
                    positional,
                ],
                ..named("login")
            },
            Command {
                arguments: vec![option(None, "no-purge", 0, Some(0))],
                ..named("list")
            },
            Command {
                arguments: vec![
                    option(Some('k'), "keep-going", 0, Some(0)),
                    option(Some('g'), "glob", 0, Some(0)),
                ],
                uses_session: true,
                ..named("load")
            },
        ],
        ..named("sessions")
    }
}

/// What was taken out and what was kept, as two lines of text.
fn run(line: &str) -> Result<(String, String), Error> {
    let words = line.split_whitespace().map(OsString::from).collect();
    let split = match top(words, Taken::default())? {
        Top::Command { taken, rest, .. } => taken_on(&tree(), rest, taken)?,
        other => return Ok((format!("{other:?}"), String::new())),
    };
    let mut taken: Vec<String> = split
        .taken
        .login
        .iter()
        .map(|o| match o.value.expose() {
            "" => o.name.to_string(),
            value => format!("{}={value}", o.name),
        })
        .collect();
    taken.extend(split.taken.debug.map(|d| format!("debug={d}")));
    taken.extend(
        split
            .taken
            .paths
            .iter()
            .map(|p| format!("path={}", p.display())),
    );
    if split.help {
        taken.push(format!("help:{}", split.path.join("/")));
    }
    Ok((taken.join(" "), split.arguments.join(" ")))
}

/// A command line, what is taken out of it, and what the plugin gets.
const LINES: &[(&str, &str, &str)] = &[
    // Where login options stand.
    ("-s h -u me sessions login", "server=h user=me", "login"),
    ("sessions -s h login -u me", "server=h user=me", "login"),
    ("sessions login h -s x", "server=x", "login h"),
    ("-s x sessions login -s y", "server=y", "login"),
    ("sessions list -s h", "", "list -s h"),
    (
        "sessions -s h list --no-purge",
        "server=h",
        "list --no-purge",
    ),
    ("sessions signin -q", "quiet", "signin"),
    // How values are written.
    ("sessions login -shost", "server=host", "login"),
    ("sessions login -s=host", "server=host", "login"),
    ("sessions login --server=host", "server=host", "login"),
    ("sessions login --serv host", "server=host", "login"),
    ("sessions login --pass=-secret", "password=-secret", "login"),
    ("sessions login -w-secret", "password=-secret", "login"),
    ("sessions login -w -5", "password=-5", "login"),
    ("sessions login -w -.5", "password=-.5", "login"),
    ("sessions login -w -", "password=-", "login"),
    ("sessions login --server=", "server", "login"),
    ("--sudo root sessions login", "sudo=root", "login"),
    // Clusters.
    ("sessions login -qC", "create quiet", "login"),
    ("sessions login -C -q", "create quiet", "login"),
    (
        "sessions login -qCshost",
        "create server=host quiet",
        "login",
    ),
    ("sessions login -qx", "quiet", "login -x"),
    ("sessions login -xqt5", "quiet", "login -xt5"),
    ("sessions login -xs h", "server=h", "login -x"),
    ("sessions login -q?s", "quiet", "login -?s"),
    // Values of the plugin's own options.
    ("sessions login -t 5", "", "login -t 5"),
    (
        "sessions login --timeout -5 -q",
        "quiet",
        "login --timeout -5",
    ),
    (
        "sessions login --timeout login -q",
        "quiet",
        "login --timeout login",
    ),
    ("sessions login --retry -q", "quiet", "login --retry"),
    ("sessions login --retry 3 -q", "quiet", "login --retry 3"),
    ("sessions login --retry=3 h", "", "login --retry=3 h"),
    ("sessions login --pair -q a b", "quiet", "login --pair a b"),
    (
        "sessions login --many a b c -q",
        "quiet",
        "login --many a b c",
    ),
    ("sessions login --raw -s h", "", "login --raw -s h"),
    ("sessions login --raw=-s -s h", "server=h", "login --raw=-s"),
    // The plugin's own option of the same name wins.
    ("sessions load -k -g f", "", "load -k -g f"),
    ("sessions load --key K -k", "key=K", "load -k"),
    ("-k K sessions load -k", "key=K", "load -k"),
    // The end of options, and what only the plugin may know.
    ("sessions login -- -s h", "", "login -- -s h"),
    ("-- sessions login -s h", "server=h", "login"),
    ("sessions login --bogus -s h", "server=h", "login --bogus"),
    ("sessions login -5", "", "login -5"),
    // Help, at its place.
    ("sessions -h", "help:", ""),
    ("sessions login -h -s", "help:login", ""),
    ("sessions login --he", "help:login", ""),
    ("sessions -qh login", "quiet help:", ""),
    // The host's own.
    ("-d1 sessions list", "debug=1", "list"),
    ("--deb 1 sessions list", "debug=1", "list"),
    ("sessions list -d 1", "", "list -d 1"),
    ("sessions --path P list", "path=P", "list"),
    ("--path=P --path Q sessions list", "path=P path=Q", "list"),
    ("sessions list -- --path P", "", "list -- --path P"),
];

#[test]
fn options_go_to_their_owners() {
    for (line, taken, kept) in LINES {
        let (got_taken, got_kept) = run(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        assert_eq!(
            (got_taken.as_str(), got_kept.as_str()),
            (*taken, *kept),
            "{line}"
        );
    }
}

#[test]
fn wrong_lines_say_what_is_wrong() {
    for (line, sentence) in [
        (
            "--s h login",
            "ambiguous option: --s could match --server, --sudo",
        ),
        (
            "sessions login --p 1",
            "ambiguous option: --p could match --pair, --port, --password",
        ),
        (
            "sessions login -s",
            "a value is required for '--server <SERVER>' but none was supplied",
        ),
        (
            "-s -q login",
            "a value is required for '--server <SERVER>' but none was supplied",
        ),
        (
            "sessions login -w -secret",
            "a value is required for '--password <PASSWORD>' but none was supplied",
        ),
        (
            "sessions login -s --",
            "a value is required for '--server <SERVER>' but none was supplied",
        ),
        ("--bogus login", "unexpected argument '--bogus' found"),
        ("-x login", "unexpected argument '-x' found"),
        ("--quiet=secret login", "'--quiet' takes no value"),
        (
            "-d",
            "a value is required for '--debug <LEVEL>' but none was supplied",
        ),
        (
            "login --path",
            "a value is required for '--path <PATH>' but none was supplied",
        ),
    ] {
        let error = run(line).expect_err(line);
        assert_eq!(error.to_string(), sentence, "{line}");
        assert_eq!(error.code(), 2, "{line}");
        assert!(!error.hint_text().contains("secret"), "{line}");
    }
}

#[test]
fn an_ambiguity_among_the_plugins_own_options_is_the_plugins() {
    let mut tree = named("x");
    tree.arguments = vec![
        option(None, "alpha", 0, Some(0)),
        option(None, "alto", 0, Some(0)),
    ];
    let split = split(&tree, vec!["--al".into()]).unwrap();
    assert_eq!(split.arguments, ["--al"]);
}

#[test]
fn nothing_but_options_is_no_command() {
    assert!(matches!(
        top(vec!["-q".into()], Taken::default()).unwrap(),
        Top::Nothing(_)
    ));
    assert!(matches!(
        top(vec!["-qh".into()], Taken::default()).unwrap(),
        Top::Help(_)
    ));
    assert!(matches!(
        top(vec!["-v".into()], Taken::default()).unwrap(),
        Top::Version
    ));
}

#[test]
fn whatever_is_typed_words_keep_their_order_and_nothing_panics() {
    const WORDS: &[&str] = &[
        "-",
        "--",
        "-s",
        "--server",
        "--server=",
        "-qC",
        "-éq",
        "-sé",
        "--é",
        "-=",
        "--=",
        "-k",
        "login",
        "load",
        "-t",
        "-5",
        "-.",
        "-5.5.5",
        "",
        "é",
        "--many",
        "--raw",
        "-x-q",
        "-Ck=v",
    ];
    let tree = tree();
    let os = |words: &[String]| words.iter().map(OsString::from).collect();
    let mut state = 1u32;
    let mut next = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from(state >> 8).unwrap() % below
    };
    for _ in 0..5000 {
        let words: Vec<String> = (0..next(6))
            .map(|_| WORDS[next(WORDS.len())].to_owned())
            .collect();
        let Ok(split) = split(&tree, os(&words)) else {
            continue;
        };
        // What the plugin gets stood on the line, in this order; only clusters lose letters.
        let mut line = words.iter();
        for kept in &split.arguments {
            let same =
                |word: &&String| *word == kept || (kept.len() > 1 && is_cluster_of(word, kept));
            assert!(
                line.any(|word| same(&word)),
                "{words:?} became {:?}",
                split.arguments
            );
        }
    }
}

/// Whether `kept` is the cluster `word` without some of its letters.
fn is_cluster_of(word: &str, kept: &str) -> bool {
    let mut letters = word.chars();
    let short = |w: &str| w.starts_with('-') && !w.starts_with("--");
    short(word) && short(kept) && kept.chars().all(|letter| letters.any(|l| l == letter))
}
