//! Which groups the arguments name.

use omero_plugin_api::{
    Context, Error,
    clap::ArgMatches,
    services::{Admin, CallError, Group},
};

/// The code for no group at all.
const NO_GROUP: i32 = 504;

/// The groups that the arguments name, each once, or the current group where they name none. An
/// argument that names no group is reported, and the others count.
///
/// # Errors
///
/// None of the arguments names a group; the call fails.
pub fn selected(ctx: &Context, admin: &Admin, matches: &ArgMatches) -> Result<Vec<Group>, Error> {
    let of = |name: &str| matches.get_many::<String>(name).unwrap_or_default();
    let mut found = Found::new(ctx);
    for text in of("group") {
        found.add(by_id_or_name(admin, text)?)?;
    }
    for text in of("group-id") {
        found.add(by_id(admin, text)?)?;
    }
    for text in of("group-name") {
        found.add(by_name(admin, text)?)?;
    }
    if !found.asked {
        return Ok(vec![admin.group(admin.event_context()?.group_id)?]);
    }
    if found.groups.is_empty() {
        return Err(
            Error::new(NO_GROUP, "No group found").hint("`omero group list` shows all groups")
        );
    }
    Ok(found.groups)
}

/// A group, or why there is none.
type Lookup = Result<Group, String>;

struct Found<'a> {
    ctx: &'a Context,
    asked: bool,
    groups: Vec<Group>,
}

impl<'a> Found<'a> {
    const fn new(ctx: &'a Context) -> Self {
        Self {
            ctx,
            asked: false,
            groups: Vec::new(),
        }
    }

    fn add(&mut self, lookup: Lookup) -> Result<(), Error> {
        self.asked = true;
        match lookup {
            Ok(group) if self.groups.iter().any(|known| known.id == group.id) => Ok(()),
            Ok(group) => {
                self.groups.push(group);
                Ok(())
            }
            Err(problem) => self.ctx.error_line(problem),
        }
    }
}

/// A number may be an id or, since names are free text, a name.
fn by_id_or_name(admin: &Admin, text: &str) -> Result<Lookup, Error> {
    let named = existing(admin.group_named(text))?;
    let numbered = match text.parse() {
        Ok(id) => existing(admin.group(id))?,
        Err(_) => None,
    };
    Ok(match (numbered, named) {
        (Some(a), Some(b)) if a.id != b.id => Err(format!("Ambiguous group identifier: {text}")),
        (Some(group), _) | (None, Some(group)) => Ok(group),
        (None, None) => Err(unknown(text)),
    })
}

fn by_id(admin: &Admin, text: &str) -> Result<Lookup, Error> {
    let Ok(id) = text.parse() else {
        return Ok(Err(format!("Not a valid group ID: {text}")));
    };
    Ok(existing(admin.group(id))?.ok_or_else(|| unknown(text)))
}

fn by_name(admin: &Admin, text: &str) -> Result<Lookup, Error> {
    Ok(existing(admin.group_named(text))?.ok_or_else(|| unknown(text)))
}

fn unknown(text: &str) -> String {
    format!("Unknown group: {text}")
}

/// The group, or `None` where the server says that there is none.
fn existing(answer: Result<Group, CallError>) -> Result<Option<Group>, Error> {
    match answer {
        Ok(group) => Ok(Some(group)),
        Err(error) if error.exception("::omero::ApiUsageException").is_some() => Ok(None),
        Err(error) => Err(error.into()),
    }
}
