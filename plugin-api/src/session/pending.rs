//! Requests that are under way.

use std::{fmt, time::Duration};

use omero_plugin_abi::{PendingReplyBox, Reply, std_types::ROption};

use crate::{
    call::{CallError, Operation},
    context::result,
    slice::{Decoded, Limits, decode_owned},
};

/// A request that is under way. Dropping it abandons the answer.
///
/// ```
/// use omero_plugin_api::{
///     Session,
///     services::{CallError, Operation},
///     slice::{Decoded, Graph},
/// };
///
/// /// The answers of several services to the same question, in their order.
/// fn ask(
///     session: &Session,
///     services: &[&str],
///     question: &Operation,
/// ) -> Result<Vec<Decoded>, CallError> {
///     let mut pending = Vec::new();
///     for name in services {
///         let service = session.service(name)?;
///         pending.push(session.begin(&service, question, &[], &Graph::new())?);
///     }
///     pending.iter().map(|call| call.wait()).collect()
/// }
/// # use omero_plugin_api::{services::{admin, query}, testing::{Answer, FakeSession}};
/// # const IS_STATELESS: Operation = Operation::normal("isStateless", &[], &["bool"]);
/// # let fake = FakeSession::new().reply(&IS_STATELESS, Answer::value(true));
/// # let answers = ask(&fake.session(), &[admin::NAME, query::NAME], &IS_STATELESS)?;
/// # assert!(answers[1].values[0].as_bool()?);
/// # Ok::<(), CallError>(())
/// ```
pub struct Pending<'a> {
    inner: PendingReplyBox,
    operation: &'a Operation,
}

impl fmt::Debug for Pending<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("operation", &self.operation.name)
            .finish_non_exhaustive()
    }
}

impl<'a> Pending<'a> {
    pub(super) fn new(inner: PendingReplyBox, operation: &'a Operation) -> Self {
        Self { inner, operation }
    }

    /// Waits for the results, as long as the session's own limit.
    ///
    /// # Errors
    ///
    /// As [`Session::call`](crate::Session::call).
    ///
    /// ```
    /// # use omero_plugin_api::{services::{CallError, config}, slice::Graph};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let session = FakeSession::new().reply(&config::GET_VERSION, Answer::value("5.6.14")).session();
    /// # let service = session.service(config::NAME)?;
    /// let pending = session.begin(&service, &config::GET_VERSION, &[], &Graph::new())?;
    /// assert_eq!(pending.wait()?.values[0].as_str()?, "5.6.14");
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn wait(&self) -> Result<Decoded, CallError> {
        self.decode(self.wait_for_body()?)
    }

    /// Waits for the results at most this long.
    ///
    /// # Errors
    ///
    /// As [`Session::call`](crate::Session::call); no answer in time.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use omero_plugin_api::{Error, services::{CallError, config}, slice::Graph};
    ///
    /// # use omero_plugin_api::{Kind, testing::{Answer, FakeSession}};
    /// # let late = Error::of_kind(Kind::Network, 1, "no answer in time");
    /// # let session = FakeSession::new().reply(&config::GET_VERSION, Answer::failure(late)).session();
    /// # let service = session.service(config::NAME)?;
    /// let pending = session.begin(&service, &config::GET_VERSION, &[], &Graph::new())?;
    /// let version = match pending.wait_for(Duration::from_secs(2)) {
    ///     Ok(reply) => reply.values[0].as_str()?.to_owned(),
    ///     Err(CallError::Session(_)) => "unknown".to_owned(), // Not worth a longer wait.
    ///     Err(error) => return Err(error.into()),
    /// };
    /// assert_eq!(version, "unknown");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn wait_for(&self, limit: Duration) -> Result<Decoded, CallError> {
        let milliseconds = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        self.decode(self.body(ROption::RSome(milliseconds))?)
    }

    fn decode(&self, body: Vec<u8>) -> Result<Decoded, CallError> {
        let limits = Limits::for_reply(body.len());
        Ok(decode_owned(
            body,
            &self.operation.output_types()?,
            &limits,
        )?)
    }

    /// Waits for the encapsulation that holds the results, as long as the session's own limit.
    pub(crate) fn wait_for_body(&self) -> Result<Vec<u8>, CallError> {
        self.body(ROption::RNone)
    }

    fn body(&self, milliseconds: ROption<u64>) -> Result<Vec<u8>, CallError> {
        let Reply { status, body } = result(self.inner.wait(milliseconds))?;
        match status {
            0 => Ok(body.into_vec()),
            _ => Err(CallError::from_reply(status, &body, self.operation.name)),
        }
    }
}
