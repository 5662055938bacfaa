//! What the members of a class are, read from the table of classes.

use omero_plugin_api::slice::{Type, schema};

/// What a member holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A value.
    Plain,
    /// A number with a unit.
    Quantity,
    /// An object of this class.
    Object(String),
    /// Many objects of this class.
    Collection(String),
    /// Owner, group and permissions.
    Details,
}

/// The type id of a class that is given with or without a package.
pub fn type_id(class: &str) -> String {
    format!(
        "::omero::model::{}",
        class.rsplit('.').next().unwrap_or(class)
    )
}

/// What a property of a class holds; `None` if it has no such property.
pub fn kind(class: &str, property: &str) -> Option<Kind> {
    if property == "details" {
        return Some(Kind::Details);
    }
    let of = |id: &str| id.strip_prefix("::omero::model::").map(str::to_owned);
    Some(match member(class, property)? {
        Type::Class(id) if id.starts_with("::omero::R") => Kind::Plain,
        Type::Class(id) if schema::is_a(&id, "::omero::model::IObject") => Kind::Object(of(&id)?),
        Type::Class(_) => Kind::Quantity,
        Type::Seq(inner) => match *inner {
            Type::Class(id) => Kind::Collection(of(&id)?),
            _ => Kind::Plain,
        },
        _ => return None,
    })
}

/// The box of a plain property: `RInt`.
pub fn boxed(class: &str, property: &str) -> Option<&'static str> {
    let boxes = [
        "RBool", "RInt", "RLong", "RFloat", "RDouble", "RTime", "RString",
    ];
    let ty = member(class, property)?;
    boxes
        .into_iter()
        .find(|name| ty == Type::class(format!("::omero::{name}")))
}

fn member(class: &str, property: &str) -> Option<Type> {
    let names = [format!("_{property}"), format!("_{property}Seq")];
    let mut members = schema::chain(&type_id(class)).flat_map(|class| &class.members);
    let found = members.find(|member| names.iter().any(|name| name == member.name))?;
    Some(found.ty.clone())
}

/// The name of the class in Java.
pub fn java_name(class: &str) -> String {
    const META: [&str; 8] = [
        "Experimenter",
        "ExperimenterGroup",
        "GroupExperimenterMap",
        "Session",
        "Event",
        "EventLog",
        "Node",
        "ExternalInfo",
    ];
    const CONTAINERS: [&str; 5] = [
        "Project",
        "Dataset",
        "Folder",
        "ProjectDatasetLink",
        "DatasetImageLink",
    ];
    let package = if META.contains(&class) {
        "meta"
    } else if CONTAINERS.contains(&class) {
        "containers"
    } else if class.contains("Annotation") {
        "annotations"
    } else if kind(class, "value").is_some() && kind(class, "version").is_none() {
        "enums"
    } else {
        "core"
    };
    format!("ome.model.{package}.{class}")
}
