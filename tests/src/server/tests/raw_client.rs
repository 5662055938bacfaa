//! A client of few words: requests and replies, nothing automatic.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use omero_plugin_api::slice::{
    Decoded, Encoding, Graph, Identity, Proxy, Type, UserException, Value, decode,
    decode_exception, encode,
};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::server::cursor::{Cursor, put_size, put_string};
use crate::server::frame::HEADER;
use crate::server::{TestServer, Transport, operations};

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// What came back.
#[derive(Debug)]
pub enum Reply {
    Results(Decoded),
    Exception(UserException),
    /// Status 2, 3 or 4 and the operation it names.
    NoSuch(u8, String),
    /// Status 5, 6 or 7 and its text.
    Text(u8, String),
}

impl Reply {
    /// The only result.
    pub fn value(&self) -> &Value {
        match self {
            Self::Results(decoded) if decoded.values.len() == 1 => &decoded.values[0],
            other => panic!("no single result: {other:?}"),
        }
    }

    /// The members of the only result, which is an object.
    pub fn field(&self, name: &str) -> &Value {
        let Self::Results(decoded) = self else {
            panic!("no result: {self:?}")
        };
        let object = self.value().as_object().unwrap().expect("null");
        decoded.graph.field(object, name).unwrap()
    }

    pub fn graph(&self) -> &Graph {
        let Self::Results(decoded) = self else {
            panic!("no result: {self:?}")
        };
        &decoded.graph
    }

    pub fn proxy(&self) -> Proxy {
        self.value()
            .as_proxy()
            .unwrap()
            .expect("null proxy")
            .clone()
    }

    /// Type id and text.
    pub fn exception(&self) -> (&str, &str) {
        match self {
            Self::Exception(exception) => (&exception.id, exception.message()),
            other => panic!("no exception: {other:?}"),
        }
    }
}

pub struct RawClient {
    stream: Box<dyn Stream>,
    pub uuid: String,
    pub encoding: Encoding,
    pub context: Vec<(String, String)>,
    next_id: i32,
}

/// A socket that reads on after a signal. A read with a time limit is interrupted also where no
/// handler is: when the process was stopped and goes on.
pub struct Steady(pub TcpStream);

impl Read for Steady {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

impl Write for Steady {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

pub fn tcp_stream(server: &TestServer, transport: Transport) -> Steady {
    let stream = TcpStream::connect(("127.0.0.1", server.port(transport))).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(600)))
        .unwrap();
    Steady(stream)
}

pub fn tls_stream(server: &TestServer, transport: Transport) -> impl Read + Write + use<> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(server.certificate_der()))
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    StreamOwned::new(connection, tcp_stream(server, transport))
}

impl RawClient {
    /// Connects and reads the server's first message.
    pub fn connect(server: &TestServer, transport: Transport) -> Self {
        let stream: Box<dyn Stream> = if transport.is_encrypted() {
            Box::new(tls_stream(server, transport))
        } else {
            Box::new(tcp_stream(server, transport))
        };
        let mut client = Self::over(stream);
        assert_eq!(client.read_message().unwrap()[8], 3, "the first message");
        client
    }

    /// Connects by tcp and logs in.
    pub fn logged_in(server: &TestServer, user: &str, password: &str) -> Self {
        let mut client = Self::connect(server, Transport::Tcp);
        let session = client.log_in(user, password);
        assert!(matches!(session, Reply::Results(_)), "{session:?}");
        client
    }

    fn over(stream: Box<dyn Stream>) -> Self {
        let uuid = uuid::Uuid::new_v4().to_string();
        let context = vec![("omero.client.uuid".to_owned(), uuid.clone())];
        Self {
            stream,
            uuid,
            encoding: Encoding::V1_1,
            context,
            next_id: 0,
        }
    }

    pub fn log_in(&mut self, user: &str, password: &str) -> Reply {
        let reply = self.router("createSession", &[user.into(), password.into()]);
        if let Reply::Results(_) = &reply {
            let proxy = reply.proxy();
            self.add(&proxy);
        }
        reply
    }

    pub fn router(&mut self, operation: &str, arguments: &[Value]) -> Reply {
        let router = Identity::new("OMERO.Glacier2", "router");
        self.call("Router", &router, operation, arguments, &Graph::new())
    }

    pub fn add(&mut self, proxy: &Proxy) {
        let proxies = Value::Seq(vec![proxy.clone().into()]);
        assert!(matches!(
            self.router("addProxies", &[proxies]),
            Reply::Results(_)
        ));
    }

