//! The header in front of every message, and cutting a byte stream into messages.

use super::super::IceError;
use super::super::wire::to_int;

/// The size of a header in bytes.
pub const HEADER_SIZE: usize = 14;

/// The largest message that OMERO's clients accept, in bytes.
pub const MESSAGE_SIZE_MAX: usize = 250_000 * 1024;

const MAGIC: &[u8] = b"IceP";

/// Magic, protocol version 1.0, and the encoding version 1.0 that headers always have.
const PREFIX: [u8; 8] = *b"IceP\x01\x00\x01\x00";

/// The kind of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A call.
    Request = 0,
    /// Several calls that want no reply.
    BatchRequest = 1,
    /// The answer to a call.
    Reply = 2,
    /// The server's greeting; later a heartbeat of either side.
    Validate = 3,
    /// The sender will neither send nor run anything more.
    Close = 4,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        let all = [
            Self::Request,
            Self::BatchRequest,
            Self::Reply,
            Self::Validate,
            Self::Close,
        ];
        all.get(usize::from(byte)).copied()
    }
}

/// What a header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// The kind of the message.
    pub kind: Kind,
    /// 0: not compressed, 1: not compressed but the sender can read compressed replies, 2: the
    /// body is compressed.
    pub compression: u8,
    /// The size of the whole message in bytes, this header included.
    pub size: usize,
}

impl Header {
    /// Reads and checks a header; `limit` is the size in bytes up to which messages are taken.
    ///
    /// # Errors
    ///
    /// [`IceError::Protocol`] for anything that an Ice 1.0 peer does not send,
    /// [`IceError::LimitExceeded`] for a larger message.
    pub fn decode(bytes: &[u8; HEADER_SIZE], limit: usize) -> Result<Self, IceError> {
        check_prefix(bytes)?;
        let [.., kind, compression, a, b, c, d] = *bytes;
        let kind = Kind::from_byte(kind)
            .ok_or_else(|| IceError::Protocol(format!("a message has the unknown type {kind}")))?;
        let said = i32::from_le_bytes([a, b, c, d]);
        let size = usize::try_from(said)
            .ok()
            .filter(|size| *size >= HEADER_SIZE);
        let size =
            size.ok_or_else(|| IceError::Protocol(format!("a message has the size {said}")))?;
        if size > limit {
            return Err(IceError::LimitExceeded {
                what: "message",
                size,
                limit,
            });
        }
        if matches!(kind, Kind::Validate | Kind::Close) && size != HEADER_SIZE {
            return Err(IceError::Protocol(format!(
                "a message without body has the size {size}"
            )));
        }
        Ok(Self {
            kind,
            compression,
            size,
        })
    }

    /// The message without a body: [`Kind::Validate`] or [`Kind::Close`].
    #[must_use]
    pub fn bodiless(kind: Kind) -> [u8; HEADER_SIZE] {
        let mut bytes = [0; HEADER_SIZE];
        bytes[..8].copy_from_slice(&PREFIX);
        bytes[8] = kind as u8;
        bytes[10] = 14;
        bytes
    }

    /// Starts a message; [`Header::finish`] fills in its size.
    #[must_use]
    pub(super) fn begin(kind: Kind) -> Vec<u8> {
        Self::bodiless(kind).to_vec()
    }

    pub(super) fn finish(mut message: Vec<u8>) -> Result<Vec<u8>, IceError> {
        if message.len() > MESSAGE_SIZE_MAX {
            let text = format!("{} bytes are more than a server takes", message.len());
            return Err(IceError::Request(text));
        }
        let size = to_int(message.len())?;
        message[10..HEADER_SIZE].copy_from_slice(&size.to_le_bytes());
        Ok(message)
    }
}

/// Checks as many bytes of magic and versions as are there, so that a peer that is no Ice server
/// is found out by its first byte.
fn check_prefix(bytes: &[u8]) -> Result<(), IceError> {
    let there = bytes.len().min(PREFIX.len());
    if bytes[..there] == PREFIX[..there] {
        return Ok(());
    }
    let magic = there.min(MAGIC.len());
    Err(IceError::Protocol(match bytes[..magic] == MAGIC[..magic] {
        true => "another version of the Ice protocol than 1.0".to_owned(),
        false => "a message does not begin with 'IceP'".to_owned(),
    }))
}

/// One message cut from the stream.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// What its header says.
    pub header: Header,
    /// What follows the header.
    pub body: Vec<u8>,
}

/// Takes the first message out of `stream`, bytes as they came from the network.
///
/// `None`: more bytes are needed. Nothing is reserved on the word of a header.
///
/// # Errors
///
/// As [`Header::decode`]; the stream cannot be read any further then.
pub fn take_frame(stream: &mut Vec<u8>, limit: usize) -> Result<Option<Frame>, IceError> {
    let Some(start) = stream.first_chunk::<HEADER_SIZE>() else {
        return check_prefix(stream).map(|()| None);
    };
    let header = Header::decode(start, limit)?;
    if stream.len() < header.size {
        return Ok(None);
    }
    let rest = stream.split_off(header.size);
    let mut body = std::mem::replace(stream, rest);
    body.drain(..HEADER_SIZE);
    Ok(Some(Frame { header, body }))
}
