//! The command `omero hql`. Also read by `build.rs`, so it holds nothing else.

use omero_plugin_api::{
    clap::{Arg, ArgAction, Command, value_parser},
    style::Style,
    uses_session,
};

/// The whole command.
pub fn command() -> Command {
    uses_session(Command::new("hql"))
        .about("Run a query and show its result")
        .long_about(
            "Run a query and show its result\n\n\
             HQL is the query language of OMERO's database. Only select queries are possible, and \
             only what the user may see is found.\n\n\
             On a terminal, unless -q is given, a prompt after the result shows the members of an \
             object by its line number, the next page (p) or the result again (r).",
        )
        .after_help(EXAMPLES)
        .arg(
            Arg::new("query")
                .value_name("QUERY")
                .num_args(0..)
                .help("The query; several words become one. `-` reads it from standard input. Without it, queries are asked for on a terminal, and read from any other standard input"),
        )
        .arg(
            number("limit", "ROWS")
                .default_value("25")
                .help("Show so many rows at most; a negative number is no limit"),
        )
        .arg(
            number("offset", "ROWS")
                .default_value("0")
                .help("Skip so many rows"),
        )
        .arg(
            flag("all").help("Search all groups of the user, not only the current one"),
        )
        .arg(flag("admin").hide(true).help("The old name of --all"))
        .arg(flag("ids-only").help("Show objects as class and id, such as `ImageI:51`"))
        .arg(Style::argument())
}

const EXAMPLES: &str = "\
Examples:
  omero hql \"select i.id, i.name from Image i order by i.id\"
  omero hql --all --limit -1 --style csv \"select d from Dataset d\"
  omero hql - < query.txt";

fn number(name: &'static str, value: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(value)
        .allow_negative_numbers(true)
        .value_parser(value_parser!(i32))
}

fn flag(name: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue)
}
