//! Ports for programs that cannot choose one and tell.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the range from which the system gives ports to outgoing connections, so that nobody gets
/// one by chance.
const FIRST: u16 = 10_000;
const COUNT: u16 = 22_000;

/// Ports that nobody listens on, none of which this program was given before.
pub fn free<const N: usize>() -> [u16; N] {
    std::array::from_fn(|_| {
        let mut ports = (0..COUNT).map(|_| next());
        let free = ports.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
        free.expect("this machine has free ports")
    })
}

/// The next candidate; programs that run at the same time begin at different places.
fn next() -> u16 {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let start = u64::from(std::process::id()) * 64;
    let at = start + u64::from(GIVEN.fetch_add(1, Ordering::Relaxed));
    FIRST + u16::try_from(at % u64::from(COUNT)).unwrap_or_default()
}

/// Whether somebody listens there.
pub fn taken(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}
