//! Open sessions: how they are counted, kept alive and ended.

use std::collections::BTreeMap;

use super::super::config::PresetSession;
use super::Model;

/// An open session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Row id in the database.
    pub id: i64,
    /// The key.
    pub uuid: String,
    /// Id of the user it belongs to.
    pub owner: i64,
    /// Id of the user who made it for the owner.
    pub sudoer: Option<i64>,
    /// Id of the group it works in.
    pub group: i64,
    /// Milliseconds it may be idle, 0 for any time.
    pub time_to_idle: i64,
    /// Milliseconds it may live, 0 for ever.
    pub time_to_live: i64,
    /// Milliseconds since the epoch.
    pub started: i64,
    /// Milliseconds since the epoch.
    pub last_access: i64,
    /// Calls that kept it alive.
    pub hits: i64,
    /// How many clients hold it.
    pub references: i32,
    /// Which client made it.
    pub agent: Option<String>,
    /// The address that client gave.
    pub ip: Option<String>,
    /// Event type that the client asked for.
    pub event_type: String,
    /// Shown to nobody but its owner.
    pub hidden: bool,
    /// Extra columns of the list of current sessions.
    pub data: BTreeMap<String, String>,
}

/// Why a session has come to its end by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// Nobody used it for too long.
    Idle,
    /// It has lived its time.
    Old,
}

/// A session whose time is over and that the next clean-up removes. The verifier still accepts its
/// key; nothing else does.
#[derive(Clone, Debug)]
pub struct Expired {
    /// The session as it was.
    pub session: Session,
    /// What its clients hear.
    pub words: String,
    /// When it is removed, in milliseconds since the epoch.
    pub clean_up: i64,
}

impl Session {
    /// Whether its time is over, and by how many milliseconds.
    pub fn lapse(&self, now: i64) -> Option<(Lapse, i64)> {
        let idle = now - self.last_access - self.time_to_idle;
        let old = now - self.started - self.time_to_live;
        if self.time_to_live > 0 && old > 0 {
            Some((Lapse::Old, old))
        } else if self.time_to_idle > 0 && idle > 0 {
            Some((Lapse::Idle, idle))
        } else {
            None
        }
    }

    /// The words of the server's session cache for a session whose time is over.
    fn lapse_text(&self, lapse: Lapse, by: i64) -> String {
        let (name, limit) = match lapse {
            Lapse::Idle => ("timeToIdle", self.time_to_idle),
            Lapse::Old => ("timeToLive", self.time_to_live),
        };
        format!(
            "Session (started={}, hits={}, last access={}) exceeded {name} ({limit}) by {by} ms",
            timestamp(self.started),
            self.hits,
            timestamp(self.last_access),
        )
    }
}

impl Model {
    pub(super) fn add_preset(&mut self, preset: &PresetSession, now: i64) {
        let owner = self.user_named(&preset.user).map_or(-1, |user| user.id);
        let group = self.group_named(&preset.group).map_or(-1, |group| group.id);
        let session = Session {
            id: self.fresh_id(),
            uuid: preset.uuid.clone(),
            owner,
            sudoer: None,
            group,
            time_to_idle: preset.time_to_idle,
            time_to_live: preset.time_to_live,
            started: preset.started.unwrap_or(now),
            last_access: now - preset.idle,
            hits: 1,
            references: 1,
            agent: preset.agent.clone(),
            ip: None,
            event_type: "User".to_owned(),
            hidden: preset.hidden,
            data: preset.data.clone(),
        };
        self.sessions.insert(session.uuid.clone(), session);
    }

    /// Opens a session in a group, held by one client; idle and life time are the server's.
    pub fn open_session(&mut self, owner: i64, group: i64, now: i64) -> &mut Session {
        let uuid = self.fresh_uuid();
        let session = Session {
            id: self.fresh_id(),
            uuid: uuid.clone(),
            owner,
            sudoer: None,
            group,
            time_to_idle: self.time_to_idle,
            time_to_live: self.time_to_live,
            started: now,
            last_access: now,
            hits: 1,
            references: 1,
            agent: None,
            ip: None,
            event_type: "User".to_owned(),
            hidden: false,
            data: BTreeMap::new(),
        };
        self.sessions.entry(uuid).insert_entry(session).into_mut()
    }

