//! Who gets in: by password, or with the key of an open session.

use super::{Model, SYSTEM_GROUP};

/// What a client asks for at the door.
#[derive(Clone, Debug, Default)]
pub struct Login {
    /// Login name, or the key of a session.
    pub user: String,
    /// Password, or the same key.
    pub password: String,
    /// Name of the group wanted; empty for the default one.
    pub group: String,
    /// Name of the client program.
    pub agent: Option<String>,
    /// Address of the client as it sees itself.
    pub ip: Option<String>,
    /// Event type; empty for `User`.
    pub event_type: String,
}

/// Why somebody does not get in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginError {
    /// Wrong password, or a dead key: the reason.
    Denied(String),
    /// The user is known but no session can be made: Java class and message.
    Failed(&'static str, String),
}

impl Model {
    /// Joins or makes a session and gives its key.
    pub fn log_in(&mut self, login: &Login, now: i64) -> Result<String, LoginError> {
        self.expire(now);
        if self.is_key(&login.user) || self.is_key(&login.password) {
            return self.join(login, now);
        }
        if self.expired.contains_key(&login.user) {
            // The verifier lets the key pass; then it is looked up as a login name.
            self.admit(&login.user, &login.password)?;
            let words = format!("Can't find default group for {}", login.user);
            return Err(LoginError::Failed(
                "ome.conditions.ApiUsageException",
                words,
            ));
        }
        let owner = self.verify(&login.user, &login.password)?;
        let group = self.group_for(owner, &login.group)?;
        let session = self.open_session(owner, group, now);
        session.agent = login.agent.clone();
        session.ip = login.ip.clone();
        if !login.event_type.is_empty() {
            session.event_type = login.event_type.clone();
        }
        Ok(session.uuid.clone())
    }

    fn is_key(&self, text: &str) -> bool {
        self.sessions.contains_key(text)
    }

    fn join(&mut self, login: &Login, now: i64) -> Result<String, LoginError> {
        self.admit(&login.user, &login.password)?;
        self.touch(&login.user, now);
        if let Some(session) = self.sessions.get_mut(&login.user) {
            session.references += 1;
        }
        Ok(login.user.clone())
    }

    /// What the permissions verifier says: yes to a user's password, and to the key of a session
    /// in place of both, whether it is open or only not cleaned up yet.
    pub fn admit(&self, name: &str, password: &str) -> Result<(), LoginError> {
        let cached = |text: &str| self.is_key(text) || self.expired.contains_key(text);
        if !cached(name) && !cached(password) {
            return self.verify(name, password).map(drop);
        }
        if name == password {
            return Ok(());
        }
        let reason = "username and password must be equal; use joinSession";
        Err(LoginError::Denied(reason.to_owned()))
    }

    /// The id of the user with this name and password.
    pub fn verify(&self, name: &str, password: &str) -> Result<i64, LoginError> {
        let user = self.user_named(name);
        if let Some(user) = user.filter(|user| user.password == password && !password.is_empty()) {
            return Ok(user.id);
        }
        let data = match (user, self.closed.get(name)) {
            (Some(user), _) => format!("id={}", user.id),
            (None, Some(words)) => words.clone(),
            (None, None) => String::new(),
        };
        let usual = || format!("Password check failed for '{name}': [{data}]");
        Err(LoginError::Denied(
            self.denial.clone().unwrap_or_else(usual),
        ))
    }

    /// The group that somebody who asks for this one gets at login. Whether they belong to it is
    /// checked at the first call of a service only: see [`Self::may_work_in`].
    pub fn group_for(&self, owner: i64, wanted: &str) -> Result<i64, LoginError> {
        let usage = "ome.conditions.ApiUsageException";
        if wanted.is_empty() || wanted == "user" {
            let default = self.users.get(&owner).map(|user| user.default_group);
            let known = default.filter(|id| self.groups.contains_key(id));
            let name = self.users.get(&owner).map_or("", |user| user.name.as_str());
            let words = || format!("Can't find default group for {name}");
            return known.ok_or_else(|| LoginError::Failed(usage, words()));
        }
        let Some(group) = self.group_named(wanted) else {
            return Err(LoginError::Failed(
                usage,
                format!("No such group: {wanted}"),
            ));
        };
        Ok(group.id)
    }

