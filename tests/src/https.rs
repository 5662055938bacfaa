//! A web server with TLS: the files of a directory, under a root certificate of its own.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::crypto::ring as provider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Ends connections of clients that say nothing.
const HANG: Duration = Duration::from_secs(300);

/// The server; its thread ends with the process.
#[derive(Debug)]
pub struct HttpsServer {
    port: u16,
    root: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    directory: PathBuf,
    special: Mutex<BTreeMap<String, String>>,
    requests: Mutex<Vec<String>>,
}

impl HttpsServer {
    /// Serves the files of a directory on a free port of `localhost`.
    ///
    /// # Errors
    ///
    /// There is no port, or no certificate can be made.
    pub fn start(directory: &Path) -> io::Result<Self> {
        let (config, root) = certified().map_err(io::Error::other)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            directory: directory.to_owned(),
            special: Mutex::default(),
            requests: Mutex::default(),
        });
        let served = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, shared) = (Arc::clone(&config), Arc::clone(&served));
                // A client that ends early is the client's business.
                thread::spawn(move || serve(stream, config, &shared).ok());
            }
        });
        Ok(Self { port, root, shared })
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}/{path}", self.port)
    }

    /// The root certificate as PEM.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// Answers a path with a status line and headers instead of a file, such as
    /// `302 Found\r\nLocation: …`.
    pub fn answer(&self, path: &str, head: &str) {
        lock(&self.shared.special).insert(format!("/{path}"), head.to_owned());
    }

    /// The paths that were asked for since the last call.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.shared.requests))
    }
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn certified() -> Result<(Arc<ServerConfig>, String), Box<dyn std::error::Error + Send + Sync>> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority
        .distinguished_name
        .push(DnType::CommonName, "root of a test");
    let root_key = KeyPair::generate()?;
    let root = authority.self_signed(&root_key)?.pem();
    let issuer = Issuer::new(authority, root_key);
    let key = KeyPair::generate()?;
    let leaf = CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &issuer)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)?;
    Ok((Arc::new(config), root))
}

/// Answers one request and closes the connection.
fn serve(stream: TcpStream, config: Arc<ServerConfig>, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(HANG))?;
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    while line.trim_end() != "" {
        line.clear();
        stream.read_line(&mut line)?;
    }
    lock(&shared.requests).push(path.clone());
    let special = lock(&shared.special).get(&path).cloned();
    let plain = path.split('?').next().unwrap_or_default();
    let file = shared.directory.join(plain.trim_start_matches('/'));
    let stream = stream.get_mut();
    let (head, body) = match (special, fs::read(file)) {
        (Some(head), _) => (head, Vec::new()),
        (None, Ok(body)) => ("200 OK".to_owned(), body),
        (None, Err(_)) => ("404 Not Found".to_owned(), Vec::new()),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&body)?;
    stream.conn.send_close_notify();
    stream.flush()
}
