//! Groups.

use super::{Admin, GET_GROUP, LOOKUP_GROUP, LOOKUP_GROUPS};
use crate::{
    services::{
        CallError, Group, Later,
        view::{first, returned, views},
    },
    slice::{Decoded, Value},
};

impl Admin {
    /// All groups that the server shows.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, Group, Permissions, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let group = |name: &str, bits| {
    /// #     let permissions = Permissions::from_bits(bits);
    /// #     Group { name: name.into(), permissions, ..Group::default() }
    /// # };
    /// # let groups = [group("mine", 0x700), group("lab", 0x750)];
    /// # let groups = Answer::groups(&groups);
    /// # let session = FakeSession::new().reply(&admin::LOOKUP_GROUPS, groups).session();
    /// let mut groups = Admin::of(&session)?.groups()?;
    /// groups.retain(|group| group.permissions.to_string() == "rw----");
    /// assert_eq!(groups.len(), 1);
    /// assert_eq!(groups[0].name, "mine");
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn groups(&self) -> Result<Vec<Group>, CallError> {
        let reply = self.call(&LOOKUP_GROUPS, &[])?;
        let groups = views(&reply.graph, first(&reply)?)?;
        Ok(groups.iter().map(Group::read).collect::<Result<_, _>>()?)
    }

    /// The group with this id.
    ///
    /// # Errors
    ///
    /// `::omero::ApiUsageException` where there is none.
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, Group, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let group = Group { id: 3, name: "lab".into(), ..Group::default() };
    /// # let session = FakeSession::new().reply(&admin::GET_GROUP, Answer::group(&group)).session();
    /// assert_eq!(Admin::of(&session)?.group(3)?.name, "lab");
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn group(&self, id: i64) -> Result<Group, CallError> {
        self.begin_group(id)?.wait()
    }

    /// As [`Admin::group`], without waiting.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, Group, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let named = |name: &str| Answer::group(&Group { name: name.into(), ..Group::default() });
    /// # let session = FakeSession::new()
    /// #     .reply(&admin::GET_GROUP, named("old"))
    /// #     .reply(&admin::GET_GROUP, named("new"))
    /// #     .session();
    /// let admin = Admin::of(&session)?;
    /// let (from, to) = (admin.begin_group(3)?, admin.begin_group(4)?);
    /// assert_eq!(from.wait()?.name, "old");
    /// assert_eq!(to.wait()?.name, "new");
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn begin_group(&self, id: i64) -> Result<Later<Group>, CallError> {
        self.begin(&GET_GROUP, &[Value::Long(id)], read_group)
    }

    /// The group of this name.
    ///
    /// # Errors
    ///
    /// `::omero::ApiUsageException` where there is none.
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, Group, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let group = Group { id: 3, name: "lab".into(), ..Group::default() };
    /// # let session = FakeSession::new().reply(&admin::LOOKUP_GROUP, Answer::group(&group)).session();
    /// assert_eq!(Admin::of(&session)?.group_named("lab")?.id, 3);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn group_named(&self, name: &str) -> Result<Group, CallError> {
        self.begin_group_named(name)?.wait()
    }

    /// As [`Admin::group_named`], without waiting.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, Group, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let group = Group { id: 2024, name: "lab".into(), ..Group::default() };
    /// # let unknown = Answer::exception("::omero::ApiUsageException", "No such group");
    /// # let session = FakeSession::new()
    /// #     .reply(&admin::LOOKUP_GROUP, unknown)
    /// #     .reply(&admin::GET_GROUP, Answer::group(&group))
    /// #     .session();
    /// let admin = Admin::of(&session)?;
    /// // Is `2024` a name or an id? One round trip tells.
    /// let (by_name, by_id) = (admin.begin_group_named("2024")?, admin.begin_group(2024)?);
    /// let group = by_name.wait().or_else(|_| by_id.wait())?;
    /// assert_eq!(group.name, "lab");
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn begin_group_named(&self, name: &str) -> Result<Later<Group>, CallError> {
        self.begin(&LOOKUP_GROUP, &[Value::from(name)], read_group)
    }
}

fn read_group(reply: &Decoded) -> Result<Group, CallError> {
    Ok(Group::read(&returned(reply)?)?)
}
