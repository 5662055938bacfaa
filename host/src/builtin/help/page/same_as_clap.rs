//! The reader of command lines against clap: the page's command, login options included, parses
//! the whole line; the words that the host leaves over are parsed without them. Both have to come
//! to the same.

use std::ffi::OsString;

use clap::{Arg, ArgAction, ArgMatches, Command as Clap};
use omero_plugin_api::{build::Builder, manifest::Command, uses_session};

use super::described;
use crate::{
    arguments::{Level, Owner, Taken},
    split::{self, Outcome},
};

/// Commands with clap's settings in many combinations.
fn commands() -> Vec<Clap> {
    let flag = |name: &'static str, short| {
        Arg::new(name)
            .long(name)
            .short(short)
            .action(ArgAction::SetTrue)
    };
    let many = |name: &'static str| Arg::new(name).num_args(0..);
    let of = |name: &'static str| Clap::new(name).arg(flag("fast", 'f'));
    let optional = Arg::new("color").long("color").short('c').num_args(0..=1);
    let pair = Arg::new("pair")
        .long("pair")
        .num_args(2)
        .action(ArgAction::Append);
    let own = Arg::new("key")
        .long("key")
        .short('q')
        .short_alias('s')
        .alias("user")
        .num_args(1);
    let raw = Arg::new("raw")
        .long("raw")
        .num_args(1)
        .allow_hyphen_values(true);
    vec![
        of("plain").arg(many("values")),
        of("one").arg(Arg::new("value")),
        of("none"),
        of("hyphens").arg(many("values").allow_hyphen_values(true)),
        of("program").arg(Arg::new("name")).arg(
            many("program")
                .trailing_var_arg(true)
                .allow_hyphen_values(true),
        ),
        of("words").arg(many("words").trailing_var_arg(true)),
        of("last")
            .arg(Arg::new("value"))
            .arg(many("rest").last(true)),
        of("ends")
            .arg(Arg::new("files").num_args(1..).value_terminator("a"))
            .arg(
                many("rest")
                    .trailing_var_arg(true)
                    .allow_hyphen_values(true),
            ),
        of("optional").arg(optional.clone()).arg(many("values")),
        of("equals")
            .arg(optional.require_equals(true))
            .arg(many("values")),
        of("pairs").arg(pair).arg(many("values")),
        of("own").arg(own).arg(many("values")),
        of("raw").arg(raw).arg(many("values")),
        of("two")
            .arg(Arg::new("pair").num_args(2).required(true))
            .arg(Arg::new("third").required(true)),
        of("numbers").arg(many("values").allow_negative_numbers(true)),
    ]
}

const WORDS: &[&str] = &[
    "a",
    "b",
    "-q",
    "-f",
    "-s",
    "-sx",
    "-s=x",
    "-fq",
    "-qf",
    "-qsx",
    "--server",
    "--server=x",
    "--serv",
    "--user",
    "--user=x",
    "--key",
    "-k",
    "--",
    "-c",
    "-cx",
    "-c=x",
    "--color",
    "--color=x",
    "--col",
    "--pair",
    "--raw",
    "--raw=-q",
    "-C",
    "--fast",
    "-x",
    "--bogus",
    "-",
    "",
    "-fC",
    "--quiet",
    "-5",
];

/// The values of the command's own arguments.
fn own_values(node: &Command, matches: &ArgMatches) -> Vec<Vec<OsString>> {
    let values = node
        .arguments
        .iter()
        .map(|argument| match argument.takes_value() {
            true => matches
                .get_raw(&argument.id)
                .map(|values| values.map(OsString::from).collect())
                .unwrap_or_default(),
            false => vec![matches.get_flag(&argument.id).to_string().into()],
        });
    values.collect()
}

fn login_values(node: &Command, matches: &ArgMatches) -> Vec<(String, String)> {
    let level = Level::of(node, String::new(), true);
    let login = level
        .options
        .iter()
        .filter(|known| matches!(known.owner, Owner::Login(_)));
    let given = login.filter_map(|known| {
        let id = format!("host-{}", known.id());
        let value = match known.takes_value() {
            true => matches.get_one::<String>(&id)?.clone(),
            false => matches.get_flag(&id).then(String::new)?,
        };
        Some((known.id().to_owned(), value))
    });
    given.collect()
}

#[test]
fn host_takes_out_what_clap_takes_for_login_options() {
    let mut state = 7u32;
    let mut next = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from(state >> 8).unwrap() % below
    };
    let mut parsed = 0;
    for command in commands() {
        let builder = Builder::new(uses_session(command.clone()));
        let node = &builder.manifest().command;
        let whole = described(node).infer_long_args(true);
        for _ in 0..400 {
            let words: Vec<&str> = (0..next(6)).map(|_| WORDS[next(WORDS.len())]).collect();
            let line = std::iter::once("x").chain(words.iter().copied());
            let Ok(matches) = whole.clone().try_get_matches_from(line) else {
                continue;
            };
            parsed += 1;
            let context = || format!("{} {words:?}", node.name);
            let words = words.iter().map(OsString::from).collect();
            let split = split::command(node, "omero", words, Taken::default(), |_, _| Ok(None));
            let split = match split {
                Ok(Outcome::Split(split)) => split,
                // clap takes an unknown option for a value where a positional argument could.
                Err(error) if error.to_string().contains("a value is required for") => continue,
                other => panic!("{}: {other:?}", context()),
            };
            let login = split.taken.login.iter();
            let login: Vec<_> = login
                .map(|o| (o.name.to_string(), o.value.expose().to_owned()))
                .collect();
            assert_eq!(login, login_values(node, &matches), "{}", context());
            let line = std::iter::once("x").chain(split.arguments.iter().map(String::as_str));
            let rest = command
                .clone()
                .infer_long_args(true)
                .try_get_matches_from(line);
            let rest = rest.unwrap_or_else(|e| panic!("{}: {:?}: {e}", context(), split.arguments));
            let (rest, all) = (own_values(node, &rest), own_values(node, &matches));
            assert_eq!(rest, all, "{}: {:?}", context(), split.arguments);
        }
    }
    assert!(parsed > 500, "only {parsed} lines were right");
}
