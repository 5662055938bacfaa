//! The tables of classes, exceptions, structs and enumerations of OMERO.
//!
//! Using one class must not cost the parsing of three hundred: a table is split into lines when
//! this crate is compiled, and a line is parsed when its class is first asked for.
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

mod table;

use std::collections::HashMap;
use std::sync::LazyLock;

use self::table::Table;
use super::plan::Plan;
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
    /// How the members are read.
    pub(super) plans: Vec<Plan>,
    /// The base, if it has one.
    pub(super) parent: Option<&'static Self>,
    /// How many members it has with those of its bases.
    pub(super) fields: usize,
    /// Its number in its table.
    pub(super) number: u16,
}

impl Class {
    /// The class and its bases, most derived first.
    pub(super) fn and_bases(&'static self) -> impl Iterator<Item = &'static Self> {
        std::iter::successors(Some(self), |class| class.parent)
    }

    /// Whether it is the class with this type id, or derived from it.
    pub(crate) fn is_a(&'static self, id: &str) -> bool {
        id == OBJECT || self.and_bases().any(|class| class.id == id)
    }

    /// Whether it is the class with this number of the same table, or derived from it.
    pub(super) fn derives_from(&'static self, number: u16) -> bool {
        self.and_bases().any(|class| class.number == number)
    }
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

static CLASSES: Table<303> = Table::new(include_str!("../../data/omero-classes.txt"), class);
static EXCEPTIONS: Table<35> = Table::new(include_str!("data/exceptions.txt"), exception);
static STRUCTS: Table<1> = Table::new(include_str!("data/structs.txt"), structure);
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
    plans: Vec::new(),
    parent: None,
    fields: 0,
    number: u16::MAX,
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
    CLASSES.find(id)
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
    EXCEPTIONS.find(id)
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
    STRUCTS.find(id)
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
    class(id).into_iter().flat_map(Class::and_bases)
}

/// The exception and its ancestors, most derived first; empty when it is unknown.
pub(super) fn exception_chain(id: &str) -> impl Iterator<Item = &'static Class> + use<> {
    exception(id).into_iter().flat_map(Class::and_bases)
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

/// The type ids of all classes of the table, sorted.
///
/// ```
/// use omero_plugin_api::slice::schema;
///
/// let shape = "::omero::model::Shape";
/// let kinds: Vec<_> = schema::class_ids().filter(|id| schema::is_a(id, shape)).collect();
/// assert_eq!(kinds[0], "::omero::model::Ellipse");
/// ```
pub fn class_ids() -> impl Iterator<Item = &'static str> {
    CLASSES.ids()
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

/// The number of a class in its table.
pub(super) fn class_number(id: &str) -> Option<u16> {
    u16::try_from(CLASSES.position(id)?).ok()
}

/// The type id of the class with this number.
pub(super) fn class_id(number: u16) -> &'static str {
    CLASSES.id(number.into()).unwrap_or(OBJECT)
}

/// The class with this number.
pub(super) fn class_at(number: u16) -> Option<&'static Class> {
    CLASSES.get(number.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_understood() {
        every_line_of(&CLASSES);
        every_line_of(&EXCEPTIONS);
        every_line_of(&STRUCTS);
    }

    /// That ids are found also shows that they are sorted.
    fn every_line_of<const N: usize>(table: &'static Table<N>) {
        assert_eq!(table.ids().count(), N);
        for id in table.ids() {
            let class = table.find(id).unwrap();
            assert_eq!(class.id, id);
            assert_eq!(class.base, class.parent.map(|parent| parent.id), "{id}");
            for member in &class.members {
                assert!(named_types_exist(&member.ty), "{id}.{}", member.name);
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
