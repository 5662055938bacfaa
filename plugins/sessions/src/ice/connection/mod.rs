//! A connection to an Ice server: many calls at once, one thread that reads the replies.

mod greeting;
mod outstanding;
mod pending;
mod reader;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use omero_plugin_api::slice::Identity;
use zeroize::Zeroizing;

use super::message::{Header, Kind, MESSAGE_SIZE_MAX, Request};
use super::transport::{Limits, Transport};
use super::{Cancelled, Endpoint, IceError, Proxies};
use crate::trust::{ServerTrust, TlsOptions};
use outstanding::Outstanding;
pub use pending::Pending;

/// How long a good-bye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// How long an interruption waits for a message that is just being sent.
const STUCK: Duration = Duration::from_millis(200);

/// How a connection is opened.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// The time limit for each address of the host, again for encryption and WebSocket together,
    /// and again for the server's greeting. OMERO's clients use 5 s. A proxy may use the whole of
    /// `total_timeout` to connect to the server.
    pub connect_timeout: Duration,
    /// The time limit for everything together.
    pub total_timeout: Duration,
    /// The time after which neither the connection nor an answer to a call is waited for. If `None`,
    /// only the time limits above and those of the calls count.
    pub deadline: Option<Instant>,
    /// Which servers to trust; not used without encryption.
    pub tls: TlsOptions,
    /// The proxies for WebSocket connections.
    pub proxies: Proxies,
    /// Ends the attempt early.
    pub cancelled: Cancelled,
    /// The largest message that is taken from the server, in bytes.
    pub message_size_max: usize,
}

impl OpenOptions {
    /// The usual limits: 5 s for each step, 15 s in all, messages up to 250000 KiB.
    #[must_use]
    pub fn new(tls: TlsOptions) -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            total_timeout: Duration::from_secs(15),
            deadline: None,
            tls,
            proxies: Proxies::default(),
            cancelled: Cancelled::default(),
            message_size_max: MESSAGE_SIZE_MAX,
        }
    }
}

/// An open connection. Any thread may call; calls do not wait for each other.
///
/// Dropping it without [`Connection::close`] cuts it off.
pub struct Connection {
    shared: Arc<Shared>,
    reader: Mutex<Option<JoinHandle<()>>>,
}

/// What callers and the reader thread have in common.
struct Shared {
    transport: Transport,
    outstanding: Outstanding,
}

impl Connection {
    /// Connects, encrypts, and waits for the server's greeting.
    ///
    /// # Errors
    ///
    /// [`IceError`] tells which step failed. If [`IceError::Trust`], not a byte of the caller's has
    /// been sent.
    pub fn open(endpoint: &Endpoint, options: &OpenOptions) -> Result<Arc<Self>, IceError> {
        let now = Instant::now();
        let end = now.checked_add(options.total_timeout);
        let end = end.ok_or_else(|| IceError::Local("a time limit is too big".to_owned()))?;
        let end = options.deadline.map_or(end, |deadline| end.min(deadline));
        let limits = Limits {
            step: options.connect_timeout,
            end,
        };
        let cancelled = &options.cancelled;
        let proxy = options.proxies.route(endpoint)?;
        let (transport, early) =
            Transport::open(endpoint, proxy.as_ref(), &options.tls, &limits, cancelled)?;
        let start = greeting::expect(&transport, early, endpoint, &limits, cancelled)?;
        transport.established()?;
        let shared = Arc::new(Shared {
            transport,
            outstanding: Outstanding::default(),
        });
        let (reading, limit) = (Arc::clone(&shared), options.message_size_max);
        let reader = thread::Builder::new()
            .name("omero-ice".to_owned())
            .spawn(move || reader::run(&reading, start, limit))
            .map_err(|error| IceError::Local(error.to_string()))?;
        Ok(Arc::new(Self {
            shared,
            reader: Mutex::new(Some(reader)),
        }))
    }

