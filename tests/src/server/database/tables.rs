//! The model's people, groups and sessions as records.

use super::super::model::{GUEST, Model};
use super::record::{Datum, Details, Record};

/// When the server was installed: `Fri Nov 16 10:00:00 2012`, UTC.
const INSTALLED: i64 = 1_353_060_000_000;

/// The kinds of events, by id from 0.
const EVENT_TYPES: [&str; 7] = [
    "Bootstrap",
    "Import",
    "Internal",
    "Shutdown",
    "User",
    "Test",
    "Sessions",
];

/// All of them.
pub fn records(model: &Model) -> Vec<Record> {
    let mut records = vec![
        Record::new("Event", 0)
            .with("time", Datum::Time(INSTALLED))
            .with("experimenter", link("Experimenter", 0))
            .with("experimenterGroup", link("ExperimenterGroup", 0))
            .with("type", link("EventType", 0)),
    ];
    for (id, name) in (0..).zip(EVENT_TYPES) {
        records.push(Record::new("EventType", id).with("value", text(name)));
    }
    people(model, &mut records);
    groups(model, &mut records);
    sessions(model, &mut records);
    records
}

fn people(model: &Model, records: &mut Vec<Record>) {
    for user in model.users.values() {
        records.push(
            Record::new("Experimenter", user.id)
                .with("omeName", text(&user.name))
                .with("firstName", text(&user.first_name))
                .with("middleName", maybe(user.middle_name.as_ref()))
                .with("lastName", text(&user.last_name))
                .with("institution", maybe(user.institution.as_ref()))
                .with("email", maybe(user.email.as_ref()))
                .with("ldap", Datum::Bool(user.ldap)),
        );
    }
}

fn groups(model: &Model, records: &mut Vec<Record>) {
    let mut membership = 0;
    for group in model.groups.values() {
        let mut record = Record::new("ExperimenterGroup", group.id)
            .with("name", text(&group.name))
            .with("description", maybe(group.description.as_ref()))
            .with("ldap", Datum::Bool(group.ldap));
        record.details = Details {
            permissions: Some(group.permissions.bits()),
            ..Details::default()
        };
        records.push(record);
        for (user, owner) in group.people() {
            records.push(
                Record::new("GroupExperimenterMap", membership)
                    .with("parent", link("ExperimenterGroup", group.id))
                    .with("child", link("Experimenter", user))
                    .with("owner", Datum::Bool(owner)),
            );
            membership += 1;
        }
    }
}

fn sessions(model: &Model, records: &mut Vec<Record>) {
    let guest = Record::new("Session", 0)
        .with("uuid", text("000"))
        .with("owner", link("Experimenter", GUEST))
        .with("timeToIdle", Datum::Long(0))
        .with("timeToLive", Datum::Long(0))
        .with("started", Datum::Time(INSTALLED))
        .with("defaultEventType", text("Bootstrap"));
    // The server's own session, as far as it is closed long ago.
    records.push(guest.with("closed", Datum::Time(INSTALLED)));
    for session in model.sessions.values() {
        let sudoer = session
            .sudoer
            .map_or(Datum::Null, |id| link("Experimenter", id));
        records.push(
            Record::new("Session", session.id)
                .with("uuid", text(&session.uuid))
                .with("owner", link("Experimenter", session.owner))
                .with("sudoer", sudoer)
                .with("userAgent", maybe(session.agent.as_ref()))
                .with("userIP", maybe(session.ip.as_ref()))
                .with("defaultEventType", text(&session.event_type))
                .with("started", Datum::Time(session.started))
                .with("timeToIdle", Datum::Long(session.time_to_idle))
                .with("timeToLive", Datum::Long(session.time_to_live)),
        );
    }
}

fn link(class: &str, id: i64) -> Datum {
    Datum::Link(class.to_owned(), id)
}

fn text(text: &str) -> Datum {
    Datum::Text(text.to_owned())
}

fn maybe(text: Option<&String>) -> Datum {
    text.cloned().map_or(Datum::Null, Datum::Text)
}
