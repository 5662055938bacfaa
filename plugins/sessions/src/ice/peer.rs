//! A small Ice server inside of the tests: real sockets, and misbehaviour on demand.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::crypto::ring::{default_provider, sign};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};
use tungstenite::{Message, WebSocket};

use super::message::*;

/// What the peer wears.
#[derive(Clone)]
pub(crate) enum Dress {
    Plain,
    Tls(Arc<ServerConfig>),
    Ws,
    Wss(Arc<ServerConfig>),
}

/// A running peer, for as long as the tests run.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// Every byte that clients sent, after decryption and framing, handshakes excluded.
    pub(crate) received: Arc<Mutex<Vec<u8>>>,
    /// How TLS handshakes and WebSocket upgrades went.
    pub(crate) handshakes: Arc<Mutex<Vec<Result<(), String>>>>,
    /// How often a client hung up after a good-bye.
    pub(crate) goodbyes: Arc<Mutex<usize>>,
}

/// Hangs up in good order: unread bytes would reset the connection, and with it what was said last.
struct Ending(TcpStream);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Write);
        let _ = self.0.set_read_timeout(Some(Duration::from_secs(2)));
        let _ = std::io::copy(&mut self.0, &mut std::io::sink());
    }
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

impl Peer {
    pub(crate) fn start(dress: Dress) -> Self {
        Self::with(dress, |peer, stream| peer.serve(stream))
    }

    fn with(dress: Dress, serve: fn(&Self, &mut dyn Stream)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let peer = Self {
            address,
            received: Arc::default(),
            handshakes: Arc::default(),
            goodbyes: Arc::default(),
        };
        let own = peer.share();
        thread::spawn(move || {
            for socket in listener.incoming() {
                let (peer, dress) = (own.share(), dress.clone());
                thread::spawn(move || peer.dress(socket.unwrap(), &dress, serve));
            }
        });
        peer
    }

    fn share(&self) -> Self {
        Self {
            address: self.address,
            received: Arc::clone(&self.received),
            handshakes: Arc::clone(&self.handshakes),
            goodbyes: Arc::clone(&self.goodbyes),
        }
    }

    pub(crate) fn port(&self) -> String {
        self.address.port().to_string()
    }

    fn dress(&self, socket: TcpStream, dress: &Dress, serve: fn(&Self, &mut dyn Stream)) {
        socket.set_nodelay(true).unwrap();
        let end = Ending(socket.try_clone().unwrap());
        let mut stream: Box<dyn Stream> = match dress {
            Dress::Plain | Dress::Ws => Box::new(socket),
            Dress::Tls(config) | Dress::Wss(config) => {
                let connection = ServerConnection::new(Arc::clone(config)).unwrap();
                let mut stream = StreamOwned::new(connection, socket);
                let shaken = stream.conn.complete_io(&mut stream.sock);
                let shaken = shaken.map(drop).map_err(|error| error.to_string());
                let failed = shaken.is_err();
                self.handshakes.lock().unwrap().push(shaken);
                if failed {
                    // A man in the middle would go on reading: so does the peer.
                    let mut rest = Vec::new();
                    let _ = stream.conn.reader().read_to_end(&mut rest);
                    self.received.lock().unwrap().extend(rest);
                    return;
                }
                Box::new(stream)
            }
        };
        if matches!(dress, Dress::Ws | Dress::Wss(_)) {
            let upgraded = tungstenite::accept(stream);
            let text = upgraded.as_ref().map(drop).map_err(ToString::to_string);
            self.handshakes.lock().unwrap().push(text);
            let Ok(socket) = upgraded else { return };
            stream = Box::new(Framed {
                socket,
                left: Vec::new(),
            });
        }
        serve(self, &mut *stream);
        drop(end);
    }

    fn serve(&self, stream: &mut dyn Stream) {
        if stream.write_all(&Header::bodiless(Kind::Validate)).is_err() {
            return;
        }
        let _ = stream.flush();
        let (mut input, mut piece) = (Vec::new(), vec![0; 65536]);
        let mut held = None;
        loop {
            let count = match stream.read(&mut piece) {
                Ok(0) | Err(_) => return,
                Ok(count) => count,
            };
            self.received.lock().unwrap().extend(&piece[..count]);
            input.extend(&piece[..count]);
            while let Some(frame) = take_frame(&mut input, MESSAGE_SIZE_MAX).unwrap() {
                match frame.header.kind {
                    Kind::Request => {
                        let request = Request::decode(&frame.body).unwrap();
                        if !answer(stream, &request, &mut held) {
                            return;
                        }
                    }
                    Kind::Reply => held_reply(stream, &frame, &mut held),
                    Kind::Close => {
                        *self.goodbyes.lock().unwrap() += 1;
                        return;
                    }
                    _ => {}
                }
            }
        }
    }
}

fn reply(id: i32, status: u8, body: &[u8]) -> Vec<u8> {
    Reply {
        id,
        reply: RawReply {
            status,
            body: body.to_vec(),
        },
    }
    .encode()
    .unwrap()
}

