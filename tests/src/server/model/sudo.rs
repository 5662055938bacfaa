//! Sessions that one user opens for another.

use super::{LoginError, Model};

/// Why somebody may not open a session for somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SudoError {
    /// No user of that name.
    NoSuchUser(String),
    /// Neither an administrator with the privilege nor an owner of the user's group.
    NotAllowed(String),
    /// The user can not enter that group: Java class and message.
    Failed(&'static str, String),
}

impl Model {
    /// Opens a session for a user by name, in a group by name or the default one.
    ///
    /// An administrator needs the privilege `Sudo`; anybody else must own the group, and the user
    /// must be in it and be no administrator.
    pub fn sudo(
        &mut self,
        sudoer: i64,
        name: &str,
        group: &str,
        now: i64,
    ) -> Result<String, SudoError> {
        let target = self.user_named(name).map(|user| user.id);
        let target = target.ok_or_else(|| SudoError::NoSuchUser(name.to_owned()))?;
        let group = self.group_for(target, group).map_err(|error| match error {
            LoginError::Denied(words) => SudoError::NotAllowed(words),
            LoginError::Failed(class, words) => SudoError::Failed(class, words),
        })?;
        let violation = |words| SudoError::Failed("ome.conditions.SecurityViolation", words);
        self.may_work_in(target, group).map_err(violation)?;
        if !self.may_sudo(sudoer, target, group) {
            let words = format!("User {sudoer} may not create a session for user {target}");
            return Err(SudoError::NotAllowed(words));
        }
        let session = self.open_session(target, group, now);
        session.sudoer = (sudoer != target).then_some(sudoer);

        Ok(session.uuid.clone())
    }

    fn may_sudo(&self, sudoer: i64, target: i64, group: i64) -> bool {
        if sudoer == target {
            return true;
        }
        if self.is_admin(sudoer) {
            let privileges = self.privileges(sudoer);
            let all_of_target = self
                .privileges(target)
                .iter()
                .all(|p| privileges.contains(p));
            return privileges.iter().any(|p| p == "Sudo") && all_of_target;
        }
        let owned = self
            .groups
            .get(&group)
            .is_some_and(|group| group.owners.contains(&sudoer));
        owned && !self.is_admin(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Config;

    #[test]
    fn administrators_and_group_owners_may() {
        let mut model = Model::new(&Config::standard(), 0);
        let key = model.sudo(0, "test", "", 5).unwrap();
        let session = &model.sessions[&key];
        assert_eq!(
            (session.owner, session.sudoer, session.group),
            (2, Some(0), 3)
        );
        assert!(model.sudo(3, "test", "read-annotate-2", 5).is_ok());
        assert!(matches!(
            model.sudo(3, "test", "my_group", 5),
            Err(SudoError::NotAllowed(_))
        ));
        assert!(matches!(
            model.sudo(2, "root", "", 5),
            Err(SudoError::NotAllowed(_))
        ));
        let nobody = SudoError::NoSuchUser("nobody".to_owned());
        assert_eq!(model.sudo(0, "nobody", "", 5), Err(nobody));
    }

    #[test]
    fn restricted_administrators_need_the_privilege() {
        let mut config = Config::standard();
        config.groups[0].members.push(2);
        config.users[2].restricted_to = Some(vec!["Chown".to_owned()]);
        let mut model = Model::new(&config, 0);
        assert!(matches!(
            model.sudo(2, "testuser", "", 5),
            Err(SudoError::NotAllowed(_))
        ));
        let restricted = Some(vec!["Sudo".to_owned()]);
        model.users.get_mut(&2).unwrap().restricted_to = restricted;
        assert!(model.sudo(2, "testuser", "", 5).is_ok());
        assert!(matches!(
            model.sudo(2, "root", "", 5),
            Err(SudoError::NotAllowed(_))
        ));
    }
}
