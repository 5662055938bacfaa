//! Which objects a client may call through its router (Ice manual, "Glacier2").

use omero_plugin_api::slice::{Identity, Proxy};

/// `Glacier2.RoutingTable.MaxSize`, as Glacier2 sets it by default.
const MAX_SIZE: usize = 1000;

/// What a router looks up before it forwards a request.
#[derive(Debug, Default)]
pub struct RoutingTable {
    /// The least recently used one first.
    proxies: Vec<Proxy>,
}

impl RoutingTable {
    /// Adds proxies and gives those that had to make room.
    pub fn add(&mut self, proxies: impl IntoIterator<Item = Proxy>) -> Vec<Proxy> {
        let mut evicted = Vec::new();
        for proxy in proxies {
            self.proxies
                .retain(|known| known.identity != proxy.identity);
            self.proxies.push(proxy);
            if self.proxies.len() > MAX_SIZE {
                evicted.push(self.proxies.remove(0));
            }
        }
        evicted
    }

    /// Whether an object may be called; it counts as used then.
    pub fn find(&mut self, identity: &Identity) -> bool {
        let found = self
            .proxies
            .iter()
            .rposition(|proxy| proxy.identity == *identity);
        if let Some(at) = found {
            self.proxies[at..].rotate_left(1);
        }
        found.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(name: usize) -> Proxy {
        Proxy::new(Identity::new("c", name.to_string()), Vec::new())
    }

    #[test]
    fn least_recently_used_entry_makes_room() {
        let mut table = RoutingTable::default();
        assert!(table.add((0..MAX_SIZE).map(proxy)).is_empty());
        assert!(table.find(&Identity::new("c", "0")));
        assert!(table.add([proxy(5)]).is_empty());
        let evicted = table.add([proxy(MAX_SIZE)]);
        assert_eq!(evicted, [proxy(1)]);
        assert!(!table.find(&Identity::new("c", "1")));
        assert!(table.find(&Identity::new("c", "0")));
    }
}
