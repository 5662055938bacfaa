//! Ice protocol messages as bytes (Ice 3.7 manual, "Protocol Messages").
//!
//! Written apart from the client's framing on purpose: a mistake made twice would go unnoticed.

use omero_plugin_api::slice::Identity;

use super::cursor::{Cursor, Malformed, put_size, put_string};

/// Bytes of a message header.
pub const HEADER: usize = 14;
/// The largest message that OMERO's configuration lets through, in bytes.
pub const MAX_MESSAGE: usize = 250_000 * 1024;

const MAGIC: &[u8; 4] = b"IceP";

/// One whole message from a client.
#[derive(Debug)]
pub enum Message {
    /// A call.
    Request(Request),
    /// Calls without replies, which an OMERO client never sends.
    BatchRequest,
    /// An answer to a request of ours.
    Reply {
        /// Id of our request.
        id: i32,
        /// Status byte.
        status: u8,
    },
    /// The client's heartbeat.
    ValidateConnection,
    /// The client says goodbye.
    CloseConnection,
}

/// A call.
#[derive(Clone, Debug)]
pub struct Request {
    /// Number that the reply repeats; 0 wants no reply.
    pub id: i32,
    /// Which object.
    pub identity: Identity,
    /// The facet, unless it is the default one.
    pub facet: Option<String>,
    /// Which operation.
    pub operation: String,
    /// 0 normal, 1 nonmutating, 2 idempotent.
    pub mode: u8,
    /// The request context.
    pub context: Vec<(String, String)>,
    /// The parameters, with the frame around them.
    pub encapsulation: Vec<u8>,
}

impl Request {
    /// The context value under a key.
    pub fn context(&self, key: &str) -> Option<&str> {
        self.context
            .iter()
            .rev()
            .find(|(k, _)| k == key)
            .map(|(_, value)| value.as_str())
    }
}

/// What a reply says.
#[derive(Clone, Debug)]
pub enum Status {
    /// Results, as an encapsulation.
    Ok(Vec<u8>),
    /// A user exception, as an encapsulation.
    UserException(Vec<u8>),
    /// No such object; the operation named is not always the one that was called.
    ObjectNotExist(String),
    /// No such facet.
    FacetNotExist,
    /// No such operation.
    OperationNotExist,
    /// A run-time exception of Ice, as text.
    UnknownLocalException(String),
    /// A user exception that the operation does not declare, as text.
    UnknownUserException(String),
    /// Anything else, as text.
    UnknownException(String),
}

/// The message that a server sends first, and either side sends as heartbeat.
pub const VALIDATE_CONNECTION: [u8; HEADER] = [
    b'I',
    b'c',
    b'e',
    b'P',
    1,
    0,
    1,
    0,
    3,
    0,
    HEADER as u8,
    0,
    0,
    0,
];

/// The message that ends a connection in good order.
pub const CLOSE_CONNECTION: [u8; HEADER] = [
    b'I',
    b'c',
    b'e',
    b'P',
    1,
    0,
    1,
    0,
    4,
    1,
    HEADER as u8,
    0,
    0,
    0,
];

/// Size of the message that starts the buffer, once its header is there.
pub fn message_size(buffer: &[u8]) -> Result<Option<usize>, Malformed> {
    let Some(header) = buffer.get(..HEADER) else {
        return Ok(None);
    };
    if header[..4] != *MAGIC || header[4..6] != [1, 0] || header[6] != 1 {
        return Err(Malformed("the header is not of Ice protocol 1.0"));
    }
    let size = i32::from_le_bytes([header[10], header[11], header[12], header[13]]);
    let size = usize::try_from(size).map_err(|_| Malformed("negative message size"))?;
    let exact = matches!(header[8], 3 | 4);
    if !(HEADER..=MAX_MESSAGE).contains(&size) || (exact && size != HEADER) {
        return Err(Malformed("impossible message size"));
    }
    Ok(Some(size))
}

