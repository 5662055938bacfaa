//! Ports for programs that cannot choose one and tell.

use std::net::{Ipv4Addr, TcpListener, TcpStream};

/// Ports that were free a moment ago, all different. They lie below the range from which the
/// system gives ports to outgoing connections, so that nobody gets one by chance.
pub fn free<const N: usize>() -> [u16; N] {
    let mut held = Vec::new();
    let start = 10_000 + (std::process::id() % 1000) as u16 * 20;
    for port in (start..32_000).chain(10_000..start) {
        held.extend(TcpListener::bind((Ipv4Addr::LOCALHOST, port)));
        if held.len() == N {
            break;
        }
    }
    let number = |listener: &TcpListener| listener.local_addr().map_or(0, |address| address.port());
    let ports: Vec<u16> = held.iter().map(number).collect();
    ports.try_into().expect("this machine has free ports")
}

/// Whether somebody listens there.
pub fn taken(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}
