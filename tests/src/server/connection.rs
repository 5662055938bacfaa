//! One client: its messages in, our messages out.

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use omero_plugin_api::slice::Identity;

use super::Shared;
use super::faults::{self, Fault};
use super::frame::{self, Message, Request, Status};
use super::glacier2::{Router, Verdict};
use super::journal::CallRecord;
use super::link::Link;

/// One client's connection.
pub struct Connection {
    number: u64,
    link: Arc<Link>,
    shared: Arc<Shared>,
    router: Mutex<Router>,
    next_request: AtomicI32,
    over: AtomicBool,
}

/// Whether the connection goes on.
#[derive(PartialEq, Eq)]
enum Next {
    Go,
    Stop,
}

impl Connection {
    pub fn new(number: u64, link: Arc<Link>, shared: Arc<Shared>) -> Arc<Self> {
        let router = Mutex::new(Router::default());
        Arc::new(Self {
            number,
            link,
            shared,
            router,
            next_request: AtomicI32::new(1),
            over: AtomicBool::new(false),
        })
    }

    /// Serves the client until one side ends the connection.
    pub fn serve(self: &Arc<Self>) {
        self.shared.journal.write().open += 1;
        if let Err(reason) = self.converse()
            && !self.shared.stopping()
        {
            self.shared.journal.write().protocol_errors.push(reason);
        }
        self.link.cut();
        self.over.store(true, Ordering::SeqCst);
        self.router().end_session(&self.shared);
        self.shared.journal.write().open -= 1;
    }

    fn converse(self: &Arc<Self>) -> Result<(), String> {
        let text = |error: std::io::Error| error.to_string();
        let mut buffer = Vec::new();
        while !self.link.ready() {
            if !self.link.receive(&mut buffer).map_err(text)? {
                return Ok(());
            }
        }
        if self.greet() == Next::Stop {
            return Ok(());
        }
        loop {
            let size = frame::message_size(&buffer).map_err(|error| error.to_string())?;
            if let Some(size) = size.filter(|size| buffer.len() >= *size) {
                let rest = buffer.split_off(size);
                let message = std::mem::replace(&mut buffer, rest);
                let message = frame::parse(&message).map_err(|error| error.to_string())?;
                if self.take(message) == Next::Stop {
                    return Ok(());
                }
            } else if !self.link.receive(&mut buffer).map_err(text)? {
                return Ok(());
            }
        }
    }

    /// The server speaks first.
    fn greet(&self) -> Next {
        let mut greeting = frame::VALIDATE_CONNECTION.to_vec();
        for fault in self.shared.faults.at_connection() {
            match fault {
                Fault::Refuse | Fault::Disconnect => return Next::Stop,
                Fault::Silence => greeting.clear(),
                Fault::Greeting(bytes) => greeting = bytes,
                Fault::TinySegments => self.link.use_tiny_segments(),
                Fault::Delay(time) => self.shared.pause(time),
                Fault::HugeSize(size) => greeting = faults::header_of_size(size),
                Fault::CloseConnection => greeting = frame::CLOSE_CONNECTION.to_vec(),
                _ => {}
            }
        }
        if !greeting.is_empty() {
            self.send(&greeting);
        }
        Next::Go
    }

    fn take(self: &Arc<Self>, message: Message) -> Next {
        match message {
            Message::Request(request) => return self.request(request),
            Message::CloseConnection => {
                self.shared.journal.write().closed_gracefully += 1;
                self.link.finish();
                return Next::Stop;
            }
            Message::ValidateConnection => self.shared.journal.write().heartbeats += 1,
            Message::Reply { id, status } => {
                self.shared.journal.write().replies.push((id, status));
            }
            Message::BatchRequest => {}
        }
        Next::Go
    }

    /// Requests are answered in order, but for those that a fault makes slow: they get a thread
    /// of their own, so that others overtake them.
    fn request(self: &Arc<Self>, request: Request) -> Next {
        self.shared.journal.write().calls.push(CallRecord {
            connection: self.number,
            identity: request.identity.clone(),
            operation: request.operation.clone(),
            context: request.context.clone(),
            encoding: (request.encapsulation[4], request.encapsulation[5]),
            twoway: request.id != 0,
        });
        let faults = self.shared.faults.at_operation(&request.operation);
        if !faults.iter().any(|fault| matches!(fault, Fault::Delay(_))) {
            return self.answer(&request, &faults);
        }
        let this = Arc::clone(self);
        let slow = thread::Builder::new().spawn(move || {
            if this.answer(&request, &faults) == Next::Stop {
                this.link.cut();
            }
        });
        if slow.is_ok() { Next::Go } else { Next::Stop }
    }

