//! An OMERO server inside the test's own process.
//!
//! It speaks Ice over tcp, ssl, ws and wss, and is router, session manager and services in one:
//! good enough for the login, session, group and query commands of any OMERO client. It guards
//! nothing and is no part of the product.
//!
//! ```
//! use std::time::Duration;
//! use omero_tests::server::{Config, Fault, TestServer, Thrown, Transport};
//!
//! let server = TestServer::start(Config::standard())?;
//! let port = server.port(Transport::Ssl); // log in here as root with the password omero
//! server.faults().on("createSession", Fault::Raise(Thrown::permission_denied("not today")));
//! server.advance(Duration::from_secs(601)); // unused sessions are gone
//! assert!(server.events().logins.is_empty() && server.sessions().is_empty());
//! # assert_ne!(port, 0);
//! # std::io::Result::Ok(())
//! ```

mod backend;
mod clock;
mod config;
mod connection;
mod cursor;
pub mod database;
mod dispatch;
mod faults;
mod frame;
mod glacier2;
mod journal;
mod layer;
mod link;
mod listen;
pub mod model;
mod operations;
mod routing;
mod services;
mod thrown;
mod tls;
mod values;
mod websocket;
mod world;

#[cfg(test)]
mod tests;

pub use config::{Config, Listener, PresetSession, Transport};
pub use faults::{Fault, Faults};
pub use frame::Status;
pub use journal::{CallRecord, Events, LoginRecord};
pub use thrown::Thrown;
pub use tls::TlsOptions;

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use clock::Clock;
use journal::Journal;
use link::Link;
use model::Session;
use tls::Certificate;
use world::World;

/// What all threads of a server share.
struct Shared {
    config: Config,
    clock: Clock,
    world: Mutex<World>,
    faults: Faults,
    journal: Journal,
    certificate: Arc<Certificate>,
    tls: Arc<rustls::ServerConfig>,
    links: Mutex<BTreeMap<u64, Arc<Link>>>,
    next_connection: AtomicU64,
    stop: AtomicBool,
    stopped: (Mutex<()>, Condvar),
}

