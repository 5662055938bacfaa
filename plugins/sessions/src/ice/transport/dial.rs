//! From a host name to a TCP connection.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::super::{Cancelled, IceError};
use super::Limits;

/// How often the wait looks whether the user wants to stop.
const GLANCE: Duration = Duration::from_millis(50);

/// Looks the name up and tries its addresses in order.
///
/// The system's resolver and `connect` cannot be interrupted, so they run in a thread of their
/// own, which is left behind when the time is over or the user stops; it ends by its own limits.
pub(super) fn dial(
    host: &str,
    port: u16,
    limits: &Limits,
    cancelled: &Cancelled,
) -> Result<TcpStream, IceError> {
    let (sender, receiver) = channel();
    let (name, limits) = (host.to_owned(), *limits);
    let work = move || {
        // Nobody listens any more if the time was over: then the connection closes right here.
        let _ = sender.send(dial_now(&name, port, &limits));
    };
    thread::Builder::new()
        .name("omero-dial".to_owned())
        .spawn(work)
        .map_err(|error| IceError::Local(error.to_string()))?;
    loop {
        match receiver.recv_timeout(GLANCE) {
            Ok(result) => return result,
            Err(RecvTimeoutError::Timeout) if cancelled.is_set() => {
                return Err(IceError::Interrupted);
            }
            Err(RecvTimeoutError::Timeout) if Instant::now() < limits.end => {}
            Err(_) => return Err(timed_out(host, port, &limits)),
        }
    }
}

fn dial_now(host: &str, port: u16, limits: &Limits) -> Result<TcpStream, IceError> {
    let unknown = |reason: String| IceError::Dns {
        host: host.to_owned(),
        reason,
    };
    let addresses = (host, port)
        .to_socket_addrs()
        .map_err(|error| unknown(reason(&error)))?;
    let mut failure = unknown("the name has no address".to_owned());
    for address in addresses {
        match dial_address(address, host, port, limits) {
            Ok(stream) => return Ok(stream),
            Err(error) if weight(&error) >= weight(&failure) => failure = error,
            Err(_) => {}
        }
    }
    Err(failure)
}

fn dial_address(
    address: SocketAddr,
    host: &str,
    port: u16,
    limits: &Limits,
) -> Result<TcpStream, IceError> {
    let left = limits.step_end().saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(timed_out(host, port, limits));
    }
    TcpStream::connect_timeout(&address, left).map_err(|error| match error.kind() {
        ErrorKind::ConnectionRefused => IceError::Refused {
            host: host.to_owned(),
            port,
        },
        ErrorKind::TimedOut | ErrorKind::WouldBlock => timed_out(host, port, limits),
        _ => IceError::Unreachable {
            host: host.to_owned(),
            port,
            reason: reason(&error),
        },
    })
}

/// Of several addresses' failures the one that tells most is shown: often the host has an IPv6
/// address that cannot be reached from here, beside an IPv4 address that refuses.
fn weight(error: &IceError) -> u8 {
    match error {
        IceError::Dns { .. } => 0,
        IceError::Unreachable { .. } => 1,
        IceError::ConnectTimeout { .. } => 2,
        _ => 3,
    }
}

fn timed_out(host: &str, port: u16, limits: &Limits) -> IceError {
    IceError::ConnectTimeout {
        host: host.to_owned(),
        port,
        limit: limits.step,
    }
}

/// The system's words without Rust's wrapping.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    text.strip_prefix("failed to lookup address information: ")
        .unwrap_or(text)
        .to_owned()
}
