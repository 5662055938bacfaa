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
             only what the user may see is found.",
        )
        .after_help(EXAMPLES)
        .arg(
            Arg::new("query")
                .value_name("QUERY")
                .num_args(0..)
                .help("The query; several words become one. Without it, or with `-`, it is read from standard input"),
        )
        .arg(
            number("limit", "ROWS")
                .default_value("25")
                .help("Show so many rows at most; a negative number is no limit"),
        )
        .arg(
            number("offset", "ROWS")
                .default_value("0")
                .help("Pass over so many rows"),
        )
        .arg(
            flag("all").help("Look in all groups of the user, not only in the current one"),
        )
        .arg(flag("admin").hide(true).help("The old name of --all"))
        .arg(flag("ids-only").help("Of objects, show nothing but class and id"))
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
