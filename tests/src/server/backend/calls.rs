//! What the session manager calls on the router.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use omero_plugin_api::slice::{
    Encoding, Endpoint, Graph, Identity, Proxy, SliceError, Type, Value, decode, encode,
};

use super::super::frame::{self, HEADER};

/// Ends a hang of the router, which is on this machine.
const HANG: Duration = Duration::from_secs(600);

/// Lets the session that a `SessionControl` belongs to call objects of these categories, and of
/// no others.
pub fn allow_categories(control: &Proxy, categories: &[&str]) -> io::Result<()> {
    let mut router = Caller::connect(control)?;
    let nothing = arguments(&[])?;
    let reply = router.call(&control.identity, "categories", 0, &nothing)?;
    let decoded = decode(&reply, &[Type::proxy()]).map_err(io::Error::other)?;
    let set = match decoded.values.first().map(Value::as_proxy) {
        Some(Ok(Some(set))) => set.identity.clone(),
        _ => return Err(io::Error::other("the router has no set of categories")),
    };
    let names: Vec<Value> = categories.iter().map(|name| Value::from(*name)).collect();
    let names = arguments(&[(&Type::seq(Type::String), &Value::from(names))])?;
    router.call(&set, "add", 2, &names).map(drop)
}

fn arguments(pairs: &[(&Type, &Value)]) -> io::Result<Vec<u8>> {
    let encoded: Result<_, SliceError> = encode(Encoding::V1_1, pairs, &Graph::new());
    encoded.map_err(io::Error::other)
}

/// A connection to the router's server endpoint, for one call after the other.
struct Caller {
    socket: TcpStream,
    last: i32,
}

impl Caller {
    fn connect(proxy: &Proxy) -> io::Result<Self> {
        let tcp = proxy
            .endpoints()
            .into_iter()
            .find_map(|endpoint| match endpoint {
                Endpoint::Tcp(ip) => u16::try_from(ip.port).ok().map(|port| (ip.host, port)),
                _ => None,
            });
        let (host, port) = tcp.ok_or_else(|| io::Error::other("the router has no tcp endpoint"))?;
        let socket = TcpStream::connect((host, port))?;
        socket.set_read_timeout(Some(HANG))?;
        socket.set_nodelay(true)?;
        let mut caller = Self { socket, last: 0 };
        caller.message()?;
        Ok(caller)
    }

    /// The results of a call, as an encapsulation.
    fn call(
        &mut self,
        identity: &Identity,
        operation: &str,
        mode: u8,
        arguments: &[u8],
    ) -> io::Result<Vec<u8>> {
        self.last += 1;
        let request = frame::request(self.last, identity, operation, mode, arguments);
        self.socket.write_all(&request)?;
        loop {
            let message = self.message()?;
            // Heartbeats may come between.
            if message[8] == 2 {
                let body = &message[HEADER..];
                return match body.get(4) {
                    Some(0) => Ok(body[5..].to_vec()),
                    status => Err(io::Error::other(format!("{operation}: status {status:?}"))),
                };
            }
        }
    }

    fn message(&mut self) -> io::Result<Vec<u8>> {
        let mut message = vec![0; HEADER];
        self.socket.read_exact(&mut message)?;
        let size = frame::message_size(&message).map_err(|error| io::Error::other(error.0))?;
        message.resize(size.unwrap_or(HEADER), 0);
        self.socket.read_exact(&mut message[HEADER..])?;
        Ok(message)
    }
}