    /// Expires the sessions whose time is over, and removes those for which a clean-up was due.
    pub fn expire(&mut self, now: i64) {
        let over = |session: &Session| {
            session
                .lapse(now)
                .map(|(why, by)| (session.clone(), why, by))
        };
        let over: Vec<_> = self.sessions.values().filter_map(over).collect();
        for (session, why, by) in over {
            self.sessions.remove(&session.uuid);
            let expired = Expired {
                words: session.lapse_text(why, by),
                clean_up: self.clean_up_after(now - by),
                session,
            };
            self.expired.insert(expired.session.uuid.clone(), expired);
        }
        let due = |expired: &Expired| expired.clean_up <= now;
        let (removed, kept) = std::mem::take(&mut self.expired)
            .into_iter()
            .partition(|(_, expired)| due(expired));
        self.expired = kept;
        let removed: BTreeMap<String, Expired> = removed;
        for (uuid, expired) in removed {
            let words = self.closed_words(&expired.session, expired.clean_up);
            self.closed.insert(uuid.clone(), words);
            self.lapsed.insert(uuid, expired.words);
        }
    }

    /// When the first clean-up after a moment is due.
    fn clean_up_after(&self, moment: i64) -> i64 {
        let interval = self.clean_up_interval;
        if interval <= 0 {
            return moment;
        }
        let done = (moment - self.started).max(0) / interval;
        self.started + (done + 1) * interval
    }

    fn closed_words(&self, session: &Session, closed: i64) -> String {
        let owner = self.users.get(&session.owner);
        let owner = owner.map_or("", |user| user.name.as_str());
        let (created, closed) = (timestamp(session.started), timestamp(closed));
        format!("user={owner}, created={created}, closed={closed}")
    }

    /// Ends a session for good, whoever holds it.
    pub fn end_session(&mut self, uuid: &str, now: i64) {
        if let Some(session) = self.sessions.remove(uuid) {
            let words = self.closed_words(&session, now);
            self.closed.insert(session.uuid, words);
        }
    }

    /// One client less; the session ends with the last one unless that client has detached.
    pub fn release(&mut self, uuid: &str, detached: bool, now: i64) {
        let Some(session) = self.sessions.get_mut(uuid) else {
            return;
        };
        session.references -= 1;
        if session.references < 1 && !detached {
            self.end_session(uuid, now);
        }
    }

    /// What `closeSession` does: the references that remain, -1 for no such session, -2 when
    /// this was the last one.
    pub fn close_session(&mut self, uuid: &str, now: i64) -> i32 {
        let Some(session) = self.sessions.get_mut(uuid) else {
            return -1;
        };
        session.references -= 1;
        if session.references > 0 {
            return session.references;
        }
        self.end_session(uuid, now);
        -2
    }

    /// Counts a use of a session.
    pub fn touch(&mut self, uuid: &str, now: i64) {
        if let Some(session) = self.sessions.get_mut(uuid) {
            session.last_access = now;
            session.hits += 1;
        }
    }
}