    /// Calls the session, whose key is given.
    pub fn session(&mut self, key: &str, operation: &str, arguments: &[Value]) -> Reply {
        let identity = Identity::new(format!("session-{}", self.uuid), key);
        self.call(
            "ServiceFactory",
            &identity,
            operation,
            arguments,
            &Graph::new(),
        )
    }

    /// The service's identity, after asking for it.
    pub fn service(&mut self, key: &str, getter: &str) -> Identity {
        let proxy = self.session(key, getter, &[]).proxy();
        self.add(&proxy);
        proxy.identity
    }

    pub fn call(
        &mut self,
        interface: &str,
        identity: &Identity,
        operation: &str,
        arguments: &[Value],
        graph: &Graph,
    ) -> Reply {
        let known = operations::find(interface, operation).expect(operation);
        let id = self.send(interface, identity, operation, arguments, graph);
        self.receive(id, &known.results).expect("a reply")
    }

    /// Sends a call and gives its request id.
    pub fn send(
        &mut self,
        interface: &str,
        identity: &Identity,
        operation: &str,
        arguments: &[Value],
        graph: &Graph,
    ) -> i32 {
        let known = operations::find(interface, operation).expect(operation);
        let pairs: Vec<_> = known.parameters.iter().zip(arguments).collect();
        let parameters = encode(self.encoding, &pairs, graph).unwrap();
        let mode = if known.idempotent { 2 } else { 0 };
        self.send_request(identity, None, operation, mode, &parameters)
    }

    pub fn send_request(
        &mut self,
        identity: &Identity,
        facet: Option<&str>,
        operation: &str,
        mode: u8,
        parameters: &[u8],
    ) -> i32 {
        self.next_id += 1;
        let mut message = b"IceP\x01\x00\x01\x00\x00\x00____".to_vec();
        message.extend(self.next_id.to_le_bytes());
        put_string(&mut message, &identity.name);
        put_string(&mut message, &identity.category);
        put_size(&mut message, usize::from(facet.is_some()));
        facet
            .iter()
            .for_each(|facet| put_string(&mut message, facet));
        put_string(&mut message, operation);
        message.push(mode);
        put_size(&mut message, self.context.len());
        for (key, value) in &self.context {
            put_string(&mut message, key);
            put_string(&mut message, value);
        }
        message.extend(parameters);
        let size = i32::try_from(message.len()).unwrap();
        message[10..14].copy_from_slice(&size.to_le_bytes());
        self.send_bytes(&message).unwrap();
        self.next_id
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    /// The reply with this id.
    pub fn receive(&mut self, id: i32, results: &[Type]) -> io::Result<Reply> {
        let message = self.read_message()?;
        assert_eq!(message[8], 2, "message type");
        let mut body = Cursor::new(&message[HEADER..]);
        assert_eq!(body.int().unwrap(), id, "request id");
        let status = body.byte().unwrap();
        let rest = &message[HEADER + 5..];
        Ok(match status {
            0 => Reply::Results(decode(rest, results).unwrap()),
            1 => Reply::Exception(decode_exception(rest).unwrap().0),
            2..=4 => {
                let (_name, _category) = (body.string().unwrap(), body.string().unwrap());
                (0..body.size().unwrap()).for_each(|_| drop(body.string().unwrap()));
                Reply::NoSuch(status, body.string().unwrap())
            }
            _ => Reply::Text(status, body.string().unwrap()),
        })
    }

    /// One message, header included; an error at the end of the stream.
    pub fn read_message(&mut self) -> io::Result<Vec<u8>> {
        let mut message = vec![0; HEADER];
        self.stream.read_exact(&mut message)?;
        let size = i32::from_le_bytes([message[10], message[11], message[12], message[13]]);
        message.resize(usize::try_from(size).unwrap(), 0);
        self.stream.read_exact(&mut message[HEADER..])?;
        Ok(message)
    }

    /// True when the server ends the connection without another word.
    pub fn at_end(&mut self) -> bool {
        let mut byte = [0];
        match self.stream.read(&mut byte) {
            Ok(count) => count == 0,
            Err(error) => !matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
            ),
        }
    }

    /// Says goodbye and waits for the server to do the same.
    pub fn close(mut self) {
        self.send_bytes(&crate::server::frame::CLOSE_CONNECTION)
            .unwrap();
        assert!(self.at_end());
    }
}
