//! Whether a stored session is what the user asks for, as far as port and group go.

use std::fmt;

use crate::store::Properties;

/// The port that is meant where none is given, also for URL hosts.
const DEFAULT_PORT: &str = "4064";

/// What was asked for at this login. `None` is "nothing".
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Wanted<'a> {
    /// The port, as text.
    pub port: Option<&'a str>,
    /// The group, by name.
    pub group: Option<&'a str>,
}

/// Which properties to compare, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    port: bool,
    group: bool,
    ignore_missing: bool,
}

impl Rule {
    /// The current session, when no key is given: its group only (the port is compared with the
    /// last one), and asking for nothing fits any. A stored nothing still conflicts with a wish.
    pub const CURRENT: Self = Self {
        port: false,
        group: true,
        ignore_missing: true,
    };
    /// The stored sessions of the user: both, and asking for nothing differs from a stored value.
    pub const STORED: Self = Self {
        port: true,
        group: true,
        ignore_missing: false,
    };
    /// The session of a given key: the port only.
    pub const KEY: Self = Self {
        port: true,
        group: false,
        ignore_missing: false,
    };

    /// Compares a stored session with what is wanted.
    pub fn compare(self, stored: &Properties, wanted: Wanted<'_>) -> Conflicts {
        let port = self.port.then_some((stored.port.as_deref(), wanted.port));
        let group = self
            .group
            .then_some((stored.group.as_deref(), wanted.group));
        let differs = |(old, new): &(Option<&str>, Option<&str>)| {
            !(self.ignore_missing && new.is_none()) && old != new
        };
        Conflicts {
            port: port
                .filter(|(old, new)| !same_port(*old, *new))
                .filter(differs)
                .map(owned),
            group: group.filter(differs).map(owned),
        }
    }
}

/// Whether two ports are the same text, or both mean the default one. `04064` is another text.
pub fn same_port(one: Option<&str>, other: Option<&str>) -> bool {
    one.unwrap_or(DEFAULT_PORT) == other.unwrap_or(DEFAULT_PORT)
}

type Values = (Option<String>, Option<String>);

/// What differs. The `Display` text is OMERO.py's: `omero.port: None!=14064; omero.group: 1!=2`.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Conflicts {
    port: Option<Values>,
    group: Option<Values>,
}

impl Conflicts {
    /// Whether the session fits.
    pub fn is_empty(&self) -> bool {
        self.port.is_none() && self.group.is_none()
    }

    /// Whether the ports differ: another port is another server, so such a session is passed over
    /// without a word.
    pub fn is_about_port(&self) -> bool {
        self.port.is_some()
    }
}

impl fmt::Display for Conflicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("omero.port", &self.port), ("omero.group", &self.group)];
        let mut separator = "";
        for (property, values) in parts {
            let Some((stored, wanted)) = values else {
                continue;
            };
            let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "None".to_owned());
            write!(
                f,
                "{separator}{property}: {}!={}",
                text(stored),
                text(wanted)
            )?;
            separator = "; ";
        }
        Ok(())
    }
}

fn owned((stored, wanted): (Option<&str>, Option<&str>)) -> Values {
    (stored.map(str::to_owned), wanted.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(port: Option<&str>, group: Option<&str>) -> Properties {
        Properties {
            port: port.map(str::to_owned),
            group: group.map(str::to_owned),
            ..Properties::new("h", "u", "k")
        }
    }

    type Row = (Option<&'static str>, Option<&'static str>, &'static str);

    fn check(rule: Rule, ports: &[Row], groups: &[Row]) {
        for (old, new, text) in ports {
            let wanted = Wanted {
                port: *new,
                group: None,
            };
            let found = rule.compare(&stored(*old, None), wanted);
            assert_eq!(found.to_string(), *text, "{rule:?} port {old:?} {new:?}");
            assert_eq!(found.is_empty(), text.is_empty());
            assert_eq!(found.is_about_port(), !text.is_empty());
        }
        for (old, new, text) in groups {
            let wanted = Wanted {
                port: None,
                group: *new,
            };
            let found = rule.compare(&stored(None, *old), wanted);
            assert_eq!(found.to_string(), *text, "{rule:?} group {old:?} {new:?}");
            assert!(!found.is_about_port());
        }
    }

    const SAME_PORTS: [Row; 5] = [
        (None, None, ""),
        (None, Some("4064"), ""),
        (Some("4064"), None, ""),
        (Some("4064"), Some("4064"), ""),
        (Some("14064"), Some("14064"), ""),
    ];

    const OTHER_PORTS: [Row; 4] = [
        (None, Some("14064"), "omero.port: None!=14064"),
        (Some("4064"), Some("14064"), "omero.port: 4064!=14064"),
        (Some("14064"), Some("4064"), "omero.port: 14064!=4064"),
        (None, Some("04064"), "omero.port: None!=04064"),
    ];

    const WANTED_GROUPS: [Row; 4] = [
        (None, None, ""),
        (Some("g"), Some("g"), ""),
        (None, Some("g"), "omero.group: None!=g"),
        (Some("g"), Some("h"), "omero.group: g!=h"),
    ];

    #[test]
    fn stored_sessions_must_have_what_is_wanted_and_nothing_else() {
        check(Rule::STORED, &SAME_PORTS, &WANTED_GROUPS);
        check(
            Rule::STORED,
            &OTHER_PORTS,
            &[(Some("g"), None, "omero.group: g!=None")],
        );
        check(
            Rule::STORED,
            &[(Some("14064"), None, "omero.port: 14064!=None")],
            &[],
        );
    }

    #[test]
    fn ignoring_what_is_missing_in_the_request() {
        let rule = Rule {
            ignore_missing: true,
            ..Rule::STORED
        };
        check(rule, &SAME_PORTS, &WANTED_GROUPS);
        check(rule, &OTHER_PORTS, &[(Some("g"), None, "")]);
        check(rule, &[(Some("14064"), None, "")], &[]);
    }

    #[test]
    fn the_current_session_is_asked_for_its_group_only() {
        let wanted = Wanted {
            port: Some("1"),
            group: None,
        };
        assert!(
            Rule::CURRENT
                .compare(&stored(Some("2"), Some("g")), wanted)
                .is_empty()
        );
        check(Rule::CURRENT, &[], &WANTED_GROUPS);
    }

    #[test]
    fn a_key_is_asked_for_its_port_only() {
        check(
            Rule::KEY,
            &SAME_PORTS,
            &[(Some("g"), Some("h"), ""), (None, Some("g"), "")],
        );
        check(Rule::KEY, &OTHER_PORTS, &[]);
    }

    #[test]
    fn port_comes_before_group() {
        let wanted = Wanted {
            port: Some("14064"),
            group: Some("2"),
        };
        let found = Rule::STORED.compare(&stored(None, Some("1")), wanted);
        assert_eq!(
            found.to_string(),
            "omero.port: None!=14064; omero.group: 1!=2"
        );
        assert!(found.is_about_port());
    }
}
