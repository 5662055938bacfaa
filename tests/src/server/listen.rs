//! Where connections come in.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::Shared;
use super::config::{Listener, Transport};
use super::connection::Connection;
use super::layer::Layers;
use super::link::Link;
use super::tls::TlsLayer;
use super::websocket::WebSocketLayer;

/// Opens the sockets and tells which addresses they got.
pub fn bind(listeners: &[Listener]) -> io::Result<Vec<(Transport, TcpListener, SocketAddr)>> {
    let bind = |listener: &Listener| {
        let socket = TcpListener::bind(listener.address).map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("can not listen on {}: {error}", listener.address),
            )
        })?;
        let address = socket.local_addr()?;
        Ok((listener.transport, socket, address))
    };
    listeners.iter().map(bind).collect()
}

/// Accepts connections until the server stops, and waits for their end then.
pub fn accept(
    shared: &Arc<Shared>,
    socket: &TcpListener,
    serve: impl Fn(&Arc<Shared>, TcpStream) + Copy + Send + 'static,
) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    loop {
        let accepted = socket.accept();
        if shared.stopping() {
            break;
        }
        let Ok((client, _)) = accepted else {
            // Out of file descriptors, most likely; that passes.
            thread::sleep(Duration::from_millis(10));
            continue;
        };
        threads.retain(|thread| !thread.is_finished());
        let shared = Arc::clone(shared);
        threads.extend(thread::Builder::new().spawn(move || serve(&shared, client)));
    }
    shared.links().values().for_each(|link| link.cut());
    for thread in threads {
        let _ = thread.join();
    }
}

/// Serves one client.
pub fn serve(shared: &Arc<Shared>, transport: Transport, client: TcpStream) {
    let number = shared.next_connection.fetch_add(1, Ordering::SeqCst);
    shared.journal.write().connections += 1;
    let link = layers(shared, transport).and_then(|layers| Link::new(client, layers));
    let Ok(link) = link.map(Arc::new) else { return };
    shared.links().insert(number, Arc::clone(&link));
    // A server that stopped in the meantime has cut the connections it knew of.
    if !shared.stopping() {
        Connection::new(number, link, Arc::clone(shared)).serve();
    }
    shared.links().remove(&number);
}

fn layers(shared: &Shared, transport: Transport) -> io::Result<Layers> {
    let mut layers: Layers = Vec::new();
    if transport.is_encrypted() {
        layers.push(Box::new(TlsLayer::new(&shared.tls)?));
    }
    if transport.is_websocket() {
        layers.push(Box::new(WebSocketLayer::new()?));
    }
    Ok(layers)
}

/// Makes a listener look up, by connecting to it.
pub fn wake(mut address: SocketAddr) {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    let _ = TcpStream::connect_timeout(&address, Duration::from_secs(1));
}