/// Reads one message, header included.
pub fn parse(message: &[u8]) -> Result<Message, Malformed> {
    if message[9] == 2 {
        return Err(Malformed("a compressed message, which nobody offered"));
    }
    let mut body = Cursor::new(&message[HEADER..]);
    let parsed = match message[8] {
        0 => Message::Request(parse_request(&mut body)?),
        1 => return Ok(Message::BatchRequest),
        2 => {
            return Ok(Message::Reply {
                id: body.int()?,
                status: body.byte()?,
            });
        }
        3 => Message::ValidateConnection,
        4 => Message::CloseConnection,
        _ => return Err(Malformed("unknown message type")),
    };
    body.expect_end()?;
    Ok(parsed)
}

fn parse_request(body: &mut Cursor<'_>) -> Result<Request, Malformed> {
    let id = body.int()?;
    let (name, category) = (body.string()?, body.string()?);
    let facet = match body.size()? {
        0 => None,
        1 => Some(body.string()?),
        _ => return Err(Malformed("more than one facet")),
    };
    let (operation, mode) = (body.string()?, body.byte()?);
    let mut context = Vec::new();
    for _ in 0..body.size()? {
        context.push((body.string()?, body.string()?));
    }
    let size = usize::try_from(body.peek_int()?).map_err(|_| Malformed("encapsulation size"))?;
    let encapsulation = body.bytes(size)?.to_vec();
    if encapsulation.len() < 6 {
        return Err(Malformed("encapsulation too small"));
    }
    let identity = Identity::new(category, name);
    Ok(Request {
        id,
        identity,
        facet,
        operation,
        mode,
        context,
        encapsulation,
    })
}

/// A reply message.
pub fn reply(request: &Request, status: &Status) -> Vec<u8> {
    let mut body = request.id.to_le_bytes().to_vec();
    match status {
        Status::Ok(encapsulation) => put(&mut body, 0, encapsulation),
        Status::UserException(encapsulation) => put(&mut body, 1, encapsulation),
        Status::ObjectNotExist(operation) => put_no_such(&mut body, 2, request, operation),
        Status::FacetNotExist => put_no_such(&mut body, 3, request, &request.operation),
        Status::OperationNotExist => put_no_such(&mut body, 4, request, &request.operation),
        Status::UnknownLocalException(text) => put_text(&mut body, 5, text),
        Status::UnknownUserException(text) => put_text(&mut body, 6, text),
        Status::UnknownException(text) => put_text(&mut body, 7, text),
    }
    with_header(2, &body)
}

/// Parameters of an operation that has none.
pub const NO_PARAMETERS: [u8; 6] = [6, 0, 0, 0, 1, 1];

/// A request of ours; the parameters come as an encapsulation.
pub fn request(
    id: i32,
    identity: &Identity,
    operation: &str,
    mode: u8,
    parameters: &[u8],
) -> Vec<u8> {
    let mut body = id.to_le_bytes().to_vec();
    put_string(&mut body, &identity.name);
    put_string(&mut body, &identity.category);
    put_size(&mut body, 0);
    put_string(&mut body, operation);
    body.extend([mode, 0]);
    body.extend(parameters);
    with_header(0, &body)
}

fn put(body: &mut Vec<u8>, status: u8, bytes: &[u8]) {
    body.push(status);
    body.extend(bytes);
}

fn put_text(body: &mut Vec<u8>, status: u8, text: &str) {
    body.push(status);
    put_string(body, text);
}

fn put_no_such(body: &mut Vec<u8>, status: u8, request: &Request, operation: &str) {
    body.push(status);
    put_string(body, &request.identity.name);
    put_string(body, &request.identity.category);
    put_size(body, usize::from(request.facet.is_some()));
    if let Some(facet) = &request.facet {
        put_string(body, facet);
    }
    put_string(body, operation);
}

fn with_header(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = MAGIC.to_vec();
    message.extend([1, 0, 1, 0, kind, 0]);
    let size = i32::try_from(HEADER + body.len()).unwrap_or(i32::MAX);
    message.extend(size.to_le_bytes());
    message.extend(body);
    message
}