/// `2012-11-23 14:55:25.0`, as Java prints an SQL time stamp, in UTC.
fn timestamp(milliseconds: i64) -> String {
    let (days, rest) = (
        milliseconds.div_euclid(86_400_000),
        milliseconds.rem_euclid(86_400_000),
    );
    let (year, month, day) = civil(days);
    let (seconds, fraction) = (rest / 1000, rest % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = format!("{fraction:03}");
    let fraction = Some(fraction.trim_end_matches('0'))
        .filter(|f| !f.is_empty())
        .unwrap_or("0");
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{fraction}")
}

/// Year, month and day of a day counted from 1970-01-01, by walking: a test server has time.
fn civil(mut days: i64) -> (i64, i64, i64) {
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let mut year = 1970;
    while days < 0 || days >= 365 + i64::from(leap(year)) {
        let step = if days < 0 { -1 } else { 1 };
        days -= step * (365 + i64::from(leap(if step < 0 { year - 1 } else { year })));
        year += step;
    }
    let february = 28 + i64::from(leap(year));
    for (month, length) in (1..).zip([31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
        if days < length {
            return (year, month, days + 1);
        }
        days -= length;
    }
    (year, 12, 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Config;

    #[test]
    fn timestamps_are_those_of_java() {
        assert_eq!(timestamp(1_353_682_525_000), "2012-11-23 14:55:25.0");
        assert_eq!(timestamp(951_782_400_120), "2000-02-29 00:00:00.12");
        assert_eq!(timestamp(-1), "1969-12-31 23:59:59.999");
    }

    #[test]
    fn last_reference_ends_a_session_unless_it_is_detached() {
        let mut model = Model::new(&Config::standard(), 0);
        let uuid = model.open_session(0, 0, 0).uuid.clone();
        model.sessions.get_mut(&uuid).unwrap().references += 1;
        model.release(&uuid, false, 1);
        assert_eq!(model.sessions[&uuid].references, 1);
        model.release(&uuid, true, 1);
        assert_eq!(model.sessions[&uuid].references, 0);
        model.sessions.get_mut(&uuid).unwrap().references += 1;
        model.release(&uuid, false, 1);
        assert!(model.sessions.is_empty());
    }

    #[test]
    fn close_session_counts_down_to_minus_two() {
        let mut model = Model::new(&Config::standard(), 0);
        let session = model.open_session(0, 0, 0);
        session.references = 3;
        let uuid = session.uuid.clone();
        let results: Vec<i32> = (0..4).map(|_| model.close_session(&uuid, 1)).collect();
        assert_eq!(results, [2, 1, -2, -1]);
    }

    #[test]
    fn idle_and_old_sessions_lapse() {
        let mut model = Model::new(&Config::standard(), 0);
        let uuid = model.open_session(0, 0, 0).uuid.clone();
        model.expire(600_000);
        assert!(model.sessions.contains_key(&uuid));
        model.touch(&uuid, 600_000);
        model.expire(600_001);
        assert!(model.sessions.contains_key(&uuid));
        model.expire(1_200_005);
        assert!(model.sessions.is_empty());
        assert!(
            model.expired[&uuid]
                .words
                .ends_with("exceeded timeToIdle (600000) by 5 ms")
        );
        let session = model.open_session(0, 0, 0);
        session.time_to_live = 50;
        let uuid = session.uuid.clone();
        model.expire(51);
        assert!(
            model.expired[&uuid]
                .words
                .ends_with("exceeded timeToLive (50) by 1 ms")
        );
    }

    #[test]
    fn expired_sessions_stay_until_the_next_clean_up() {
        let mut model = Model::new(&Config::standard(), 1_000);
        let session = model.open_session(0, 0, 1_000);
        session.time_to_idle = 3_000;
        let uuid = session.uuid.clone();
        model.expire(120_999);
        assert!(model.sessions.is_empty() && model.closed.is_empty());
        assert_eq!(model.expired[&uuid].clean_up, 121_000);
        model.expire(121_000);
        assert!(model.expired.is_empty());
        assert!(model.lapsed.contains_key(&uuid));
        let closed = "user=root, created=1970-01-01 00:00:01.0, closed=1970-01-01 00:02:01.0";
        assert_eq!(model.closed[&uuid], closed);
    }

    #[test]
    fn without_an_interval_expired_sessions_are_removed_at_once() {
        let config = Config {
            clean_up_interval: 0,
            ..Config::standard()
        };
        let mut model = Model::new(&config, 0);
        let uuid = model.open_session(0, 0, 0).uuid.clone();
        model.expire(600_001);
        assert!(model.sessions.is_empty() && model.expired.is_empty());
        assert!(model.closed.contains_key(&uuid));
    }
}
