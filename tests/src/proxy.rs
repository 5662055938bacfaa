//! An HTTP proxy that lives in the test's own process, and does not always do what it is asked.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The proxy looks at each side of a connection in turn, for so long.
const TURN: Duration = Duration::from_millis(5);

/// What a proxy does when it is asked for a connection.
#[derive(Clone, Debug)]
pub enum Manner {
    /// Connects to this address, whichever was asked for.
    Connect(SocketAddr),
    /// Sends these bytes and hangs up.
    Say(Vec<u8>),
    /// Never answers.
    Silence,
}

/// A running proxy on a port of its own. It ends with the test's process.
#[derive(Debug)]
pub struct TestProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    manner: Mutex<Manner>,
    requests: Mutex<Vec<String>>,
    tls: Option<Arc<ServerConfig>>,
}

trait Side: Read + Write + Send {}
impl<T: Read + Write + Send> Side for T {}

impl TestProxy {
    /// A proxy without encryption.
    ///
    /// # Errors
    ///
    /// No port is free.
    pub fn start(manner: Manner) -> io::Result<Self> {
        Self::with(manner, None)
    }

    /// A proxy that is spoken to over TLS, with a new self-signed certificate.
    ///
    /// # Errors
    ///
    /// No port is free.
    pub fn start_with_tls(manner: Manner) -> io::Result<Self> {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
        let made = made.map_err(io::Error::other)?;
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::Pkcs8(key))
            .map_err(io::Error::other)?;
        Self::with(manner, Some(Arc::new(config)))
    }

    fn with(manner: Manner, tls: Option<Arc<ServerConfig>>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            manner: Mutex::new(manner),
            requests: Mutex::default(),
            tls,
        });
        let proxy = Arc::clone(&shared);
        thread::Builder::new().spawn(move || {
            for client in listener.incoming().flatten() {
                let proxy = Arc::clone(&proxy);
                // A client that is refused or breaks off is what the tests are about.
                let _ = thread::Builder::new().spawn(move || proxy.serve(client));
            }
        })?;
        Ok(Self { address, shared })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on it does this.
    pub fn set(&self, manner: Manner) {
        *lock(&self.shared.manner) = manner;
    }

    /// The requests so far, with their headers.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.shared.requests).clone()
    }
}

impl Shared {
    fn serve(&self, client: TcpStream) -> io::Result<()> {
        let socket = client.try_clone()?;
        let mut client: Box<dyn Side> = match &self.tls {
            None => Box::new(client),
            Some(config) => {
                let connection = ServerConnection::new(Arc::clone(config));
                Box::new(StreamOwned::new(
                    connection.map_err(io::Error::other)?,
                    client,
                ))
            }
        };
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") {
            client.read_exact(&mut byte)?;
            request.extend(byte);
        }
        let text = String::from_utf8_lossy(&request).into_owned();
        lock(&self.requests).push(text);
        let manner = lock(&self.manner).clone();
        match manner {
            Manner::Connect(address) => {
                let server = TcpStream::connect(address)?;
                client.write_all(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")?;
                client.flush()?;
                let outcome = relay(&mut *client, &socket, server);
                // The other side is told in any case.
                let _ = socket.shutdown(Shutdown::Both);
                outcome
            }
            Manner::Say(bytes) => {
                client.write_all(&bytes)?;
                client.flush()?;
                socket.shutdown(Shutdown::Write)?;
                until_it_leaves(&mut *client)
            }
            Manner::Silence => until_it_leaves(&mut *client),
        }
    }
}

/// Unread bytes would reset the connection, and with it what was said last.
fn until_it_leaves(client: &mut dyn Side) -> io::Result<()> {
    io::copy(client, &mut io::sink()).map(drop)
}

/// Passes bytes on in both directions until one side ends.
fn relay(client: &mut dyn Side, socket: &TcpStream, mut server: TcpStream) -> io::Result<()> {
    socket.set_read_timeout(Some(TURN))?;
    server.set_read_timeout(Some(TURN))?;
    loop {
        if !pass_on(client, &mut server)? || !pass_on(&mut server, client)? {
            return Ok(());
        }
    }
}

/// Passes on what there is; `false` at the end of the stream.
fn pass_on(from: &mut dyn Side, to: &mut dyn Side) -> io::Result<bool> {
    let mut piece = [0; 16 * 1024];
    match from.read(&mut piece) {
        Ok(0) => Ok(false),
        Ok(count) => {
            to.write_all(piece.get(..count).unwrap_or_default())?;
            to.flush()?;
            Ok(true)
        }
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
            ) =>
        {
            Ok(true)
        }
        Err(error) => Err(error),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
