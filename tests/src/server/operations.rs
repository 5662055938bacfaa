//! The table of operations.

use std::sync::LazyLock;

use omero_plugin_api::slice::Type;

/// One operation of one interface.
#[derive(Debug)]
pub struct Operation {
    /// `IAdmin`, `Router`, ...
    pub interface: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Whether it may be called twice: then mode 0 is wrong, otherwise all others are.
    pub idempotent: bool,
    /// Types of the parameters.
    pub parameters: Vec<Type>,
    /// Types of the results, the return value last.
    pub results: Vec<Type>,
}

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    include_str!("operations.txt")
        .lines()
        .filter_map(parse)
        .collect()
});

/// The operation of an interface, or one that every Ice object has.
pub fn find(interface: &str, name: &str) -> Option<&'static Operation> {
    let matches = |op: &&Operation| {
        op.name == name && (op.interface == interface || op.interface == "Object")
    };
    OPERATIONS.iter().find(matches)
}

fn parse(line: &'static str) -> Option<Operation> {
    let (head, signature) = line.split_once(" (")?;
    let (parameters, results) = signature.strip_suffix(')')?.split_once(") -> (")?;
    let mut words = head.split(' ');
    let (interface, name) = (words.next()?, words.next()?);
    let idempotent = words.next()? == "idempotent";
    let (parameters, results) = (parse_types(parameters)?, parse_types(results)?);
    Some(Operation {
        interface,
        name,
        idempotent,
        parameters,
        results,
    })
}

fn parse_types(list: &str) -> Option<Vec<Type>> {
    list.split_whitespace()
        .map(|text| Type::parse(text).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = include_str!("operations.txt")
            .lines()
            .filter(|line| !line.starts_with('#'));
        assert_eq!(OPERATIONS.len(), lines.count());
        assert!(find("IAdmin", "getEventContext").is_some_and(|op| op.idempotent));
        assert!(find("Handle", "ice_ping").is_some());
        assert!(find("IConfig", "getEventContext").is_none());
    }
}