    fn answer(&self, request: &Request, faults: &[Fault]) -> Next {
        let mut planned = None;
        for fault in faults {
            match fault {
                Fault::Delay(time) => {
                    self.shared.pause(*time);
                    // A server that stops has not waited to the end, and so does not answer.
                    if self.shared.stopping() {
                        return Next::Stop;
                    }
                }
                Fault::Raise(thrown) => {
                    planned = Some(super::dispatch::raise(request, thrown));
                }
                Fault::Answer(status) => planned = Some(status.clone()),
                Fault::EndSession => self.end_session(false),
                Fault::ExpireSession => self.end_session(true),
                _ => {}
            }
        }
        let verdict = match planned {
            Some(status) => Verdict::Reply(status),
            None => self.handle(request),
        };
        match verdict {
            Verdict::Drop => Next::Stop,
            Verdict::Reply(_) if request.id == 0 => Next::Go,
            Verdict::Reply(status) => self.reply(request, &status, faults),
        }
    }

    fn handle(&self, request: &Request) -> Verdict {
        let mut router = self.router();
        let verdict = router.handle(&self.shared, request);
        // A slow login may be answered after its client has left.
        if self.over.load(Ordering::SeqCst) {
            router.end_session(&self.shared);
        }
        verdict
    }

    fn reply(&self, request: &Request, status: &Status, faults: &[Fault]) -> Next {
        let mut reply = frame::reply(request, status);
        for fault in faults {
            match fault {
                Fault::Heartbeats(count) => {
                    (0..*count).for_each(|_| self.send(&frame::VALIDATE_CONNECTION));
                }
                Fault::RequestToClient => self.call_client(),
                Fault::StrayReply => {
                    let stray = Request {
                        id: request.id.wrapping_add(1_000_000),
                        ..request.clone()
                    };
                    self.send(&frame::reply(&stray, &Status::OperationNotExist));
                }
                Fault::CutReply(count) => {
                    self.send(&reply[..reply.len().min(*count)]);
                    return Next::Stop;
                }
                Fault::Garbage => reply = b"HTTP/1.1 418 I'm a teapot\r\n\r\n".to_vec(),
                Fault::HugeSize(size) => reply = faults::header_of_size(*size),
                Fault::Null => reply = frame::reply(request, &faults::null(request)),
                Fault::UnknownClass { sliced } => reply = faults::unknown_class(request, *sliced),
                Fault::Compressed => reply[9] = 2,
                Fault::CloseConnection => {
                    self.send(&frame::CLOSE_CONNECTION);
                    self.link.finish();
                    return Next::Stop;
                }
                Fault::Disconnect => return Next::Stop,
                Fault::NoReply => return Next::Go,
                _ => {}
            }
        }
        self.send(&reply);
        Next::Go
    }

    fn end_session(&self, lapsed: bool) {
        let router = self.router();
        let Some((_, key)) = router.session() else {
            return;
        };
        let (mut world, now) = (self.shared.world(), self.shared.clock.now());
        if lapsed && let Some(session) = world.model.sessions.get_mut(key) {
            session.last_access = now - session.time_to_idle - 1;
            world.model.expire(now);
        } else {
            world.model.end_session(key, now);
        }
    }

    /// As when the server pings a callback; the client has to answer, if only that it has none.
    fn call_client(&self) {
        let category = self.router().callbacks().unwrap_or_default().to_owned();
        let identity = Identity::new(category, "ClientCallback");
        let id = self.next_request.fetch_add(1, Ordering::SeqCst);
        self.send(&frame::request(
            id,
            &identity,
            "requestHeartbeat",
            0,
            &frame::NO_PARAMETERS,
        ));
    }

    /// A client that is gone shows when its messages are read.
    fn send(&self, bytes: &[u8]) {
        if self.link.send(bytes).is_err() {
            self.link.cut();
        }
    }

    fn router(&self) -> MutexGuard<'_, Router> {
        self.router.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
