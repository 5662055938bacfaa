//! The commands, run as the host runs them, against a scripted server.

mod info;
mod list;
mod listusers;

use omero_plugin_api::{
    services::{Experimenter, Group, Membership, Permissions, Roles, UserGroup, admin},
    slice::Value,
    testing::{Answer, FakeSession, Harness, Outcome},
};

const UNKNOWN: &str = "::omero::ApiUsageException";

/// Runs `omero group …`.
fn run(arguments: &[&str], server: FakeSession) -> Outcome {
    Harness::new(crate::command::command, crate::run)
        .args(arguments.iter().copied())
        .session(server)
        .run()
}

/// A group with these owners and members.
fn group(id: i64, name: &str, bits: i64, owners: &[i64], members: &[i64]) -> Group {
    let link = |owner| move |&user_id: &i64| Membership { user_id, owner };
    Group {
        id,
        name: name.to_owned(),
        permissions: Permissions::from_bits(bits),
        members: owners
            .iter()
            .map(link(true))
            .chain(members.iter().map(link(false)))
            .collect(),
        ..Group::default()
    }
}

fn system() -> Group {
    group(0, "system", -120, &[0], &[])
}

fn shared() -> Group {
    group(3, "read-annotate-2", 0x750, &[3], &[2, 10])
}

fn my_group() -> Group {
    group(4, "mygroup", 0x760, &[], &[3])
}

fn user(id: i64, login: &str, owned: &[i64], joined: &[i64]) -> Experimenter {
    let link = |owner| move |&group_id: &i64| UserGroup { group_id, owner };
    Experimenter {
        id,
        login: login.to_owned(),
        groups: owned
            .iter()
            .map(link(true))
            .chain(joined.iter().map(link(false)))
            .collect(),
        ..Experimenter::default()
    }
}

/// A server with three groups, which finds them by id and by name.
fn server() -> FakeSession {
    let groups = [shared(), system(), my_group()];
    let mut server = FakeSession::new()
        .reply(&admin::LOOKUP_GROUPS, Answer::groups(&groups))
        .reply(
            &admin::GET_GROUP,
            Answer::exception(UNKNOWN, "No such group"),
        )
        .reply(
            &admin::LOOKUP_GROUP,
            Answer::exception(UNKNOWN, "No such group"),
        );
    for group in &groups {
        let (id, name) = (Value::Long(group.id), Value::from(group.name.as_str()));
        server = server
            .reply_to(&admin::GET_GROUP, &[id], Answer::group(group))
            .reply_to(&admin::LOOKUP_GROUP, &[name], Answer::group(group));
    }
    server
}

fn roles() -> Roles {
    Roles {
        root_id: 0,
        system_group_id: 0,
        user_group_id: 1,
        guest_group_id: 2,
    }
}
