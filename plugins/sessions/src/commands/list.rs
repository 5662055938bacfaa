//! `omero sessions list`.

mod ask;

use omero_plugin_api::{
    Context, Error,
    clap::ArgMatches,
    style::Style,
    table::{Table, visible},
};

use self::ask::{Answer, ask_all};
use super::session_dir;
use crate::{
    login, settings,
    store::{Store, StoredSession},
};

const COLUMNS: [&str; 6] = ["Server", "User", "Group", "Session", "Active", "Started"];

/// Asks each stored session's server about it and shows all as a table. Sessions of which the
/// server says that they are over are forgotten; nothing is forgotten because a server is down.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let store = settings::store(ctx, session_dir(matches))?;
    let current = login::current(&store);
    let purge = !matches.get_flag("no-purge");
    let mut rows = Vec::new();
    let mut sessions = Vec::new();
    for entry in store.all().map_err(settings::store_error)? {
        match entry {
            Ok(stored) => sessions.push(stored),
            Err(bad) => ctx.warn(bad),
        }
    }
    let answers = ask_all(ctx, &settings::open_options(ctx, Some(&store))?, &sessions);
    if ctx.cancelled() {
        // Half a listing would pass for a whole one.
        return Err(Error::cancelled());
    }
    for (stored, answer) in sessions.iter().zip(answers) {
        if let Answer::Ended(reason) = &answer
            && purge
        {
            forget(ctx, &store, stored, reason);
            continue;
        }
        rows.push(Row::new(stored, &answer, current.is(stored)));
    }
    rows.sort_by(Row::compare);
    let style = Style::of(matches);
    let mut table = Table::new(COLUMNS);
    for row in rows {
        table.row(row.cells(style));
    }
    settings::show_warnings(ctx, &store);
    ctx.print(&table.render(style))
}

fn forget(ctx: &Context, store: &Store, stored: &StoredSession, reason: &str) {
    ctx.debug(
        1,
        format_args!(
            "Purging {} / {} / {}: {reason}",
            stored.host.as_str(),
            stored.user.as_str(),
            stored.key.short()
        ),
    );
    if let Err(error) = login::forget_stored(store, stored) {
        ctx.warn(format_args!(
            "an ended session could not be removed from the store: {error}"
        ));
    }
}

struct Row {
    host: String,
    server: String,
    user: String,
    group: String,
    key: String,
    active: String,
    started: Option<i64>,
}

impl Row {
    fn new(stored: &StoredSession, answer: &Answer, current: bool) -> Self {
        let host = stored.host.as_str();
        let port = stored.properties.port.as_ref();
        let (group, started, active) = match answer {
            Answer::Alive { group, started } => {
                let active = if current { "Logged in" } else { "True" };
                (group.clone(), *started, active.to_owned())
            }
            Answer::Ended(reason) => (unknown(), None, reason.clone()),
            Answer::Unreachable => (unknown(), None, "Unreachable".to_owned()),
            Answer::Refused(reason) => (unknown(), None, format!("Refused: {reason}")),
            Answer::Cancelled => (unknown(), None, "Not asked".to_owned()),
        };
        Self {
            host: host.to_owned(),
            server: port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
            user: stored.user.as_str().to_owned(),
            group,
            key: stored.key.expose().to_owned(),
            active,
            started,
        }
    }

    /// By host, then the newest first, unknown starts last.
    fn compare(&self, other: &Self) -> std::cmp::Ordering {
        let newest = |row: &Self| std::cmp::Reverse(row.started);
        self.host
            .cmp(&other.host)
            .then_with(|| newest(self).cmp(&newest(other)))
            .then_with(|| self.user.cmp(&other.user))
            .then_with(|| self.key.cmp(&other.key))
    }

    fn cells(self, style: Style) -> [String; 6] {
        let started = match (self.started, style) {
            (None, _) => unknown(),
            (Some(time), Style::Json) => iso_time(time),
            (Some(time), _) => local_time(time),
        };
        [
            self.server,
            self.user,
            self.group,
            self.key,
            visible(&self.active),
            started,
        ]
    }
}

fn unknown() -> String {
    "Unknown".to_owned()
}

/// Milliseconds since 1970 as C's `ctime` writes local time: `Fri Nov 23 14:55:25 2012`.
fn local_time(milliseconds: i64) -> String {
    zoned(milliseconds).map_or_else(unknown, |t| t.strftime("%a %b %e %H:%M:%S %Y").to_string())
}

/// Milliseconds since 1970 as ISO 8601 with the local offset.
fn iso_time(milliseconds: i64) -> String {
    zoned(milliseconds).map_or_else(unknown, |t| t.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

fn zoned(milliseconds: i64) -> Option<jiff::Zoned> {
    let time = jiff::Timestamp::from_millisecond(milliseconds).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::system()))
}
