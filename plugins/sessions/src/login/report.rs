//! The one line that says which session a command works on.

use omero_plugin_api::{Context, Error, table::visible};

use super::Attached;

/// How a session was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The current session.
    Using,
    /// Another stored session that fits.
    Reconnected,
    /// A session named by its key.
    Joined,
    /// A new session.
    Created,
}

impl Action {
    fn words(self) -> &'static str {
        match self {
            Self::Using => "Using",
            Self::Reconnected => "Reconnected to",
            Self::Joined => "Joined",
            Self::Created => "Created",
        }
    }
}

/// Prints the report on standard error, unless `-q`.
///
/// The line shows the session's key, which is a credential. Who keeps logs sets the configuration
/// key `report: without-key` and gets the line of OMERO.py 5.23.
///
/// # Errors
///
/// Standard error is closed; the configuration cannot be read.
pub fn report(ctx: &Context, action: Action, attached: &Attached) -> Result<(), Error> {
    if ctx.quiet() {
        return Ok(());
    }
    let without_key = ctx.configuration::<String>("report")?.as_deref() == Some("without-key");
    let line = if without_key {
        line_without_key(action, attached)
    } else {
        line(action, attached)
    };
    // Names come from the server and must not steer the terminal.
    ctx.error_line(visible(&line))
}

fn line(action: Action, attached: &Attached) -> String {
    let mut line = format!(
        "{} session {} ({}).",
        action.words(),
        attached.key().expose(),
        attached.place()
    );
    let details = attached.details();
    if details.time_to_idle != 0 {
        line.push_str(&format!(
            " Idle timeout: {} min.",
            minutes(details.time_to_idle)
        ));
    }
    if details.time_to_live != 0 {
        line.push_str(&format!(
            " Expires in {} min.",
            minutes(details.time_to_live)
        ));
    }
    line.push_str(&format!(
        " Current group: {}",
        attached.session().context().group_name
    ));
    line
}

fn line_without_key(action: Action, attached: &Attached) -> String {
    let mut line = format!("{} session for {}.", action.words(), attached.place());
    let details = attached.details();
    if let Some(time) = short_time(details.time_to_idle) {
        line.push_str(&format!(" Idle timeout: {time}"));
    }
    if let Some(time) = short_time(details.time_to_live) {
        line.push_str(&format!(" Expires in : {time}"));
    }
    line.push_str(&format!(
        " Current group: {}",
        attached.session().context().group_name
    ));
    line
}

/// Milliseconds as minutes with a fraction: `600000` is `10.0`.
fn minutes(milliseconds: i64) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "2^53 milliseconds are 285 thousand years"
    )]
    let minutes = milliseconds as f64 / 60_000.0;
    format!("{minutes:?}")
}

/// Milliseconds as OMERO.py 5.23 shows them: whole seconds below five minutes, else whole minutes;
/// nothing for 0.
pub fn short_time(milliseconds: i64) -> Option<String> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "2^53 milliseconds are 285 thousand years"
    )]
    let seconds = milliseconds as f64 / 1000.0;
    match milliseconds {
        0 => None,
        m if m < 300_000 => Some(format!("{} s.", seconds.round_ties_even())),
        _ => Some(format!("{} min.", (seconds / 60.0).round_ties_even())),
    }
}

#[cfg(test)]
mod tests {
    use super::{minutes, short_time};

    #[test]
    fn minutes_keep_their_fraction() {
        assert_eq!(minutes(600_000), "10.0");
        assert_eq!(minutes(90_000), "1.5");
        assert_eq!(minutes(100_000), "1.6666666666666667");
    }

    #[test]
    fn short_times_round_to_even() {
        for (milliseconds, text) in [
            (299_999, "300 s."),
            (300_000, "5 min."),
            (330_000, "6 min."),
            (390_000, "6 min."),
            (1_499, "1 s."),
            (600_000, "10 min."),
            (-5000, "-5 s."),
        ] {
            assert_eq!(
                short_time(milliseconds).as_deref(),
                Some(text),
                "{milliseconds}"
            );
        }
        assert_eq!(short_time(0), None);
    }
}
