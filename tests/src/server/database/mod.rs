//! Everything that queries can find: the people, groups and sessions of the model, and the objects
//! that a configuration adds.

mod encode;
mod kinds;
mod record;
mod tables;

pub use encode::Encoder;
pub use kinds::{Kind, java_name, kind, type_id};
pub use record::{Datum, Details, Record};

use omero_plugin_api::slice::schema;

use super::model::Model;

/// Which records a session may see.
#[derive(Clone, Debug)]
pub struct Sight {
    /// Whose session it is.
    pub user: i64,
    /// The group in force; `None` for all of the user's groups.
    pub group: Option<i64>,
}

/// All records.
#[derive(Debug)]
pub struct Database {
    records: Vec<Record>,
}

impl Database {
    /// What the server knows, as far as a session may see it.
    pub fn of(model: &Model, sight: &Sight) -> Self {
        let mut records = tables::records(model);
        let data = model.records.iter();
        records.extend(data.filter(|record| visible(model, record, sight)).cloned());
        records.sort_by_key(|record| record.id);
        Self { records }
    }

    /// The records of a class and of the classes that are derived from it, by id.
    pub fn all<'a>(&'a self, class: &'a str) -> impl Iterator<Item = &'a Record> {
        self.records
            .iter()
            .filter(|record| is_a(&record.class, class))
    }

    /// The record that others refer to.
    pub fn get(&self, class: &str, id: i64) -> Option<&Record> {
        let mut found = self.records.iter().filter(|record| record.id == id);
        found.find(|record| is_a(&record.class, class))
    }

    /// The records of a collection of another record: those of the class that refer to it.
    pub fn collection<'a>(&'a self, of: &Record, class: &'a str) -> Vec<&'a Record> {
        let back = back_reference(class, &of.class);
        let refers = |record: &&Record| {
            let member = back.and_then(|back| record.members.get(back));
            matches!(member, Some(Datum::Link(_, id)) if *id == of.id)
        };
        self.all(class).filter(refers).collect()
    }
}

fn is_a(class: &str, base: &str) -> bool {
    schema::is_a(&type_id(class), &type_id(base))
}

/// The member of a class that holds the object whose collection it is in.
fn back_reference(class: &str, owner: &str) -> Option<&'static str> {
    let members = schema::chain(&type_id(class)).flat_map(|class| &class.members);
    members
        .map(|member| member.name.trim_start_matches('_'))
        .find(|name| matches!(kind(class, name), Some(Kind::Object(to)) if is_a(owner, &to)))
}

/// OMERO's rules: one's own group, or all groups one is in; in a private group only one's own data.
fn visible(model: &Model, record: &Record, sight: &Sight) -> bool {
    let (Some(owner), Some(group)) = (record.details.owner, record.details.group) else {
        return true;
    };
    let admin = model.is_admin(sight.user);
    let Some(team) = model.groups.get(&group) else {
        return false;
    };
    let in_sight = match sight.group {
        Some(wanted) => wanted == group,
        None => admin || team.has(sight.user),
    };
    let private = team.permissions.bits() & 0x40 == 0;
    let may_read = !private || admin || owner == sight.user || team.owners.contains(&sight.user);
    in_sight && may_read
}
