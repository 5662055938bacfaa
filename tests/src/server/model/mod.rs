//! What the server knows: people, groups and sessions, and the rules about them.

mod group;
mod login;
mod session;
mod sudo;
mod user;

pub use group::{Group, Permissions};
pub use login::{Login, LoginError};
pub use session::{Expired, Lapse, Session};
pub use sudo::SudoError;
pub use user::{PRIVILEGES, User};

use std::collections::{BTreeMap, VecDeque};

use super::config::Config;
use super::database::Record;

/// The group of administrators.
pub const SYSTEM_GROUP: i64 = 0;
/// The group of all users who may log in.
pub const USER_GROUP: i64 = 1;
/// The group of the guest.
pub const GUEST_GROUP: i64 = 2;
/// The guest, who may look at little.
pub const GUEST: i64 = 1;

/// All of the server's knowledge.
#[derive(Debug)]
pub struct Model {
    /// Accounts by id.
    pub users: BTreeMap<i64, User>,
    /// Groups by id.
    pub groups: BTreeMap<i64, Group>,
    /// Objects that queries find beside people, groups and sessions.
    pub records: Vec<Record>,
    /// Open sessions by key.
    pub sessions: BTreeMap<String, Session>,
    /// Sessions whose time is over but which no clean-up has removed yet, by key.
    pub expired: BTreeMap<String, Expired>,
    /// Sessions that have ended, as the refusal of a dead key describes them.
    pub closed: BTreeMap<String, String>,
    /// Uuids of sessions that a clean-up has removed, with the words the first caller hears.
    pub lapsed: BTreeMap<String, String>,
    next_uuids: VecDeque<String>,
    next_id: i64,
    time_to_idle: i64,
    time_to_live: i64,
    /// The longest idle time that others than administrators get, in milliseconds.
    pub max_time_to_idle: i64,
    clean_up_interval: i64,
    started: i64,
    denial: Option<String>,
}

impl Model {
    /// The state a configuration describes.
    pub fn new(config: &Config, now: i64) -> Self {
        let mut model = Self {
            users: config
                .users
                .iter()
                .map(|user| (user.id, user.clone()))
                .collect(),
            groups: config
                .groups
                .iter()
                .map(|group| (group.id, group.clone()))
                .collect(),
            records: config.records.clone(),
            sessions: BTreeMap::new(),
            expired: BTreeMap::new(),
            closed: BTreeMap::new(),
            lapsed: BTreeMap::new(),
            next_uuids: config.session_uuids.iter().cloned().collect(),
            next_id: 100,
            time_to_idle: config.time_to_idle,
            time_to_live: config.time_to_live,
            max_time_to_idle: config
                .max_time_to_idle
                .unwrap_or(config.time_to_idle.saturating_mul(10)),
            clean_up_interval: config.clean_up_interval,
            started: now,
            denial: config.denial.clone(),
        };
        for preset in &config.sessions {
            model.add_preset(preset, now);
        }
        model
    }

    /// The account with this login name.
    pub fn user_named(&self, name: &str) -> Option<&User> {
        self.users.values().find(|user| user.name == name)
    }

    /// The group with this name.
    pub fn group_named(&self, name: &str) -> Option<&Group> {
        self.groups.values().find(|group| group.name == name)
    }

    /// Ids of the groups somebody belongs to, the default group first.
    pub fn groups_of(&self, user: i64) -> Vec<i64> {
        let default = self.users.get(&user).map(|user| user.default_group);
        let mut ids: Vec<i64> = self
            .groups
            .values()
            .filter(|group| group.has(user))
            .map(|group| group.id)
            .collect();
        ids.sort_by_key(|id| Some(*id) != default);
        ids
    }

    /// Ids of the groups somebody owns.
    pub fn groups_owned_by(&self, user: i64) -> Vec<i64> {
        let owned = |group: &&Group| group.owners.contains(&user);
        self.groups
            .values()
            .filter(owned)
            .map(|group| group.id)
            .collect()
    }

    /// Whether somebody is an administrator, restricted or not.
    pub fn is_admin(&self, user: i64) -> bool {
        self.groups
            .get(&SYSTEM_GROUP)
            .is_some_and(|system| system.has(user))
    }

    /// What an administrator may do; nothing for anybody else.
    pub fn privileges(&self, user: i64) -> Vec<String> {
        match self.users.get(&user) {
            Some(account) if self.is_admin(user) => account.privileges(),
            _ => Vec::new(),
        }
    }

    /// An id that nothing has.
    pub fn fresh_id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id
    }

    fn fresh_uuid(&mut self) -> String {
        self.next_uuids
            .pop_front()
            .unwrap_or_else(|| uuid::Uuid::new_v4().to_string())
    }
}
