//! Trouble on demand.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::cursor::{put_size, put_string};
use super::frame::{self, Request, Status};
use super::thrown::Thrown;

/// One kind of trouble.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Close the connection as soon as it is accepted. (At connections.)
    Refuse,
    /// Never send the first message. (At connections.)
    Silence,
    /// Send these bytes in place of the first message. (At connections.)
    Greeting(Vec<u8>),
    /// Send every byte in a TCP segment of its own from now on. (At connections.)
    TinySegments,
    /// Wait before doing what is asked, or before the first message. (Anywhere.)
    Delay(Duration),
    /// Answer with this exception.
    Raise(Thrown),
    /// Answer with this status.
    Answer(Status),
    /// End the session of the connection, as an administrator could, before the call is looked at.
    EndSession,
    /// Let the session of the connection run out of idle time before the call is looked at.
    ExpireSession,
    /// Send so many heartbeats before the answer.
    Heartbeats(usize),
    /// Send the client a request before the answer.
    RequestToClient,
    /// Send a reply that nobody waits for before the answer.
    StrayReply,
    /// Send only so many bytes of the answer, then close the connection.
    CutReply(usize),
    /// Send bytes that are no message, and nothing more.
    Garbage,
    /// Announce a message of this many bytes, and send nothing more.
    HugeSize(i32),
    /// Answer with null where an object is expected.
    Null,
    /// Answer with an object of a class that no client knows.
    UnknownClass {
        /// With the sizes that let a client skip it.
        sliced: bool,
    },
    /// Say that the answer is compressed, which nobody asked for.
    Compressed,
    /// Do what is asked, then say CloseConnection in place of the answer.
    CloseConnection,
    /// Do what is asked, then close the connection without a word.
    Disconnect,
    /// Do what is asked and never answer.
    NoReply,
}

/// When trouble comes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Occasion {
    Connection,
    Operation(String),
}

#[derive(Debug)]
struct Rule {
    occasion: Occasion,
    skip: usize,
    left: usize,
    fault: Fault,
}

/// The trouble that is still to come.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Rule>>);

impl Faults {
    /// At the next connection.
    pub fn on_connection(&self, fault: Fault) {
        self.add(Occasion::Connection, 0, 1, fault);
    }

    /// At every connection from now on.
    pub fn on_every_connection(&self, fault: Fault) {
        self.add(Occasion::Connection, 0, usize::MAX, fault);
    }

    /// At the next call of an operation.
    pub fn on(&self, operation: &str, fault: Fault) {
        self.add(Occasion::Operation(operation.to_owned()), 0, 1, fault);
    }

    /// At every call of an operation from now on.
    pub fn on_every(&self, operation: &str, fault: Fault) {
        self.add(
            Occasion::Operation(operation.to_owned()),
            0,
            usize::MAX,
            fault,
        );
    }

    /// At `times` calls of an operation after letting `skip` of them pass.
    pub fn on_some(&self, operation: &str, skip: usize, times: usize, fault: Fault) {
        self.add(
            Occasion::Operation(operation.to_owned()),
            skip,
            times,
            fault,
        );
    }

    /// No more trouble.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn add(&self, occasion: Occasion, skip: usize, left: usize, fault: Fault) {
        self.lock().push(Rule {
            occasion,
            skip,
            left,
            fault,
        });
    }

    pub(super) fn at_connection(&self) -> Vec<Fault> {
        self.take(&Occasion::Connection)
    }

    pub(super) fn at_operation(&self, operation: &str) -> Vec<Fault> {
        self.take(&Occasion::Operation(operation.to_owned()))
    }

    fn take(&self, occasion: &Occasion) -> Vec<Fault> {
        let mut rules = self.lock();
        let mut taken = Vec::new();
        for rule in rules.iter_mut().filter(|rule| rule.occasion == *occasion) {
            if rule.skip > 0 {
                rule.skip -= 1;
            } else {
                rule.left = rule
                    .left
                    .saturating_sub(usize::from(rule.left != usize::MAX));
                taken.push(rule.fault.clone());
            }
        }
        rules.retain(|rule| rule.left > 0);
        taken
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Type id of a class that is in nobody's table.
const UNKNOWN: &str = "::omero::model::FromTheFuture";

/// A reply with one object of an unknown class, in the encoding of the request.
pub(super) fn unknown_class(request: &Request, sliced: bool) -> Vec<u8> {
    let minor = request.encapsulation[5];
    let mut payload = Vec::new();
    if minor == 0 {
        payload.extend((-1_i32).to_le_bytes());
        put_size(&mut payload, 1);
        payload.extend(1_i32.to_le_bytes());
        for (id, body) in [(UNKNOWN, &[][..]), ("::Ice::Object", &[0])] {
            payload.push(0);
            put_string(&mut payload, id);
            payload.extend((4 + body.len() as i32).to_le_bytes());
            payload.extend(body);
        }
        put_size(&mut payload, 0);
    } else {
        payload.extend([1, if sliced { 0x31 } else { 0x21 }]);
        put_string(&mut payload, UNKNOWN);
        if sliced {
            payload.extend(4_i32.to_le_bytes());
        }
    }
    let mut encapsulation = (6 + payload.len() as i32).to_le_bytes().to_vec();
    encapsulation.extend([1, minor]);
    encapsulation.extend(payload);
    frame::reply(request, &Status::Ok(encapsulation))
}

/// A message header that announces a size and nothing after it.
pub(super) fn header_of_size(size: i32) -> Vec<u8> {
    let mut header = frame::VALIDATE_CONNECTION.to_vec();
    header[8] = 2;
    header[10..14].copy_from_slice(&size.to_le_bytes());
    header
}

/// A null object, in the encoding of the request.
pub(super) fn null(request: &Request) -> Status {
    let payload: &[u8] = match request.encapsulation[5] {
        0 => &[11, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        _ => &[7, 0, 0, 0, 1, 1, 0],
    };
    Status::Ok(payload.to_vec())
}
