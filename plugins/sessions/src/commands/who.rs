//! `omero sessions who`.

use std::{collections::BTreeSet, time::Duration};

use omero_plugin_api::{
    Context, Error,
    clap::ArgMatches,
    services::{
        CallError, Config,
        command::{self, CommandError, CurrentSession},
    },
    style::Style,
    table::Table,
};

use crate::login::{Attached, Request, attach, short_time};

/// How long the server may take, as OMERO.py waits.
const LIMIT: Duration = Duration::from_secs(5);
/// What stands for a value that one may not see.
const HIDDEN: &str = "---";

/// Shows who is logged in to the server.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let attached = attach(ctx, Request::from_options(ctx)?)?;
    let sessions = command::current_sessions(&attached.client(), LIMIT)
        .map_err(|error| failure(error, &attached))?;
    let show_uuid = matches.get_flag("show-uuid");
    let extra: BTreeSet<&str> = sessions
        .iter()
        .flat_map(|row| row.data.keys())
        .map(String::as_str)
        .collect();
    let mut columns = vec!["name", "group", "logged in", "agent", "timeout"];
    columns.extend(show_uuid.then_some("uuid"));
    columns.extend(&extra);
    let mut table = Table::new(columns);
    let own = attached.key();
    for row in &sessions {
        table.row(cells(row, own.expose(), show_uuid, &extra));
    }
    ctx.print(&table.render(Style::of(matches)))
}

fn cells(row: &CurrentSession, own: &str, show_uuid: bool, extra: &BTreeSet<&str>) -> Vec<String> {
    let mut cells = vec![
        row.context.user_name.clone(),
        row.context.group_name.clone(),
    ];
    match &row.session {
        Some(session) => {
            let started = session.started.map_or_else(|| HIDDEN.to_owned(), date_time);
            let mark = if session.uuid == own { " (*)" } else { "" };
            cells.push(format!("{started}{mark}"));
            cells.push(session.agent.clone().unwrap_or_else(|| "None".to_owned()));
            cells.push(short_time(session.time_to_idle).unwrap_or_default());
            cells.extend(show_uuid.then(|| session.uuid.clone()));
        }
        None => cells.extend(vec![HIDDEN.to_owned(); 3 + usize::from(show_uuid)]),
    }
    for name in extra {
        cells.push(match row.data.get(*name) {
            None => HIDDEN.to_owned(),
            Some(text) if name.ends_with("Time") => {
                text.parse().map_or_else(|_| text.clone(), date_time)
            }
            Some(text) => text.clone(),
        });
    }
    cells
}

/// Milliseconds since 1970 as local time.
fn date_time(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds).map_or_else(
        |_| HIDDEN.to_owned(),
        |time| {
            let local = time.to_zoned(jiff::tz::TimeZone::system());
            local.strftime("%Y-%m-%d %H:%M:%S").to_string()
        },
    )
}

fn failure(error: CommandError, attached: &Attached) -> Error {
    match error {
        CommandError::Failed { name, .. } => Error::new(560, format!("CmdError: {name}")),
        CommandError::Unsupported => {
            let version = Config::of(&attached.client()).and_then(|config| config.version());
            let version = version.unwrap_or_else(|_| "unknown".to_owned());
            Error::new(
                561,
                format!("Operation unsupported. Server version: {version}"),
            )
        }
        CommandError::Timeout => Error::new(563, "LockTimeout: operation took too long"),
        CommandError::Call(CallError::Session(error)) => error,
        other => Error::new(562, format!("ClientError: {other}")),
    }
}
