//! The thread that reads what the server sends.

use super::super::IceError;
use super::super::message::{Frame, Kind, Reply, Request, take_frame};
use super::super::transport::{Flow, PIECE};
use super::Shared;

/// Reads until the connection ends, then tells everyone why.
pub(super) fn run(shared: &Shared, mut stream: Vec<u8>, limit: usize) {
    // Callers must not wait for ever, whatever goes wrong in here.
    let _over = Over(shared);
    let error = match read_all(shared, &mut stream, limit) {
        Err(error) => error,
        Ok(()) if stream.is_empty() => {
            IceError::ConnectionLost("the server hung up without a good-bye".to_owned())
        }
        Ok(()) => IceError::ConnectionLost("the server hung up inside a message".to_owned()),
    };
    shared.end(error);
}

struct Over<'a>(&'a Shared);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0
            .end(IceError::ConnectionLost("the reader stopped".to_owned()));
        self.0.outstanding.set_over();
    }
}

fn read_all(shared: &Shared, stream: &mut Vec<u8>, limit: usize) -> Result<(), IceError> {
    let mut piece = vec![0; PIECE];
    loop {
        while let Some(frame) = take_frame(stream, limit)? {
            handle(shared, &frame)?;
        }
        if shared.transport.read(&mut piece, stream)? == Flow::Ended {
            // What came together with the end still counts.
            while let Some(frame) = take_frame(stream, limit)? {
                handle(shared, &frame)?;
            }
            return Ok(());
        }
    }
}

fn handle(shared: &Shared, frame: &Frame) -> Result<(), IceError> {
    if frame.header.compression > 1 && !matches!(frame.header.kind, Kind::Validate | Kind::Close) {
        // Requests say that compressed replies are not wanted.
        return Err(IceError::Protocol("a compressed message".to_owned()));
    }
    match frame.header.kind {
        Kind::Reply => {
            let (id, outcome) = Reply::decode(&frame.body)?;
            shared.outstanding.deliver(id, outcome);
            Ok(())
        }
        Kind::Request => answer(shared, &frame.body),
        Kind::Close => Err(IceError::ClosedByPeer),
        // Heartbeats, and calls that want no answer.
        Kind::Validate | Kind::BatchRequest => Ok(()),
    }
}

/// This client has no objects: a call of the server's is answered by saying so.
fn answer(shared: &Shared, body: &[u8]) -> Result<(), IceError> {
    let request = Request::decode(body)?;
    match request.id {
        0 => Ok(()),
        _ => shared.transport.post(&Reply::object_not_exist(&request)?),
    }
}
