//! Asking a session provider for a session, as the host does.

use omero_plugin_abi::{HostContextBox, TD_Opaque};

use super::{Harness, run::outcome};
use crate::{
    Error, Session,
    provider::{Attach, boundary},
    testing::{Outcome, host::FakeHost, problems::Problems},
};

/// What came of asking a session provider for a session.
///
/// ```
/// # use omero_plugin_api::testing::Attached;
/// fn user(attached: &Attached) -> Option<&str> {
///     Some(&attached.session.as_ref()?.info().user)
/// }
/// # let _ = user;
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Attached {
    /// The session; without one the outcome has the error.
    pub session: Option<Session>,
    /// What was written and asked meanwhile.
    pub outcome: Outcome,
}

impl Harness {
    /// Asks the function that the plugin gives to `provider:` of `export_plugin!` for a session, with
    /// the login options, the environment and the answers of this harness.
    ///
    /// # Panics
    ///
    /// As [`Harness::run`].
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use omero_plugin_api::{
    ///     Context, Error, Kind,
    ///     clap::Command,
    ///     provider::Connection,
    ///     testing::{FakeSession, Harness},
    /// };
    ///
    /// fn attach(ctx: &Context) -> Result<Arc<dyn Connection>, Error> {
    ///     match ctx.read_secret("PIN: ")? {
    ///         Some(pin) if pin.expose() == "1234" => Ok(Arc::new(FakeSession::new())),
    ///         _ => Err(Error::of_kind(Kind::NoSession, 1, "The PIN is wrong")),
    ///     }
    /// }
    ///
    /// let harness = Harness::new(|| Command::new("card"), |_, _| Ok(()));
    /// let attached = harness.clone().types("1234").attach(attach);
    /// assert_eq!(attached.session.unwrap().info().user, "root");
    /// assert_eq!(attached.outcome.prompts, ["PIN: "]);
    /// let refused = harness.types("0000").attach(attach);
    /// assert_eq!(refused.outcome.stderr, "The PIN is wrong\n");
    /// ```
    #[track_caller]
    pub fn attach(self, attach: Attach) -> Attached {
        let problems = Problems::default();
        let (host, record) = FakeHost::new(self.script, problems.clone());
        let host = HostContextBox::from_value(host, TD_Opaque);
        let result = boundary::provider(attach).attach(host).into_result();
        let session = result.map_err(Error::from).and_then(Session::from_abi);
        let problems = problems.take();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        let (session, result) = match session {
            Ok(session) => (Some(session), Ok(0)),
            Err(error) => (None, Err(error)),
        };
        Attached {
            session,
            outcome: outcome(&record, result),
        }
    }
}