    /// How the server's certificate came to be trusted; `None` if nothing is encrypted.
    #[must_use]
    pub fn trust(&self) -> Option<&ServerTrust> {
        self.shared.transport.trust()
    }

    /// Sends a call and comes back at once; [`Pending::wait`] waits for the reply.
    ///
    /// `mode` is 0 for normal, 1 for nonmutating and 2 for idempotent operations. `parameters` are
    /// one whole encapsulation.
    ///
    /// # Errors
    ///
    /// [`IceError::Request`] if this is no sound call; otherwise why the connection ended.
    pub fn begin(
        &self,
        identity: &Identity,
        facet: Option<&str>,
        operation: &str,
        mode: u8,
        context: &[(String, String)],
        parameters: &[u8],
    ) -> Result<Pending, IceError> {
        let (id, receiver) = self.shared.outstanding.register()?;
        let pending = Pending::new(id, receiver, Arc::clone(&self.shared));
        let request = Request {
            id,
            identity: identity.clone(),
            facet: facet.map(str::to_owned),
            operation: operation.to_owned(),
            mode,
            context: context.to_vec(),
            parameters,
        };
        // Parameters may be a password: no copy of them stays in memory.
        let message = Zeroizing::new(request.encode()?);
        self.shared.send(&message)?;
        Ok(pending)
    }

    /// Sends the heartbeat of the Ice protocol. It keeps the router from closing an idle
    /// connection, but does not count as use of an OMERO session.
    ///
    /// # Errors
    ///
    /// Why the connection ended.
    pub fn heartbeat(&self) -> Result<(), IceError> {
        self.shared.outstanding.check()?;
        self.shared.send(&Header::bodiless(Kind::Validate))
    }

    /// Why the connection ended; `None` while it stands.
    #[must_use]
    pub fn ended(&self) -> Option<IceError> {
        self.shared.outstanding.check().err()
    }

    /// Lets all who wait for a reply come back with [`IceError::Interrupted`]. The connection
    /// stands, unless a message got stuck halfway.
    pub fn interrupt(&self) {
        self.shared.outstanding.interrupt();
        if !self.shared.transport.is_writable_within(STUCK) {
            self.shared.outstanding.end(IceError::Interrupted);
            self.shared.transport.shut();
        }
    }

    /// Says good-bye and waits up to one second for the server to hang up. Outstanding calls come
    /// back with [`IceError::Closed`]. May be called more than once.
    pub fn close(&self) {
        let start = Instant::now();
        let reader = self
            .reader
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if self.shared.outstanding.check().is_ok() {
            self.shared.outstanding.end(IceError::Closed);
            let goodbye = Header::bodiless(Kind::Close);
            let said = self.shared.transport.finish(&goodbye, GOODBYE);
            while said.is_ok() && !self.shared.outstanding.is_over() && start.elapsed() < GOODBYE {
                self.shared
                    .outstanding
                    .wait_over(GOODBYE.saturating_sub(start.elapsed()));
            }
        }
        self.shared.transport.shut();
        if let Some(reader) = reader {
            // A reader that panicked has nothing to add: its callers have been told.
            let _ = reader.join();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.shared.outstanding.end(IceError::Closed);
        self.shared.transport.shut();
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("ended", &self.ended())
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Sends one message, whole or not at all.
    fn send(&self, message: &[u8]) -> Result<(), IceError> {
        if let Err(error) = self.transport.write(message) {
            // The reader may know better why: the server said good-bye, or has sent nonsense.
            self.outstanding.wait_over(STUCK);
            return Err(self.end(error));
        }
        if let Err(error) = self.transport.drain_if_free() {
            // The message is on its way: this is the connection's trouble, not the sender's.
            self.end(error);
        }
        Ok(())
    }

    /// Fails everything outstanding and cuts the connection off. Gives the reason that came first.
    fn end(&self, error: IceError) -> IceError {
        let first = self.outstanding.end(error);
        self.transport.shut();
        first
    }
}
