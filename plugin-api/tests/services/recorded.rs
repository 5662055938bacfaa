//! Answers as a real Ice server encoded them, in both encodings.

use std::{path::PathBuf, time::Duration};

use omero_plugin_api::{
    services::{
        Admin, CallError, Cell, CommandError, Config, Experimenter, Group, Membership, Page,
        Permissions, Query, Roles, Sessions, admin, command, config, query, service_factory,
        sessions,
    },
    slice::SliceError,
    testing::{Answer, FakeSession},
};

/// The status and body of a recorded reply: they follow the header and the request's number.
fn reply(name: &str, encoding: &str) -> Answer {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/wire");
    let message = std::fs::read(directory.join(format!("{name}.{encoding}.bin"))).unwrap();
    Answer::raw(message[18], message[19..].to_vec())
}

/// Runs a test with both encodings.
fn in_both(test: impl Fn(&dyn Fn(&str) -> Answer)) {
    for encoding in ["10", "11"] {
        test(&|name| reply(name, encoding));
    }
}

#[test]
fn people_and_groups() {
    in_both(|reply| {
        let fake = FakeSession::new()
            .reply(&admin::GET_EVENT_CONTEXT, reply("rep-eventcontext"))
            .reply(&admin::LOOKUP_EXPERIMENTERS, reply("rep-experimenters"))
            .reply(&admin::LOOKUP_GROUPS, reply("rep-groups-cyclic"))
            .reply(&admin::GET_SECURITY_ROLES, reply("rep-roles"));
        let admin = Admin::of(&fake.session()).unwrap();

        let me = admin.event_context().unwrap();
        assert_eq!((me.user_id, me.user_name.as_str()), (2, "ada"));
        assert_eq!((me.group_id, me.group_name.as_str()), (3, "lab"));
        assert_eq!((me.member_of, me.leader_of), (vec![3, 1], vec![]));
        assert_eq!(me.session_uuid, "11111111-2222-3333-4444-555555555555");

        let ada = Experimenter {
            id: 2,
            login: "ada".to_owned(),
            first_name: "Ada".to_owned(),
            last_name: "L".to_owned(),
            ..Experimenter::default()
        };
        assert_eq!(admin.experimenters().unwrap()[1], ada);

        // The group knows its members, each of whom knows the group.
        let lab = Group {
            id: 3,
            name: "lab".to_owned(),
            permissions: Permissions::from_bits(-120),
            members: vec![Membership {
                user_id: 2,
                owner: true,
            }],
            ..Group::default()
        };
        assert_eq!(admin.groups().unwrap(), [lab.clone(), lab]);

        let roles = Roles {
            root_id: 0,
            system_group_id: 0,
            user_group_id: 1,
            guest_group_id: 2,
        };
        assert_eq!(admin.roles().unwrap(), roles);
    });
}

#[test]
fn rows_sessions_and_configuration() {
    in_both(|reply| {
        let fake = FakeSession::new()
            .reply(&query::PROJECTION, reply("rep-projection"))
            .reply(&sessions::GET_SESSION, reply("rep-session"))
            .reply(&sessions::GET_SESSION, reply("rep-session-null"))
            .reply(&config::GET_CONFIG_VALUE, reply("rep-config"));
        let session = fake.session();

        let query = Query::of(&session).unwrap();
        let rows = query
            .projection("select", &[], Page::default(), false)
            .unwrap();
        let text = |text: &str| Cell::Text(text.to_owned());
        let first = vec![Cell::Integer(1), text("a"), Cell::Null];
        assert_eq!(
            rows,
            [first, vec![Cell::Integer(2), text("b"), Cell::Time(5)]]
        );

        let sessions = Sessions::of(&session).unwrap();
        let open = sessions.get("key").unwrap();
        assert_eq!((open.time_to_idle, open.time_to_live), (600_000, 0));
        assert_eq!(open.started, Some(1_700_000_000_000));
        assert_eq!(open.agent.as_deref(), Some("OMERO.py"));
        let nothing = sessions.get("key").unwrap_err();
        assert!(matches!(
            nothing,
            CallError::Slice(SliceError::TypeMismatch { .. })
        ));

        assert_eq!(Config::of(&session).unwrap().value("omero.x").unwrap(), "");
    });
}

#[test]
fn commands() {
    in_both(|reply| {
        let fake = FakeSession::new()
            .reply(&service_factory::SUBMIT, reply("rep-submit-current"))
            .reply(&command::GET_RESPONSE, reply("rep-handle-current"))
            .reply(&command::GET_RESPONSE, reply("rep-handle-err"))
            .reply(&command::CLOSE, reply("rep-handle-close"));
        let session = fake.session();
        let rows = command::current_sessions(&session, Duration::from_secs(600)).unwrap();
        assert_eq!(rows[0].context.user_name, "ada");
        assert_eq!(rows[0].data["hitCount"], "3");
        assert!(rows[0].session.is_some());
        assert!(rows[1].session.is_none(), "one may not see bob's session");
        assert_eq!(rows[1].context.user_name, "bob");

        let refused = command::update_idle_time(&session, "key", 5, Duration::from_secs(600));
        let error = refused.unwrap_err();
        assert!(matches!(&error, CommandError::Failed { name, .. } if name == "no-session"));

        let operations: Vec<_> = fake
            .calls()
            .into_iter()
            .map(|call| call.operation)
            .collect();
        let each = ["submit", "getResponse", "close"];
        assert_eq!(
            operations,
            [each, each].concat(),
            "a handle is always closed"
        );
    });
}

#[test]
fn exceptions() {
    in_both(|reply| {
        let error = |name: &str| {
            let fake = FakeSession::new().reply(&admin::GET_EXPERIMENTER, reply(name));
            let admin = Admin::of(&fake.session()).unwrap();
            admin.experimenter(2).unwrap_err()
        };
        for (name, class, lost, text) in [
            (
                "404",
                "ApiUsageException",
                false,
                "ApiUsageException: No such experimenter: 404",
            ),
            ("405", "SecurityViolation", false, "SecurityViolation: no"),
            (
                "406",
                "SessionException",
                true,
                "RemovedSessionException: No session with uuid: 11111111-2222-3333-4444-555555555555",
            ),
            (
                "407",
                "SessionException",
                true,
                "SessionTimeoutException: x",
            ),
            (
                "408",
                "ConcurrencyException",
                false,
                "DatabaseBusyException: busy",
            ),
            ("411", "ServerError", false, "InternalException: ie"),
        ] {
            let error = error(&format!("rep-exp{name}"));
            assert!(
                error.exception(&format!("::omero::{class}")).is_some(),
                "{name}"
            );
            assert_eq!(error.is_session_lost(), lost, "{name}");
            assert_eq!(error.to_string(), text);
        }
        assert!(
            error("rep-exp404")
                .exception("::omero::SecurityViolation")
                .is_none()
        );
        let text = "the server failed in `getExperimenter`: builtins.ValueError: boom";
        assert_eq!(error("rep-exp409").to_string(), text);
        assert!(error("rep-exp412").is_session_lost(), "the object is gone");
    });
}
