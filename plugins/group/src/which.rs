//! Which groups the arguments name.

use omero_plugin_api::{
    Context, Error,
    clap::ArgMatches,
    services::{Admin, CallError, Group, Later},
};

/// The code for no group at all.
const NO_GROUP: i32 = 504;

/// The groups that the arguments name, in their order, or the current group where they name none. An
/// argument that names no group is reported, and the others count.
///
/// # Errors
///
/// None of the arguments names a group; the call fails.
pub fn selected(ctx: &Context, admin: &Admin, matches: &ArgMatches) -> Result<Vec<Group>, Error> {
    let of = |name: &str| matches.get_many::<String>(name).unwrap_or_default();
    // Everything is asked before anything is waited for: one round trip for all groups.
    let mut questions = Vec::new();
    for text in of("group") {
        questions.push(Question::by_id_or_name(admin, text)?);
    }
    for text in of("group-id") {
        questions.push(Question::by_id(admin, text)?);
    }
    for text in of("group-name") {
        questions.push(Question::by_name(admin, text)?);
    }
    if questions.is_empty() {
        return Ok(vec![admin.group(admin.event_context()?.group_id)?]);
    }
    let mut groups: Vec<Group> = Vec::new();
    for question in questions {
        match question.answer()? {
            Ok(group) => groups.push(group),
            Err(problem) => ctx.error_line(problem)?,
        }
    }
    if groups.is_empty() {
        let error = Error::new(NO_GROUP, "No group found");
        return Err(error.hint("`omero group list` shows all groups"));
    }
    Ok(groups)
}

/// An argument that the server was asked about.
struct Question<'a> {
    text: &'a str,
    by_id: Option<Later<Group>>,
    by_name: Option<Later<Group>>,
}

impl<'a> Question<'a> {
    /// A number may be an id or, since names are free text, a name.
    fn by_id_or_name(admin: &Admin, text: &'a str) -> Result<Self, CallError> {
        Ok(Self {
            by_name: Some(admin.begin_group_named(text)?),
            ..Self::by_id(admin, text)?
        })
    }

    fn by_id(admin: &Admin, text: &'a str) -> Result<Self, CallError> {
        let by_id = match text.parse() {
            Ok(id) => Some(admin.begin_group(id)?),
            Err(_) => None,
        };
        Ok(Self {
            text,
            by_id,
            by_name: None,
        })
    }

    fn by_name(admin: &Admin, text: &'a str) -> Result<Self, CallError> {
        Ok(Self {
            text,
            by_id: None,
            by_name: Some(admin.begin_group_named(text)?),
        })
    }

    /// The group, or the sentence that says why there is none.
    fn answer(self) -> Result<Result<Group, String>, Error> {
        let text = self.text;
        if self.by_id.is_none() && self.by_name.is_none() {
            return Ok(Err(format!("Not a valid group ID: {text}")));
        }
        Ok(match (existing(self.by_id)?, existing(self.by_name)?) {
            (Some(a), Some(b)) if a.id != b.id => {
                Err(format!("Ambiguous group identifier: {text}"))
            }
            (Some(group), _) | (None, Some(group)) => Ok(group),
            (None, None) => Err(format!("Unknown group: {text}")),
        })
    }
}

/// The group, or `None` where the server says that there is none, or was not asked.
fn existing(answer: Option<Later<Group>>) -> Result<Option<Group>, Error> {
    match answer.map(Later::wait).transpose() {
        Err(error) if error.exception("::omero::ApiUsageException").is_some() => Ok(None),
        other => other.map_err(Error::from),
    }
}
