//! Lines of plugins with clap's rarer settings: the host takes out the same words that clap would
//! not miss. Each case is parsed by clap as well.

use clap::{Arg, ArgAction, Command as Clap};
use omero_plugin_api::{build::Builder, uses_session};

use super::{tests::split, *};

fn program() -> Arg {
    Arg::new("program")
        .num_args(1..)
        .trailing_var_arg(true)
        .allow_hyphen_values(true)
}

fn wrap() -> Clap {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let exec = Clap::new("exec")
        .visible_alias("x")
        .alias("run")
        .arg(program());
    let hyphens = Clap::new("hyphens")
        .arg(flag("fast").short('f'))
        .arg(Arg::new("values").num_args(0..).allow_hyphen_values(true));
    let numbers = Clap::new("numbers").arg(
        Arg::new("values")
            .num_args(0..)
            .allow_negative_numbers(true),
    );
    let last = Clap::new("last")
        .arg(Arg::new("name"))
        .arg(Arg::new("rest").num_args(0..).last(true));
    let equals = Clap::new("equals")
        .arg(
            Arg::new("color")
                .long("color")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("always"),
        )
        .arg(Arg::new("values").num_args(0..));
    let names = Clap::new("names").arg(
        Arg::new("limit")
            .long("limit")
            .alias("server")
            .short('l')
            .short_alias('s')
            .num_args(1),
    );
    let foreign = Clap::new("foreign")
        .allow_external_subcommands(true)
        .subcommand(Clap::new("one"));
    let ends = Clap::new("ends")
        .arg(Arg::new("files").num_args(1..).value_terminator(";"))
        .arg(
            Arg::new("program")
                .num_args(0..)
                .trailing_var_arg(true)
                .allow_hyphen_values(true),
        );
    let path = Clap::new("paths").arg(Arg::new("path").long("path").num_args(1));
    let help = Clap::new("human")
        .disable_help_flag(true)
        .arg(flag("human").short('h'));
    let all = [
        exec, hyphens, numbers, last, equals, names, foreign, ends, path, help,
    ];
    Clap::new("wrap").subcommands(all.map(uses_session))
}

/// A line, the login options that are taken out, and what the plugin gets.
const LINES: &[(&str, &str, &str)] = &[
    ("exec ls -q", "", "exec ls -q"),
    ("exec -q ls -q", "quiet", "exec ls -q"),
    ("exec ls -- -s h", "", "exec ls -- -s h"),
    ("exec ls exec --path x -h", "", "exec ls exec --path x -h"),
    ("exec -- ls -q", "", "exec -- ls -q"),
    ("exec --bogus -q", "", "exec --bogus -q"),
    ("x ls -q", "", "x ls -q"),
    ("run ls -q", "", "run ls -q"),
    ("hyphens a -q -f", "", "hyphens a -q -f"),
    ("hyphens -q a", "quiet", "hyphens a"),
    ("hyphens -fx a", "", "hyphens -fx a"),
    ("hyphens -fq a", "quiet", "hyphens -f a"),
    ("numbers -5 -q", "quiet", "numbers -5"),
    ("numbers 1 -5 -q", "quiet", "numbers 1 -5"),
    ("last a -q -- -q", "quiet", "last a -- -q"),
    ("equals --color -q a", "quiet", "equals --color a"),
    ("equals --color=auto -q", "quiet", "equals --color=auto"),
    ("names --server 5 -q", "quiet", "names --server 5"),
    ("names -s 5 -q", "quiet", "names -s 5"),
    ("foreign two -q", "", "foreign two -q"),
    ("foreign one -s", "", "foreign one -s"),
    ("ends a b ; ls -q", "", "ends a b ; ls -q"),
    ("ends a -q ; ls", "quiet", "ends a ; ls"),
    ("paths --path P -q", "quiet", "paths --path P"),
    ("human -h", "", "human -h"),
];

#[test]
fn login_options_are_taken_out_where_clap_would_not_take_a_value() {
    let builder = Builder::new(wrap());
    let root = &builder.manifest().command;
    for (line, taken, kept) in LINES {
        let words = line.split_whitespace().map(OsString::from).collect();
        let split = split(root, words).unwrap_or_else(|e| panic!("{line}: {e}"));
        let got: Vec<_> = split
            .taken
            .login
            .iter()
            .map(|o| o.name.to_string())
            .collect();
        assert_eq!(got.join(" "), *taken, "{line}");
        assert_eq!(split.arguments.join(" "), *kept, "{line}");
        assert!(split.taken.paths.is_empty() && !split.help, "{line}");
        if *line != "foreign one -s" {
            let words = std::iter::once("wrap").chain(split.arguments.iter().map(String::as_str));
            let parsed = wrap().infer_long_args(true).try_get_matches_from(words);
            assert!(parsed.is_ok(), "{line}: {parsed:?}");
        }
    }
}

#[test]
fn path_of_the_command_itself_stays() {
    let builder = Builder::new(wrap());
    let root = &builder.manifest().command;
    let words = |line: &str| {
        line.split_whitespace()
            .map(OsString::from)
            .collect::<Vec<_>>()
    };
    for (line, kept, paths) in [
        ("paths --path P", "paths --path P", ""),
        ("exec --path P ls --path Q", "exec ls --path Q", "P"),
        ("--path=P paths --path=Q", "paths --path=Q", "P"),
        ("last -- --path P", "last -- --path P", ""),
        ("exec --path", "exec --path", ""),
    ] {
        let got = without_paths(root, words(line));
        assert_eq!(got, (words(kept), words(paths)), "{line}");
    }
}
