//! User exceptions: what an operation throws instead of returning.

use super::chain::Chain;
use super::decode_v10::Decoder10;
use super::decode_v11::Decoder11;
use super::schema::{self, Class};
use super::{Encoding, Graph, Limits, SliceError, Value, encapsulation};

/// A user exception.
///
/// ```
/// use omero_plugin_api::{Session, services::{Admin, CallError}};
///
/// /// The name of a group, `None` when there is no such group.
/// fn name(session: &Session, id: i64) -> Result<Option<String>, CallError> {
///     match Admin::of(session)?.group(id) {
///         Ok(group) => Ok(Some(group.name)),
///         Err(CallError::Exception(thrown)) if thrown.is_a("::omero::ApiUsageException") => Ok(None),
///         Err(error) => Err(error),
///     }
/// }
/// # use omero_plugin_api::{services::admin, testing::{Answer, FakeSession}};
/// # let thrown = Answer::exception("::omero::ValidationException", "No such group");
/// # let fake = FakeSession::new().reply(&admin::GET_GROUP, thrown);
/// assert_eq!(name(&fake.session(), 7)?, None);
/// # Ok::<(), CallError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct UserException {
    /// Type id: the most derived one that is in the table of exceptions or, if none is, the most
    /// derived one the sender named.
    pub id: String,
    /// The most derived type id the sender named.
    pub wire_id: String,
    fields: Vec<(&'static str, Value)>,
}

/// Decodes the encapsulation of a reply that holds a user exception, with the limits for its size.
///
/// ```
/// use omero_plugin_api::slice::{Encoder, Encoding, Graph, decode_exception};
///
/// let mut encoder = Encoder::new(Encoding::V1_1);
/// let fields = [("message", "locked".into()), ("seconds", 30.into())];
/// encoder.user_exception("::omero::LockTimeout", &fields, &Graph::new(), false)?;
///
/// let (exception, _graph) = decode_exception(&encoder.finish())?;
/// assert_eq!((exception.id.as_str(), exception.message()), ("::omero::LockTimeout", "locked"));
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
pub fn decode_exception(encapsulation: &[u8]) -> Result<(UserException, Graph), SliceError> {
    decode_exception_with(encapsulation, &Limits::for_reply(encapsulation.len()))
}

/// Decodes the encapsulation of a reply that holds a user exception, within limits.
///
/// ```
/// use omero_plugin_api::slice::{Limits, SliceError, decode_exception_with};
/// # use omero_plugin_api::slice::{Encoder, Encoding, Graph};
/// # let mut encoder = Encoder::new(Encoding::V1_1);
/// # let stack = [("serverStackTrace", "at omero.".repeat(1000).into())];
/// # encoder.user_exception("::omero::InternalException", &stack, &Graph::new(), false)?;
/// # let reply = encoder.finish();
///
/// // The reply carries a whole stack trace.
/// let frugal = Limits { max_bytes: 1024, ..Limits::default() };
/// let refused = decode_exception_with(&reply, &frugal);
/// assert_eq!(refused.err(), Some(SliceError::ReplyTooLarge { limit: 1024 }));
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
pub fn decode_exception_with(
    encapsulation: &[u8],
    limits: &Limits,
) -> Result<(UserException, Graph), SliceError> {
    let (encoding, reader) = encapsulation::open(encapsulation, limits)?;
    let (chain, values, graph) = match encoding {
        Encoding::V1_0 => Decoder10::new(reader).exception()?,
        Encoding::V1_1 => Decoder11::new(reader).exception()?,
    };
    Ok((UserException::from_chain(&chain, values), graph))
}

impl UserException {
    fn from_chain(chain: &Chain, values: Vec<Value>) -> Self {
        let wire_id = chain.wire_id().to_owned();
        let id = chain
            .class()
            .map_or_else(|| wire_id.clone(), |class| class.id.to_owned());
        let members = chain.class().into_iter().flat_map(members);
        let names = members.map(|member| member.name);
        Self {
            id,
            wire_id,
            fields: names.zip(values).collect(),
        }
    }

