//! Users.

use super::{
    Admin, CONTAINED_EXPERIMENTERS, GET_EXPERIMENTER, LOOKUP_EXPERIMENTER, LOOKUP_EXPERIMENTERS,
};
use crate::{
    services::{
        CallError, Experimenter, Later,
        view::{first, returned, views},
    },
    slice::{Decoded, Value},
};

impl Admin {
    /// All users that the server shows.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, Experimenter, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let user = |ldap| Experimenter { ldap, ..Experimenter::default() };
    /// # let users = Answer::experimenters(&[user(false), user(true)]);
    /// # let session = FakeSession::new().reply(&admin::LOOKUP_EXPERIMENTERS, users).session();
    /// let users = Admin::of(&session)?.experimenters()?;
    /// assert_eq!(users.iter().filter(|user| user.ldap).count(), 1);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn experimenters(&self) -> Result<Vec<Experimenter>, CallError> {
        experimenters(&self.call(&LOOKUP_EXPERIMENTERS, &[])?)
    }

    /// The user with this id.
    ///
    /// # Errors
    ///
    /// `::omero::ApiUsageException` where there is none.
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, Experimenter, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let user = Experimenter { id: 2, login: "ada".into(), ..Experimenter::default() };
    /// # let user = Answer::experimenter(&user);
    /// # let session = FakeSession::new().reply(&admin::GET_EXPERIMENTER, user).session();
    /// assert_eq!(Admin::of(&session)?.experimenter(2)?.login, "ada");
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn experimenter(&self, id: i64) -> Result<Experimenter, CallError> {
        Ok(Experimenter::read(&returned(
            &self.call(&GET_EXPERIMENTER, &[Value::Long(id)])?,
        )?)?)
    }

    /// The user of this login name.
    ///
    /// # Errors
    ///
    /// `::omero::ApiUsageException` where there is none.
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, Experimenter, UserGroup, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let groups = [(3, true), (1, false)].map(|(group_id, owner)| UserGroup { group_id, owner });
    /// # let user = Experimenter { groups: groups.into(), ..Experimenter::default() };
    /// # let user = Answer::experimenter(&user);
    /// # let session = FakeSession::new().reply(&admin::LOOKUP_EXPERIMENTER, user).session();
    /// let ada = Admin::of(&session)?.experimenter_named("ada")?;
    /// let owned = ada.groups.iter().filter(|group| group.owner);
    /// assert_eq!(owned.map(|group| group.group_id).collect::<Vec<_>>(), [3]);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn experimenter_named(&self, login: &str) -> Result<Experimenter, CallError> {
        let reply = self.call(&LOOKUP_EXPERIMENTER, &[Value::from(login)])?;
        Ok(Experimenter::read(&returned(&reply)?)?)
    }

    /// The members and owners of a group.
    ///
    /// # Errors
    ///
    /// `::omero::ApiUsageException` where there is no such group.
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, Experimenter, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let user = |login: &str| Experimenter { login: login.into(), ..Experimenter::default() };
    /// # let users = Answer::experimenters(&[user("grace"), user("ada")]);
    /// # let session = FakeSession::new().reply(&admin::CONTAINED_EXPERIMENTERS, users).session();
    /// let members = Admin::of(&session)?.experimenters_of(3)?;
    /// let mut logins: Vec<&str> = members.iter().map(|user| user.login.as_str()).collect();
    /// logins.sort_unstable();
    /// assert_eq!(logins, ["ada", "grace"]);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn experimenters_of(&self, group_id: i64) -> Result<Vec<Experimenter>, CallError> {
        self.begin_experimenters_of(group_id)?.wait()
    }

    /// As [`Admin::experimenters_of`], without waiting.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, Experimenter, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let user = |id| Experimenter { id, ..Experimenter::default() };
    /// # let session = FakeSession::new()
    /// #     .reply(&admin::CONTAINED_EXPERIMENTERS, Answer::experimenters(&[user(2), user(7)]))
    /// #     .reply(&admin::CONTAINED_EXPERIMENTERS, Answer::experimenters(&[user(7), user(9)]))
    /// #     .session();
    /// let admin = Admin::of(&session)?;
    /// let (ours, theirs) = (admin.begin_experimenters_of(3)?, admin.begin_experimenters_of(4)?);
    /// let (mut ours, theirs) = (ours.wait()?, theirs.wait()?);
    /// ours.retain(|user| theirs.contains(user));
    /// assert_eq!(ours.len(), 1);
    /// assert_eq!(ours[0].id, 7);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn begin_experimenters_of(
        &self,
        group_id: i64,
    ) -> Result<Later<Vec<Experimenter>>, CallError> {
        let arguments = [Value::Long(group_id)];
        self.begin(&CONTAINED_EXPERIMENTERS, &arguments, experimenters)
    }
}

fn experimenters(reply: &Decoded) -> Result<Vec<Experimenter>, CallError> {
    let users = views(&reply.graph, first(reply)?)?;
    Ok(users
        .iter()
        .map(Experimenter::read)
        .collect::<Result<_, _>>()?)
}
