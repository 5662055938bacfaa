//! Calls.

use std::fmt;

use omero_plugin_api::slice::Identity;

use super::super::IceError;
use super::super::wire::{Reader, put_facet, put_identity, put_size, put_string};
use super::frame::{Header, Kind};

/// A call to an object.
#[derive(Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// Links the reply to the call; 0: no reply is wanted.
    pub id: i32,
    /// The object.
    pub identity: Identity,
    /// The facet of the object, if not the usual one.
    pub facet: Option<String>,
    /// The name of the operation.
    pub operation: String,
    /// 0: normal, 1: nonmutating, 2: idempotent.
    pub mode: u8,
    /// Key and value pairs that travel with the call.
    pub context: Vec<(String, String)>,
    /// One whole encapsulation. May hold a password.
    pub parameters: &'a [u8],
}

impl<'a> Request<'a> {
    /// The whole message.
    ///
    /// # Errors
    ///
    /// [`IceError::Request`] if the parameters are not one encapsulation, the object has no name,
    /// the mode is unknown, or the message is too big.
    pub fn encode(&self) -> Result<Vec<u8>, IceError> {
        self.check()?;
        let mut out = Header::begin(Kind::Request);
        // One allocation: parameters may hold a password, and growing would leave copies behind.
        out.reserve_exact(self.size_hint());
        out.extend(self.id.to_le_bytes());
        put_identity(&mut out, &self.identity)?;
        put_facet(&mut out, self.facet.as_deref())?;
        put_string(&mut out, &self.operation)?;
        out.push(self.mode);
        put_size(&mut out, self.context.len())?;
        for (key, value) in &self.context {
            put_string(&mut out, key)?;
            put_string(&mut out, value)?;
        }
        out.extend(self.parameters);
        Header::finish(out)
    }

    fn check(&self) -> Result<(), IceError> {
        if self.identity.name.is_empty() {
            return Err(IceError::Request("the object has no name".to_owned()));
        }
        if self.mode > 2 {
            return Err(IceError::Request(format!(
                "{} is no mode of a call",
                self.mode
            )));
        }
        let mut reader = Reader::new(self.parameters);
        let whole = reader
            .encapsulation()
            .and_then(|_| reader.end("encapsulation"));
        whole.map_err(|_| IceError::Request("the parameters are not one encapsulation".to_owned()))
    }

    /// An upper bound of what the body needs, in bytes.
    fn size_hint(&self) -> usize {
        let string = |text: &str| text.len().saturating_add(5);
        let context = self
            .context
            .iter()
            .map(|(key, value)| string(key) + string(value));
        32 + string(&self.identity.name)
            + string(&self.identity.category)
            + self.facet.as_deref().map_or(0, string)
            + string(&self.operation)
            + context.sum::<usize>()
            + self.parameters.len()
    }

    /// Reads the body of a request.
    ///
    /// # Errors
    ///
    /// [`IceError::Protocol`] if it is malformed.
    pub fn decode(body: &'a [u8]) -> Result<Self, IceError> {
        let mut reader = Reader::new(body);
        let id = reader.int("request id")?;
        let identity = reader.identity()?;
        let facet = reader.facet()?;
        let operation = reader.string("operation")?;
        let mode = reader.byte("mode")?;
        let mut context = Vec::new();
        for _ in 0..reader.size("context")? {
            context.push((reader.string("context")?, reader.string("context")?));
        }
        let parameters = reader.encapsulation()?;
        reader.end("request")?;
        Ok(Self {
            id,
            identity,
            facet,
            operation,
            mode,
            context,
            parameters,
        })
    }
}

/// Without context and parameters: they hold keys and passwords.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("id", &self.id)
            .field("operation", &self.operation)
            .field("mode", &self.mode)
            .field("parameter_bytes", &self.parameters.len())
            .finish_non_exhaustive()
    }
}