    /// The value of a member, also of an inherited one.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding, Graph, Value, decode_exception};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// # encoder.user_exception("::omero::ConcurrencyException", &[("backOff", 500_i64.into())], &Graph::new(), false)?;
    /// # let (exception, _) = decode_exception(&encoder.finish())?;
    /// // A `ConcurrencyException` says when to try again.
    /// assert_eq!(exception.get("backOff"), Some(&Value::Long(500)));
    /// assert_eq!(exception.get("colour"), None);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn get(&self, member: &str) -> Option<&Value> {
        self.fields
            .iter()
            .find(|(name, _)| *name == member)
            .map(|(_, value)| value)
    }

    /// All members and their values, most derived type first.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding, Graph, Value, decode_exception};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// # encoder.user_exception("::omero::LockTimeout", &[], &Graph::new(), false)?;
    /// # let (exception, _) = decode_exception(&encoder.finish())?;
    /// // A `LockTimeout` is a `ConcurrencyException`, and that a `ServerError`.
    /// let names: Vec<_> = exception.fields().map(|(name, _)| name).collect();
    /// assert_eq!(names[..3], ["seconds", "backOff", "serverStackTrace"]);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.fields.iter().map(|(name, value)| (*name, value))
    }

    /// The known type and its bases, most derived first; empty when no type is known.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding, Graph, Value, decode_exception};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// # encoder.user_exception("::omero::QueryException", &[], &Graph::new(), false)?;
    /// # let (exception, _) = decode_exception(&encoder.finish())?;
    /// let bases: Vec<_> = exception.bases().collect();
    /// let expected = ["::omero::QueryException", "::omero::ApiUsageException", "::omero::ServerError"];
    /// assert_eq!(bases, expected);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn bases(&self) -> impl Iterator<Item = &'static str> + use<> {
        schema::exception_chain(&self.id).map(|class| class.id)
    }

    /// Whether it is an exception of this type or of one derived from it.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding, Graph, Value, decode_exception};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// # encoder.user_exception("::omero::GroupSecurityViolation", &[], &Graph::new(), false)?;
    /// # let (exception, _) = decode_exception(&encoder.finish())?;
    /// // A `GroupSecurityViolation` was thrown.
    /// assert!(exception.is_a("::omero::SecurityViolation"));
    /// assert!(!exception.is_a("::omero::SessionException"));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn is_a(&self, id: &str) -> bool {
        self.id == id || self.wire_id == id || self.bases().any(|base| base == id)
    }

    /// The text for people: `message` of OMERO's exceptions, `reason` of those of the login.
    ///
    /// It is the name of the exception if there is no text. Texts of servers may contain control
    /// characters.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding, Graph, Value, decode_exception};
    /// # let mut encoder = Encoder::new(Encoding::V1_1);
    /// # encoder.user_exception("::Glacier2::PermissionDeniedException", &[("reason", "wrong password".into())], &Graph::new(), false)?;
    /// # let (exception, _) = decode_exception(&encoder.finish())?;
    /// assert_eq!(exception.message(), "wrong password");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn message(&self) -> &str {
        let texts = ["message", "reason"]
            .into_iter()
            .filter_map(|name| self.get(name));
        let mut texts = texts.filter_map(|value| value.as_str().ok());
        texts.find(|text| !text.is_empty()).unwrap_or(&self.wire_id)
    }
}

/// Whether exceptions of this type contain class instances.
pub(super) fn has_classes(class: &'static Class) -> bool {
    members(class).any(|member| member.ty.has_classes())
}

/// The values of all members in wire order.
pub(super) fn ordered_fields(
    class: &'static Class,
    fields: &[(&str, Value)],
) -> Result<Vec<Value>, SliceError> {
    let declared = |name: &str| members(class).any(|member| member.name == name);
    if let Some((name, _)) = fields.iter().find(|(name, _)| !declared(name)) {
        let (class, member) = (class.id.to_owned(), (*name).to_owned());
        return Err(SliceError::NoSuchMember { class, member });
    }
    let values = members(class).map(|member| {
        let given = fields.iter().find(|(name, _)| *name == member.name);
        given.map_or_else(|| member.ty.zero(), |(_, value)| Ok(value.clone()))
    });
    values.collect()
}

fn members(class: &'static Class) -> impl Iterator<Item = &'static schema::Member> {
    class.and_bases().flat_map(|class| &class.members)
}
