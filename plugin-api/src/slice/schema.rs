//! The tables of classes, exceptions, structs and enumerations of OMERO.
//!
//! Using one class must not cost the parsing of three hundred: a table is cut into lines when it
//! is first needed, and a line is parsed when its class is first asked for.
//!
//! ```
//! use omero_plugin_api::slice::schema;
//!
//! // Which links lead from a dataset to its annotations?
//! let link = schema::class("::omero::model::DatasetAnnotationLink");
//! let members = link.map(|link| link.members.iter().map(|m| format!("{} {}", m.name, m.ty)));
//! let members: Vec<_> = members.into_iter().flatten().collect();
//! assert_eq!(members[1], "_parent @::omero::model::Dataset");
//! assert_eq!(members[2], "_child @::omero::model::Annotation");
//! ```

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use super::{SliceError, Type};

/// Type id every class has as its last ancestor.
pub(super) const OBJECT: &str = "::Ice::Object";

/// A class, exception or struct.
///
/// ```
/// use omero_plugin_api::slice::schema;
///
/// let tag = schema::class("::omero::model::TagAnnotation");
/// assert_eq!(tag.and_then(|tag| tag.base), Some("::omero::model::TextAnnotation"));
/// // All it has is inherited.
/// assert!(tag.is_some_and(|tag| tag.members.is_empty()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Type id, for example `::omero::model::Session`.
    pub id: &'static str,
    /// Type id of the base, if it has one.
    pub base: Option<&'static str>,
    /// The members the class itself declares, in wire order.
    pub members: Vec<Member>,
}

/// A member of a [`Class`].
///
/// ```
/// use omero_plugin_api::slice::{Member, Type, schema};
///
/// let text = Member { name: "_textValue", ty: Type::class("::omero::RString") };
/// let annotation = schema::class("::omero::model::TextAnnotation");
/// assert!(annotation.is_some_and(|class| class.members.contains(&text)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Name, for example `_timeToIdle`.
    pub name: &'static str,
    /// Type.
    pub ty: Type,
}

struct Line {
    text: &'static str,
    parsed: OnceLock<Option<Class>>,
}

type Table = LazyLock<HashMap<&'static str, Line>>;

static CLASSES: Table = LazyLock::new(|| index(include_str!("../../data/omero-classes.txt")));
static EXCEPTIONS: Table = LazyLock::new(|| index(include_str!("data/exceptions.txt")));
static STRUCTS: Table = LazyLock::new(|| index(include_str!("data/structs.txt")));
static ENUMS: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let lines = include_str!("data/enums.txt")
        .lines()
        .filter_map(|line| line.split_once(" : "));
    lines
        .map(|(id, names)| (id, names.split_whitespace().collect()))
        .collect()
});

/// An instance of which only the ancestor of all classes is known.
pub(super) static ROOT: Class = Class {
    id: OBJECT,
    base: None,
    members: Vec::new(),
};

/// The class with this type id.
///
/// ```
/// use omero_plugin_api::slice::schema;
///
/// assert!(schema::class("::omero::model::Image").is_some());
/// assert!(schema::class("Image").is_none()); // ids are whole
/// ```
#[must_use]
pub fn class(id: &str) -> Option<&'static Class> {
    find(&CLASSES, id)
}

/// The exception with this type id.
///
/// ```
/// use omero_plugin_api::slice::schema;
///
/// let timeout = schema::exception("::omero::LockTimeout");
/// assert_eq!(timeout.and_then(|thrown| thrown.base), Some("::omero::ConcurrencyException"));
/// assert!(schema::exception("::omero::model::Image").is_none()); // a class
/// ```
#[must_use]
pub fn exception(id: &str) -> Option<&'static Class> {
    find(&EXCEPTIONS, id)
}

/// The struct with this type id.
///
/// ```
/// use omero_plugin_api::slice::{Value, schema};
///
/// // A struct travels without the names of its members.
/// let value = Value::Struct(vec![Value::Long(5), Value::Long(7)]);
/// let pair = schema::structure("::omero::api::LongPair");
/// let names = pair.into_iter().flat_map(|pair| &pair.members).map(|member| member.name);
/// let named: Vec<_> = names.zip(value.as_struct()?).collect();
/// assert_eq!(named[1], ("second", &Value::Long(7)));
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
#[must_use]
pub fn structure(id: &str) -> Option<&'static Class> {
    find(&STRUCTS, id)
}

/// The enumerators with this type id, in the order of their numbers.
///
/// ```
/// use omero_plugin_api::slice::{Value, schema};
///
/// // A state as `::omero::cmd::Status` carries it.
/// let state = Value::Enum(4);
/// let names = schema::enumerators("::omero::cmd::State").unwrap_or_default();
/// assert_eq!(names[state.as_enum()? as usize], "FAILURE");
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
#[must_use]
pub fn enumerators(id: &str) -> Option<&'static [&'static str]> {
    ENUMS.get(id).map(Vec::as_slice)
}

/// The class and its ancestors, most derived first; empty when the class is unknown.
///
/// ```
/// use omero_plugin_api::slice::schema;
///
/// let ids: Vec<_> = schema::chain("::omero::model::Dataset").map(|class| class.id).collect();
/// assert_eq!(ids, ["::omero::model::Dataset", "::omero::model::IObject"]);
/// ```
pub fn chain(id: &str) -> impl Iterator<Item = &'static Class> + use<> {
    ancestors(class(id), class)
}

/// The exception and its ancestors, most derived first; empty when it is unknown.
pub(super) fn exception_chain(id: &str) -> impl Iterator<Item = &'static Class> + use<> {
    ancestors(exception(id), exception)
}

