//! Results that are under way.

use std::fmt;

use super::CallError;
use crate::{session::Pending, slice::Decoded};

/// The result of a call that was sent but not waited for, so that several calls share one round
/// trip. Dropping it abandons the answer.
///
/// ```
/// use omero_plugin_api::{Session, services::{Admin, CallError, Experimenter, Roles}};
///
/// fn members(session: &Session, group: i64) -> Result<(Vec<Experimenter>, Roles), CallError> {
///     let admin = Admin::of(session)?;
///     let (members, roles) = (admin.begin_experimenters_of(group)?, admin.begin_roles()?);
///     Ok((members.wait()?, roles.wait()?))
/// }
/// # use omero_plugin_api::{services::admin, testing::{Answer, FakeSession}};
/// # let fake = FakeSession::new()
/// #     .reply(&admin::CONTAINED_EXPERIMENTERS, Answer::experimenters(&[]))
/// #     .reply(&admin::GET_SECURITY_ROLES, Answer::roles(&Roles { root_id: 7, ..Roles::default() }));
/// # assert_eq!(members(&fake.session(), 3).unwrap().1.root_id, 7);
/// ```
pub struct Later<T> {
    pending: Pending<'static>,
    read: fn(&Decoded) -> Result<T, CallError>,
}

impl<T> Later<T> {
    pub(super) fn new(
        pending: Pending<'static>,
        read: fn(&Decoded) -> Result<T, CallError>,
    ) -> Self {
        Self { pending, read }
    }

    /// Waits for the result.
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    ///
    /// ```
    /// # use omero_plugin_api::services::{Admin, CallError, Roles, admin};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let roles = Answer::roles(&Roles::default());
    /// # let session = FakeSession::new().reply(&admin::GET_SECURITY_ROLES, roles).session();
    /// let roles = Admin::of(&session)?.begin_roles()?;
    /// // What needs no answer from the server is done meanwhile.
    /// assert_eq!(roles.wait()?.root_id, 0);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn wait(self) -> Result<T, CallError> {
        (self.read)(&self.pending.wait()?)
    }
}

impl<T> fmt::Debug for Later<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Later").field(&self.pending).finish()
    }
}
