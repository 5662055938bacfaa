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

    /// What the permissions verifier says: yes to a user's password, and to the key of an open
    /// session in place of both.
    pub fn admit(&self, name: &str, password: &str) -> Result<(), LoginError> {
        if !self.is_key(name) && !self.is_key(password) {
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

    /// The group somebody enters who asks for this one.
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
        let admin = self
            .groups
            .get(&SYSTEM_GROUP)
            .is_some_and(|system| system.has(owner));
        if group.has(owner) || admin {
            return Ok(group.id);
        }
        let words = format!(
            "User {owner} is not a member of group {} and cannot login",
            group.id
        );
        Err(LoginError::Failed(
            "ome.conditions.SecurityViolation",
            words,
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
    fn groups_are_checked_at_the_door() {
        let mut model = Model::new(&Config::standard(), 0);
        let key = attempt(&mut model, "test", "pw", "my_group").unwrap();
        assert_eq!(model.sessions[&key].group, 5);
        let key = attempt(&mut model, "test", "pw", "user").unwrap();
        assert_eq!(model.sessions[&key].group, 3);
        let words = "User 2 is not a member of group 4 and cannot login".to_owned();
        let failed = LoginError::Failed("ome.conditions.SecurityViolation", words);
        assert_eq!(attempt(&mut model, "test", "pw", "mygroup"), Err(failed));
        assert!(attempt(&mut model, "root", "omero", "mygroup").is_ok());
        assert!(attempt(&mut model, "root", "omero", "nosuch").is_err());
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