/// Whether a class is the other class or derived from it.
///
/// ```
/// use omero_plugin_api::slice::schema;
///
/// assert!(schema::is_a("::omero::model::Polygon", "::omero::model::Shape"));
/// assert!(!schema::is_a("::omero::model::Shape", "::omero::model::Polygon"));
/// ```
#[must_use]
pub fn is_a(id: &str, base: &str) -> bool {
    id == base || base == OBJECT || chain(id).any(|class| class.id == base)
}

/// The type ids of all classes of the table, in no order.
///
/// ```
/// use omero_plugin_api::slice::schema;
///
/// let shape = "::omero::model::Shape";
/// let mut kinds: Vec<_> = schema::class_ids().filter(|id| schema::is_a(id, shape)).collect();
/// kinds.sort_unstable();
/// assert_eq!(kinds[0], "::omero::model::Ellipse");
/// ```
pub fn class_ids() -> impl Iterator<Item = &'static str> {
    CLASSES.keys().copied()
}

pub(super) fn known_class(id: &str) -> Result<&'static Class, SliceError> {
    class(id).ok_or_else(|| SliceError::UnknownClass { id: id.to_owned() })
}

pub(super) fn known_structure(id: &str) -> Result<&'static Class, SliceError> {
    structure(id).ok_or_else(|| SliceError::UnknownType {
        name: id.to_owned(),
    })
}

pub(super) fn known_enumerators(id: &str) -> Result<&'static [&'static str], SliceError> {
    enumerators(id).ok_or_else(|| SliceError::UnknownType {
        name: id.to_owned(),
    })
}

/// How classes of one kind are found by type id.
pub(super) type Lookup = fn(&str) -> Option<&'static Class>;

/// A class and what it derives from.
pub(super) fn ancestors(
    first: Option<&'static Class>,
    lookup: Lookup,
) -> impl Iterator<Item = &'static Class> {
    std::iter::successors(first, move |class| lookup(class.base?))
}

fn index(text: &'static str) -> HashMap<&'static str, Line> {
    let lines = text
        .lines()
        .filter_map(|line| Some((line.split_once(" : ")?.0, line)));
    lines
        .map(|(id, text)| {
            (
                id,
                Line {
                    text,
                    parsed: OnceLock::new(),
                },
            )
        })
        .collect()
}

fn find(table: &'static Table, id: &str) -> Option<&'static Class> {
    let line = table.get(id)?;
    line.parsed.get_or_init(|| parse(line.text)).as_ref()
}

/// Parses `id : base or - : name type, name type`; structs leave the base out.
fn parse(line: &'static str) -> Option<Class> {
    let (id, rest) = line.split_once(" : ")?;
    let (base, members) = match (rest.split_once(" : "), rest.strip_suffix(" :")) {
        (Some(parts), _) => parts,
        (None, Some(base)) => (base, ""),
        (None, None) => ("-", rest),
    };
    let base = Some(base).filter(|base| *base != "-");
    let members = split_members(members)
        .map(parse_member)
        .collect::<Option<_>>()?;
    Some(Class { id, base, members })
}

/// Members are separated by a comma and a blank; dictionaries have commas without one.
fn split_members(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split(", ").filter(|member| !member.is_empty())
}

fn parse_member(text: &'static str) -> Option<Member> {
    let (name, ty) = text.split_once(' ')?;
    Some(Member {
        name,
        ty: Type::parse(ty).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_understood() {
        for (table, count) in [(&CLASSES, 303), (&EXCEPTIONS, 35), (&STRUCTS, 1)] {
            assert_eq!(table.len(), count);
            for id in table.keys() {
                let class = find(table, id).unwrap();
                assert_eq!(class.id, *id);
                assert!(
                    class.base.is_none_or(|base| find(table, base).is_some()),
                    "{id}"
                );
                for member in &class.members {
                    assert!(named_types_exist(&member.ty), "{id}.{}", member.name);
                }
            }
        }
    }

    fn named_types_exist(ty: &Type) -> bool {
        match ty {
            Type::Seq(element) => named_types_exist(element),
            Type::Dict(key, value) => named_types_exist(key) && named_types_exist(value),
            Type::Enum(id) => enumerators(id).is_some(),
            Type::Struct(id) => structure(id).is_some(),
            Type::Class(id) => class(id).is_some(),
            _ => true,
        }
    }

    #[test]
    fn chains_end() {
        for id in class_ids() {
            assert!(chain(id).count() < 10, "{id}");
        }
        let share: Vec<_> = chain("::omero::model::Share")
            .map(|class| class.id)
            .collect();
        let expected = [
            "::omero::model::Share",
            "::omero::model::Session",
            "::omero::model::IObject",
        ];
        assert_eq!(share, expected);
        assert!(is_a("::omero::model::Share", "::omero::model::IObject"));
        assert!(!is_a("::omero::model::Session", "::omero::model::Share"));
        assert!(!is_a("::nowhere::X", "::omero::RType"));
    }

    #[test]
    fn members_keep_their_order() {
        let pair = structure("::omero::api::LongPair").unwrap();
        let names: Vec<_> = pair.members.iter().map(|member| member.name).collect();
        assert_eq!(names, ["first", "second"]);
        let request = class("::omero::cmd::UpdateSessionTimeoutRequest").unwrap();
        assert_eq!(request.base, Some("::omero::cmd::Request"));
        assert_eq!(request.members.len(), 3);
        assert_eq!(enumerators("::omero::cmd::State").unwrap()[5], "CANCELLED");
    }
}
