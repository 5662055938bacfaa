//! `omero::api::ITypes`: the enumerations, of which this server has those that sessions meet.

use omero_plugin_api::slice::Value;

use super::super::dispatch::{Answer, Outcome};
use super::super::model::PRIVILEGES;
use super::super::thrown::Thrown;
use super::super::values::Builder;
use super::{Call, not_implemented};

const ENUMERATIONS: [(&str, &[&str]); 2] = [
    ("AdminPrivilege", &PRIVILEGES),
    (
        "EventType",
        &["Import", "Internal", "Shutdown", "User", "Test", "Sessions"],
    ),
];

/// Annotations of OMERO's model that have no subclass.
const ANNOTATIONS: [&str; 10] = [
    "BooleanAnnotation",
    "CommentAnnotation",
    "DoubleAnnotation",
    "FileAnnotation",
    "ListAnnotation",
    "LongAnnotation",
    "MapAnnotation",
    "TagAnnotation",
    "TimestampAnnotation",
    "XmlAnnotation",
];

pub fn invoke(call: &mut Call<'_>, operation: &str) -> Outcome {
    match operation {
        "getEnumerationTypes" => {
            let names = ENUMERATIONS.map(|(name, _)| name.to_owned()).to_vec();
            Ok(Answer::of(names))
        }
        "getAnnotationTypes" => Ok(Answer::of(ANNOTATIONS.map(String::from).to_vec())),
        "allEnumerations" => all(call),
        _ => not_implemented(operation),
    }
}

fn all(call: &Call<'_>) -> Outcome {
    let name = call.text(0)?;
    let short = name.rsplit('.').next().unwrap_or(name);
    let found = ENUMERATIONS.iter().find(|(known, _)| *known == short);
    let unknown = || Thrown::api_usage(&format!("Unknown enumeration: {name}"));
    let (class, values) = found.ok_or_else(unknown)?;
    let mut builder = Builder::new(&call.world.model);
    let mut entries = Vec::new();
    for (id, value) in (1..).zip(*values) {
        let entry = builder.enumeration(&format!("::omero::model::{class}"), id, value)?;
        entries.push(Value::from(entry));
    }
    Ok(Answer::with(builder.graph, entries))
}