/// Does what the operation's name says. False: hang up.
fn answer(stream: &mut dyn Stream, request: &Request<'_>, held: &mut Option<i32>) -> bool {
    let echo = reply(request.id, 0, request.parameters);
    let mut say = |bytes: &[u8]| {
        stream
            .write_all(bytes)
            .and_then(|()| stream.flush())
            .is_ok()
    };
    match request.operation.as_str() {
        "echo" => say(&echo),
        "never" => true,
        "hold" => {
            *held = Some(request.id);
            true
        }
        // Answers the held call after its own: out of order.
        "release" => say(&echo) && say(&reply(held.take().unwrap(), 0, request.parameters)),
        "slowly" => echo.iter().all(|byte| say(&[*byte])),
        "heartbeats" => {
            let beat = Header::bodiless(Kind::Validate);
            say(&beat) && say(&beat) && say(&echo) && say(&beat)
        }
        "unasked" => say(&reply(4711, 0, request.parameters)) && say(&echo),
        "callback" => {
            *held = Some(request.id);
            say(&calls_to_the_client())
        }
        "goodbye" => {
            say(&Header::bodiless(Kind::Close));
            false
        }
        "hangup" => false,
        "half" => {
            say(&echo[..echo.len() - 1]);
            false
        }
        "garbage" => say(b"HTTP/1.1 500 Oops\r\n\r\n"),
        "huge" => {
            let mut header = Header::bodiless(Kind::Reply);
            header[10..].copy_from_slice(&i32::MAX.to_le_bytes());
            say(&header)
        }
        "compressed" => {
            let mut message = echo;
            message[9] = 2;
            say(&message)
        }
        "malformed" => say(&reply(request.id, 0, &[1, 2, 3])),
        "status" => say(&reply(request.id, 9, &[])),
        "fail" => say(&reply(request.id, 7, b"\x05oops!")),
        other => panic!("unknown operation {other}"),
    }
}

/// A call that wants no answer and one that wants one.
fn calls_to_the_client() -> Vec<u8> {
    let call = Request {
        id: 99,
        identity: omero_plugin_api::slice::Identity::new("cat", "callback"),
        facet: None,
        operation: "requestHeartbeat".into(),
        mode: 0,
        context: vec![],
        parameters: &[6, 0, 0, 0, 1, 1],
    };
    let oneway = Request {
        id: 0,
        ..call.clone()
    };
    [oneway.encode().unwrap(), call.encode().unwrap()].concat()
}

/// Tells the caller of `callback` what its client answered.
fn held_reply(stream: &mut dyn Stream, frame: &Frame, held: &mut Option<i32>) {
    let (id, answered) = Reply::decode(&frame.body).unwrap();
    assert_eq!(id, 99);
    let answered = answered.unwrap();
    stream
        .write_all(&reply(
            held.take().unwrap(),
            answered.status,
            &answered.body,
        ))
        .unwrap();
    stream.flush().unwrap();
}

/// Bytes in WebSocket frames.
struct Framed<S> {
    socket: WebSocket<S>,
    left: Vec<u8>,
}

impl<S: Read + Write> Read for Framed<S> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.left.is_empty() {
            match self.socket.read() {
                Ok(Message::Binary(bytes)) => self.left = bytes.to_vec(),
                Ok(Message::Close(_)) => return Ok(0),
                Ok(_) => {}
                Err(error) => return Err(std::io::Error::other(error)),
            }
        }
        let count = self.left.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.left[..count]);
        self.left.drain(..count);
        Ok(count)
    }
}

impl<S: Read + Write> Write for Framed<S> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // A ping before each message: clients must answer and go on.
        let sent = self.socket.send(Message::Ping("are you there".into()));
        let sent = sent.and_then(|()| self.socket.send(Message::binary(bytes.to_vec())));
        sent.map(|()| bytes.len()).map_err(std::io::Error::other)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A server that says only this to everyone, then waits for the client to leave.
pub(crate) fn saying(words: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            thread::spawn(move || {
                let _ = socket.write_all(words);
                socket
                    .set_read_timeout(Some(Duration::from_secs(20)))
                    .unwrap();
                let mut sink = [0; 1024];
                loop {
                    match socket.read(&mut sink) {
                        Ok(0) => return,
                        Err(error) if error.kind() != ErrorKind::Interrupted => return,
                        _ => {}
                    }
                }
            });
        }
    });
    address
}

/// A certificate with its key.
pub(crate) struct Identity {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

impl Identity {
    /// Self-signed, for this name.
    pub(crate) fn self_signed(name: &str) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        Self {
            certificate: made.cert.der().to_vec(),
            key: made.signing_key.serialize_der(),
        }
    }

    /// A server that shows this certificate, whatever it is worth.
    pub(crate) fn server(
        &self,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let key = sign::any_supported_type(&key).unwrap();
        let chain = vec![CertificateDer::from(self.certificate.clone())];
        let shown = Shown(Arc::new(CertifiedKey::new(chain, key)));
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(shown));
        Arc::new(config)
    }
}

#[derive(Debug)]
struct Shown(Arc<CertifiedKey>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}
