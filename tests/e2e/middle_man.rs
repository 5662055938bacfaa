//! Somebody between the program and the server: ends TLS with a certificate of his own, greets as a
//! router does, and writes down what he is told.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, Stream,
    crypto::ring::default_provider,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    version::{TLS12, TLS13},
};

use crate::stage::at_freed_port;

/// The first message of every Ice server.
const GREETING: [u8; 14] = *b"IceP\x01\x00\x01\x00\x03\x00\x0e\x00\x00\x00";

/// A listener that is not the server.
pub struct MiddleMan {
    address: SocketAddr,
    notes: Arc<Notes>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Notes {
    heard: Mutex<Vec<u8>>,
    visits: AtomicUsize,
    stop: AtomicBool,
}

impl MiddleMan {
    /// Listens in the server's place, with TLS 1.2 alone or with 1.3.
    pub fn at(address: SocketAddr, only_tls12: bool) -> Self {
        let listener = at_freed_port(|| TcpListener::bind(address));
        let config = config(only_tls12);
        let notes = Arc::new(Notes::default());
        let shared = Arc::clone(&notes);
        let thread = thread::spawn(move || {
            for client in listener.incoming() {
                if shared.stop.load(Ordering::SeqCst) {
                    return;
                }
                shared.visits.fetch_add(1, Ordering::SeqCst);
                let _ = listen_to(&client.unwrap(), &config, &shared);
            }
        });
        Self {
            address,
            notes,
            thread: Some(thread),
        }
    }

    /// All that came through the encryption so far.
    pub fn heard(&self) -> Vec<u8> {
        self.notes.heard.lock().unwrap().clone()
    }

    /// Whether this text was among it.
    pub fn has_heard(&self, text: &str) -> bool {
        self.heard()
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    }

    /// How many connections there were.
    pub fn visits(&self) -> usize {
        self.notes.visits.load(Ordering::SeqCst)
    }
}

impl Drop for MiddleMan {
    fn drop(&mut self) {
        self.notes.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Where the header of a message has its size.
const SIZE: std::ops::Range<usize> = 10..14;

/// Ends with the client's first whole message, its good-bye or its refusal.
fn listen_to(
    mut client: &TcpStream,
    config: &Arc<ServerConfig>,
    notes: &Notes,
) -> std::io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(600)))?;
    let mut tls = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut stream = Stream::new(&mut tls, &mut client);
    stream.write_all(&GREETING)?;
    let (mut piece, mut message) = ([0; 4096], Vec::new());
    loop {
        let length = stream.read(&mut piece)?;
        message.extend(&piece[..length]);
        notes.heard.lock().unwrap().extend(&piece[..length]);
        if length == 0 || is_whole(&message) {
            return Ok(());
        }
    }
}

fn is_whole(message: &[u8]) -> bool {
    let size = message.get(SIZE).map(|size| size.try_into().unwrap());
    size.is_some_and(|size| message.len() >= u32::from_le_bytes(size) as usize)
}

fn config(only_tls12: bool) -> Arc<ServerConfig> {
    let pair = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = certificate.self_signed(&pair).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pair.serialize_der()));
    let versions = if only_tls12 { &TLS12 } else { &TLS13 };
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[versions])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key);
    Arc::new(config.unwrap())
}