    /// Whether a user may work in a group; the words of the security violation if not. Every call
    /// of a service is refused with them, but the session is open.
    pub fn may_work_in(&self, owner: i64, group: i64) -> Result<(), String> {
        let member = |id: i64| self.groups.get(&id).is_some_and(|group| group.has(owner));
        if member(group) || member(SYSTEM_GROUP) {
            return Ok(());
        }
        Err(format!(
            "User {owner} is not a member of group {group} and cannot login"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Config;

    fn attempt(
        model: &mut Model,
        user: &str,
        password: &str,
        group: &str,
    ) -> Result<String, LoginError> {
        let (user, password, group) = (user.to_owned(), password.to_owned(), group.to_owned());
        model.log_in(
            &Login {
                user,
                password,
                group,
                ..Login::default()
            },
            10,
        )
    }

    fn denied(reason: &str) -> Result<String, LoginError> {
        Err(LoginError::Denied(reason.to_owned()))
    }

    #[test]
    fn refusals_have_the_words_of_the_server() {
        let mut model = Model::new(&Config::standard(), 0);
        let wrong = attempt(&mut model, "test", "x", "");
        assert_eq!(wrong, denied("Password check failed for 'test': [id=2]"));
        let unknown = attempt(&mut model, "nobody", "x", "");
        assert_eq!(unknown, denied("Password check failed for 'nobody': []"));
        let key = attempt(&mut model, "root", "omero", "").unwrap();
        let mixed = attempt(&mut model, &key, "omero", "");
        assert_eq!(
            mixed,
            denied("username and password must be equal; use joinSession")
        );
        model.end_session(&key, 20);
        let dead = attempt(&mut model, &key, &key, "");
        let data = "user=root, created=1970-01-01 00:00:00.01, closed=1970-01-01 00:00:00.02";
        assert_eq!(
            dead,
            denied(&format!("Password check failed for '{key}': [{data}]"))
        );
    }

    #[test]
    fn membership_is_checked_after_the_login() {
        let mut model = Model::new(&Config::standard(), 0);
        let key = attempt(&mut model, "test", "pw", "my_group").unwrap();
        assert_eq!(model.sessions[&key].group, 5);
        let key = attempt(&mut model, "test", "pw", "user").unwrap();
        assert_eq!(model.sessions[&key].group, 3);
        let key = attempt(&mut model, "test", "pw", "mygroup").unwrap();
        assert_eq!(model.sessions[&key].group, 4);
        let words = "User 2 is not a member of group 4 and cannot login".to_owned();
        assert_eq!(model.may_work_in(2, 4), Err(words));
        assert_eq!(model.may_work_in(2, 5), Ok(()));
        assert_eq!(model.may_work_in(0, 4), Ok(()));
        assert!(attempt(&mut model, "root", "omero", "nosuch").is_err());
    }

    #[test]
    fn expired_keys_pass_the_verifier_and_nothing_else() {
        let mut model = Model::new(&Config::standard(), 0);
        let key = attempt(&mut model, "root", "omero", "").unwrap();
        model.expire(601_000);
        assert_eq!(model.admit(&key, &key), Ok(()));
        let usage = "ome.conditions.ApiUsageException";
        let words = format!("Can't find default group for {key}");
        let login = Login {
            user: key.clone(),
            password: key.clone(),
            ..Login::default()
        };
        let refused = LoginError::Failed(usage, words);
        assert_eq!(model.log_in(&login, 719_999), Err(refused));
        let cleaned_up = model.log_in(&login, 720_000).unwrap_err();
        let LoginError::Denied(reason) = cleaned_up else {
            panic!("{cleaned_up:?}");
        };
        assert!(reason.starts_with(&format!("Password check failed for '{key}': [user=root, ")));
    }

    #[test]
    fn joining_adds_a_reference() {
        let mut model = Model::new(&Config::standard(), 0);
        let key = attempt(&mut model, "root", "omero", "").unwrap();
        assert_eq!(
            attempt(&mut model, &key, &key, "ignored").as_ref(),
            Ok(&key)
        );
        assert_eq!(model.sessions[&key].references, 2);
    }
}
