//! Answers to calls.

use std::fmt;

use omero_plugin_api::slice::Identity;

use super::super::IceError;
use super::super::wire::{Reader, put_facet, put_identity, put_string};
use super::frame::{Header, Kind};
use super::request::Request;

/// An answer, with the number of the call that it belongs to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// The id of the request.
    pub id: i32,
    /// What came back.
    pub reply: RawReply,
}

/// What came back for a call.
#[derive(Clone, PartialEq, Eq)]
pub struct RawReply {
    /// 0: the call succeeded, 1: it raised a declared exception, 2 to 7: see [`Failure`].
    pub status: u8,
    /// For status 0 and 1 one whole encapsulation: results, or the exception. For other statuses
    /// what [`RawReply::failure`] reads.
    pub body: Vec<u8>,
}

/// How a call failed without a declared exception.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// Status 2, 3 and 4: what was called is not there.
    NotExist {
        /// 2: no such object, 3: no such facet, 4: no such operation.
        status: u8,
        /// The object that was called.
        identity: Identity,
        /// The facet that was called.
        facet: Option<String>,
        /// The operation that was called; from a Glacier2 router `ice_add_proxy` means that the
        /// object's proxy has not been registered.
        operation: String,
    },
    /// Status 5, 6 and 7: something else went wrong in the server.
    Unknown {
        /// 5: in its Ice runtime, 6: an exception that the operation does not declare, 7: in its
        /// own code.
        status: u8,
        /// The server's words, often several lines. Not safe for a terminal.
        text: String,
    },
}

impl Reply {
    /// Reads the body of a reply: the id, and the rest or why it is malformed.
    ///
    /// A malformed rest is the trouble of the one call alone, because the stream goes on.
    ///
    /// # Errors
    ///
    /// [`IceError::Protocol`] if not even the id is there.
    pub fn decode(body: &[u8]) -> Result<(i32, Result<RawReply, IceError>), IceError> {
        let mut reader = Reader::new(body);
        let id = reader.int("request id")?;
        Ok((id, RawReply::decode(&body[4..])))
    }

    /// The answer to a call for an object that is not here: this client has none.
    ///
    /// # Errors
    ///
    /// [`IceError::Request`] if the parts of the request are too big to be repeated.
    pub fn object_not_exist(request: &Request<'_>) -> Result<Vec<u8>, IceError> {
        let mut body = Vec::new();
        put_identity(&mut body, &request.identity)?;
        put_facet(&mut body, request.facet.as_deref())?;
        put_string(&mut body, &request.operation)?;
        Self {
            id: request.id,
            reply: RawReply { status: 2, body },
        }
        .encode()
    }

    /// The whole message.
    ///
    /// # Errors
    ///
    /// [`IceError::Request`] if it is too big.
    pub fn encode(&self) -> Result<Vec<u8>, IceError> {
        let mut out = Header::begin(Kind::Reply);
        out.extend(self.id.to_le_bytes());
        out.push(self.reply.status);
        out.extend(&self.reply.body);
        Header::finish(out)
    }
}

impl RawReply {
    fn decode(bytes: &[u8]) -> Result<Self, IceError> {
        let mut reader = Reader::new(bytes);
        let status = reader.byte("reply status")?;
        let reply = Self {
            status,
            body: bytes[1..].to_vec(),
        };
        match status {
            0 | 1 => {
                reader.encapsulation()?;
                reader.end("reply")?;
            }
            _ => {
                reply.failure()?;
            }
        }
        Ok(reply)
    }

    /// What went wrong, for the statuses 2 to 7; `None` for 0 and 1.
    ///
    /// # Errors
    ///
    /// [`IceError::Protocol`] for an unknown status or a malformed body. A reply that came from a
    /// [`Connection`](super::super::Connection) has neither.
    pub fn failure(&self) -> Result<Option<Failure>, IceError> {
        let status = self.status;
        let mut reader = Reader::new(&self.body);
        let failure = match status {
            0 | 1 => return Ok(None),
            2..=4 => Failure::NotExist {
                status,
                identity: reader.identity()?,
                facet: reader.facet()?,
                operation: reader.string("operation")?,
            },
            5..=7 => Failure::Unknown {
                status,
                text: reader.display_string("error text")?,
            },
            _ => {
                return Err(IceError::Protocol(format!(
                    "a reply has the status {status}"
                )));
            }
        };
        reader.end("reply")?;
        Ok(Some(failure))
    }
}

/// Without the body: it may hold session keys.
impl fmt::Debug for RawReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawReply")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}
