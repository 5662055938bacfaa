//! Recorded messages, taken apart as far as the encapsulation.

use std::path::PathBuf;

use omero_plugin_api::slice::Type;

use crate::signatures;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Request,
    Results,
    Exception,
}

#[derive(Clone)]
pub struct Sample {
    pub name: String,
    pub operation: String,
    pub kind: Kind,
    pub encapsulation: Vec<u8>,
}

impl Sample {
    /// The types the encapsulation holds.
    pub fn types(&self) -> Vec<Type> {
        signatures::types(&self.operation, self.kind == Kind::Request)
    }

    pub fn is_sliced(&self) -> bool {
        self.name.starts_with("sliced-")
    }
}

pub fn load(name: &str) -> Sample {
    all()
        .into_iter()
        .find(|sample| sample.name == name)
        .unwrap()
}

/// All messages with an encapsulation we can read: replies without one and compressed messages
/// belong to the transport.
pub fn all() -> Vec<Sample> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/wire");
    let manifest = std::fs::read_to_string(directory.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let mut samples = Vec::new();
    for (name, entry) in manifest.as_object().unwrap() {
        let message = std::fs::read(directory.join(format!("{name}.bin"))).unwrap();
        let Some(operation) = entry["op"].as_str() else {
            continue;
        };
        if let Some((kind, encapsulation)) = split(&message) {
            let (name, operation) = (name.clone(), operation.to_owned());
            samples.push(Sample {
                name,
                operation,
                kind,
                encapsulation,
            });
        }
    }
    samples
}

fn split(message: &[u8]) -> Option<(Kind, Vec<u8>)> {
    let (kind, compression) = (message[8], message[9]);
    let mut rest = &message[18..];
    match (kind, compression) {
        (_, 2) => None,
        (0, _) => {
            let [_name, _category] = [string(&mut rest), string(&mut rest)];
            for _ in 0..byte(&mut rest) {
                string(&mut rest);
            }
            string(&mut rest);
            byte(&mut rest);
            for _ in 0..2 * byte(&mut rest) {
                string(&mut rest);
            }
            Some((Kind::Request, rest.to_vec()))
        }
        (2, _) => match byte(&mut rest) {
            0 => Some((Kind::Results, rest.to_vec())),
            1 => Some((Kind::Exception, rest.to_vec())),
            _ => None,
        },
        _ => None,
    }
}

fn byte(rest: &mut &[u8]) -> usize {
    let first = rest[0];
    *rest = &rest[1..];
    usize::from(first)
}

fn string(rest: &mut &[u8]) -> String {
    let length = byte(rest);
    let text = String::from_utf8(rest[..length].to_vec()).unwrap();
    *rest = &rest[length..];
    text
}
