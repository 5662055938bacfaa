//! What is left of classes that are not in the table.

use omero_plugin_api::slice::{SliceError, Type, decode};

use crate::sample::load;

/// Replaces a type id by another one of the same length.
fn rename(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = bytes
        .windows(from.len())
        .position(|window| window == from.as_bytes())
        .unwrap();
    let mut bytes = bytes.to_vec();
    bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    bytes
}

#[test]
fn unknown_classes_become_their_known_base() {
    for name in ["rep-session.10", "sliced-rep-session.11"] {
        let bytes = load(name).encapsulation;
        let bytes = rename(&bytes, "::omero::model::Session", "::omero::model::Sesshun");
        let types = [Type::class("::omero::model::IObject")];
        let decoded = decode(&bytes, &types).unwrap();
        let object = decoded
            .graph
            .object_of(&decoded.values[0])
            .unwrap()
            .unwrap();
        assert_eq!(object.class(), "::omero::model::IObject", "{name}");
        assert_eq!(object.wire_class(), "::omero::model::Sesshun");
        let id = object.get("_id").unwrap();
        assert_eq!(decoded.graph.rlong_of(id), Ok(Some(101)), "{name}");
        let declared = [Type::class("::omero::model::Session")];
        assert!(matches!(
            decode(&bytes, &declared),
            Err(SliceError::ClassMismatch { .. })
        ));
    }
}

/// Without sizes nothing can be skipped, but the name helps.
#[test]
fn unknown_compact_classes_are_named() {
    let bytes = load("rep-session.11").encapsulation;
    let bytes = rename(&bytes, "::omero::model::Session", "::omero::model::Sesshun");
    let error = decode(&bytes, &[Type::class("::omero::model::IObject")]).unwrap_err();
    assert_eq!(error.to_string(), "unknown class ::omero::model::Sesshun");
}

#[test]
fn instances_without_any_known_class_are_named() {
    for name in ["rep-eventcontext.10", "sliced-rep-ec.11"] {
        let bytes = load(name).encapsulation;
        let bytes = rename(
            &bytes,
            "::omero::sys::EventContext",
            "::omero::sys::EventContent",
        );
        let id = "::omero::sys::EventContent".to_owned();
        let declared = [Type::class("::omero::sys::EventContext")];
        assert_eq!(
            decode(&bytes, &declared),
            Err(SliceError::UnknownClass { id })
        );
    }
}
