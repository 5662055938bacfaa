//! Paths such as `link.child.details.owner.id`: what they are, and their values.

use super::super::super::database::{Database, Datum, Kind, java_name, kind};

/// An object under the name that the query gives it.
#[derive(Clone, Debug)]
pub struct Binding {
    pub alias: String,
    /// The class that the query knows, of which the object may be a derived one.
    pub class: String,
    /// The record, or null after an outer join.
    pub value: Datum,
}

/// What details have, with the class of the objects.
const DETAILS: [(&str, Option<&str>); 6] = [
    ("owner", Some("Experimenter")),
    ("group", Some("ExperimenterGroup")),
    ("creationEvent", Some("Event")),
    ("updateEvent", Some("Event")),
    ("externalInfo", Some("ExternalInfo")),
    ("permissions", None),
];

/// The binding that a path starts from, and the rest of the path. A path may leave out the name of
/// the only class.
pub fn start<'a, 'p>(
    scope: &'a [Binding],
    path: &'p [String],
    text: &str,
) -> Result<(&'a Binding, &'p [String]), String> {
    let first = path.first().map(String::as_str).unwrap_or_default();
    if let Some(binding) = scope.iter().find(|binding| binding.alias == first) {
        return Ok((binding, path.get(1..).unwrap_or_default()));
    }
    match scope.first() {
        Some(binding) if binding.alias.is_empty() || path.len() == 1 => Ok((binding, path)),
        _ => Err(format!("Invalid path: '{}' [{text}]", path.join("."))),
    }
}

/// What a path holds, or Hibernate's words for a property that does not exist.
pub fn kind_of(scope: &[Binding], path: &[String], text: &str) -> Result<Kind, String> {
    let (binding, rest) = start(scope, path, text)?;
    let mut kind_so_far = Kind::Object(binding.class.clone());
    let mut class = binding.class.clone();
    for part in rest {
        let found = match &kind_so_far {
            Kind::Object(of) => {
                class.clone_from(of);
                kind(of, part)
            }
            Kind::Details => DETAILS
                .iter()
                .find(|(name, _)| name == part)
                .map(|(_, class)| {
                    class.map_or(Kind::Plain, |class| Kind::Object(class.to_owned()))
                }),
            Kind::Quantity if ["value", "unit"].contains(&part.as_str()) => Some(Kind::Plain),
            Kind::Collection(_) => {
                let words = "illegal attempt to dereference collection";
                return Err(format!("{words} [{}] [{text}]", path.join(".")));
            }
            Kind::Plain | Kind::Quantity => None,
        };
        kind_so_far = found.ok_or_else(|| {
            let class = java_name(&class);
            format!("could not resolve property: {part} of: {class} [{text}]")
        })?;
    }
    Ok(kind_so_far)
}

/// The value of a path that was checked; `None` where an object on the way is missing, because the
/// join that Hibernate makes for it has no row then.
pub fn value_of(
    database: &Database,
    scope: &[Binding],
    path: &[String],
    text: &str,
) -> Result<Option<Datum>, String> {
    let (binding, rest) = start(scope, path, text)?;
    let mut value = binding.value.clone();
    let mut parts = rest.iter().map(String::as_str);
    let mut steps = 0;
    while let Some(part) = parts.next() {
        value = match &value {
            Datum::Link(class, id) => {
                let Some(record) = database.get(class, *id) else {
                    // What only details refer to need not be there.
                    return Ok(Some(if part == "id" {
                        Datum::Long(*id)
                    } else {
                        Datum::Null
                    }));
                };
                match (part, kind(&record.class, part)) {
                    ("details", _) => {
                        let link = |class: &str, id: Option<i64>| {
                            id.map_or(Datum::Null, |id| Datum::Link(class.to_owned(), id))
                        };
                        let details = record.details;
                        match parts.next() {
                            Some("owner") => link("Experimenter", details.owner),
                            Some("group") => link("ExperimenterGroup", details.group),
                            Some("creationEvent" | "updateEvent") => {
                                link("Event", details.owner.map(|_| 0))
                            }
                            Some("permissions") => {
                                details.permissions.map_or(Datum::Null, Datum::Long)
                            }
                            _ => Datum::Null,
                        }
                    }
                    (_, Some(Kind::Collection(of))) => {
                        let elements = database.collection(record, &of).into_iter();
                        let links = elements.map(|one| Datum::Link(one.class.clone(), one.id));
                        Datum::List(links.collect())
                    }
                    _ => record.get(part),
                }
            }
            Datum::Quantity(number, unit) => match part {
                "value" => Datum::Double(*number),
                _ => Datum::Text(unit.clone()),
            },
            // The id is in the row that refers to the object; nothing is joined for it.
            Datum::Null if steps > 0 && part != "id" => return Ok(None),
            _ => Datum::Null,
        };
        steps += 1;
    }
    Ok(Some(value))
}