impl Shared {
    /// The world as it is now: sessions whose time is over have ended.
    fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.model.expire(self.clock.now());
        world
    }

    fn links(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Link>>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopping(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Waits, but not longer than the server lives.
    fn pause(&self, time: Duration) {
        let (lock, stopped) = &self.stopped;
        let guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = stopped.wait_timeout_while(guard, time, |()| !self.stopping());
    }
}

/// A running server; it stops when dropped.
pub struct TestServer {
    shared: Arc<Shared>,
    addresses: Vec<(Transport, SocketAddr)>,
    back_end: Option<SocketAddr>,
    threads: Vec<JoinHandle<()>>,
}

impl TestServer {
    /// Starts a server that listens when this returns. Fails when a port is taken.
    pub fn start(config: Config) -> io::Result<Self> {
        let sockets = listen::bind(&config.listeners)?;
        let addresses: Vec<_> = sockets
            .iter()
            .map(|(transport, _, address)| (*transport, *address))
            .collect();
        let back_end = config.back_end.map(TcpListener::bind).transpose()?;
        let back_end_address = back_end.as_ref().map(TcpListener::local_addr).transpose()?;
        let first = addresses.first().map(|(_, address)| *address);
        let port = back_end_address
            .or(first)
            .map_or(4064, |address| address.port());
        let clock = Clock::new(config.start_time);
        let certificate = Certificate::new(&config.tls)?;
        let shared = Arc::new(Shared {
            world: Mutex::new(World::new(&config, clock.now(), port)),
            tls: tls::server_config(&config.tls, &certificate)?,
            clock,
            certificate,
            faults: Faults::default(),
            journal: Journal::default(),
            links: Mutex::default(),
            next_connection: AtomicU64::new(1),
            stop: AtomicBool::new(false),
            stopped: (Mutex::new(()), Condvar::new()),
            config,
        });
        let mut server = Self {
            shared,
            addresses,
            back_end: back_end_address,
            threads: Vec::new(),
        };
        for (transport, socket, _) in sockets {
            let serve =
                move |shared: &Arc<Shared>, client| listen::serve(shared, transport, client);
            server.spawn(move |shared| listen::accept(shared, &socket, serve))?;
        }
        if let Some(socket) = back_end {
            server.spawn(move |shared| listen::accept(shared, &socket, backend::serve))?;
        }
        Ok(server)
    }

    fn spawn(&mut self, accept: impl FnOnce(&Arc<Shared>) + Send + 'static) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new().spawn(move || accept(&shared))?;
        self.threads.push(thread);
        Ok(())
    }

    /// The port where a `glacier2router` finds the objects `verifier` and `manager`; 0 if this
    /// server is no back end.
    pub fn back_end_port(&self) -> u16 {
        self.back_end.map_or(0, |address| address.port())
    }

    /// The port of the first listener with this transport; 0 if there is none.
    pub fn port(&self, transport: Transport) -> u16 {
        let found = self.addresses.iter().find(|(known, _)| *known == transport);
        found.map_or(0, |(_, address)| address.port())
    }

    /// Where the server listens.
    pub fn addresses(&self) -> &[(Transport, SocketAddr)] {
        &self.addresses
    }

    /// What clients have done so far.
    pub fn events(&self) -> Events {
        self.shared.journal.write().clone()
    }

    /// Forgets what clients have done so far.
    pub fn forget_events(&self) {
        let mut events = self.shared.journal.write();
        let (open, connections) = (events.open, events.connections);
        *events = Events {
            open,
            connections,
            ..Events::default()
        };
    }

    /// The open sessions, by key.
    pub fn sessions(&self) -> BTreeMap<String, Session> {
        self.shared.world().model.sessions.clone()
    }

    /// Looks at people, groups and sessions, or changes them.
    pub fn with_model<T>(&self, act: impl FnOnce(&mut model::Model) -> T) -> T {
        act(&mut self.shared.world().model)
    }

    /// Ends a session, as an administrator could.
    pub fn end_session(&self, key: &str) {
        let now = self.shared.clock.now();
        self.shared.world().model.end_session(key, now);
    }

    /// Every command from now on fails with this error name; `None` ends that.
    pub fn fail_commands(&self, name: Option<&str>) {
        self.shared.world().command_error = name.map(str::to_owned);
    }

    /// Commands of this class (a type id) are unknown to the server from now on.
    pub fn withdraw_command(&self, class: &str) {
        self.shared
            .world()
            .unsupported_commands
            .insert(class.to_owned());
    }

    /// Every command from now on says so many times that it has no response yet.
    pub fn delay_commands(&self, polls: u32) {
        self.shared.world().patience = polls;
    }

    /// The trouble to come.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// The server's time in milliseconds since the epoch.
    pub fn now(&self) -> i64 {
        self.shared.clock.now()
    }

    /// Lets time pass for sessions at once.
    pub fn advance(&self, time: Duration) {
        self.shared
            .clock
            .advance(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    }

    /// Shows a new certificate to new connections. The TLS versions stay.
    pub fn replace_certificate(&self, options: &TlsOptions) -> io::Result<()> {
        self.shared.certificate.replace(options)
    }

    /// SHA-256 of the certificate as people compare it: upper-case hexadecimal with colons.
    pub fn fingerprint(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, &self.certificate_der());
        let bytes: Vec<_> = digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        bytes.join(":")
    }

    /// The certificate itself.
    pub fn certificate_der(&self) -> Vec<u8> {
        self.shared.certificate.der()
    }

    /// Cuts all connections, as a crash of the router would.
    pub fn cut_connections(&self) {
        self.shared.links().values().for_each(|link| link.cut());
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.shared.stopped.1.notify_all();
        let listening = self.addresses.iter().map(|(_, address)| *address);
        listening.chain(self.back_end).for_each(listen::wake);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
