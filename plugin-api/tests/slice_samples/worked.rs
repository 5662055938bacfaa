//! Recorded messages whose values are known, field by field.

use omero_plugin_api::slice::{Decoded, Encoding, Graph, Type, Value, decode, encode, schema};

use crate::sample::load;

fn read(name: &str) -> Decoded {
    let sample = load(name);
    decode(&sample.encapsulation, &sample.types()).unwrap()
}

#[test]
fn login_request() {
    for name in [
        "login-createSession-request.10",
        "login-createSession-request.11",
    ] {
        assert_eq!(
            read(name).values,
            [Value::from("ada"), Value::from("secret")]
        );
    }
}

#[test]
fn event_context() {
    for name in [
        "rep-eventcontext.10",
        "rep-eventcontext.11",
        "sliced-rep-ec.11",
    ] {
        let Decoded { values, graph } = read(name);
        let context = graph.object_of(&values[0]).unwrap().unwrap();
        assert_eq!(context.class(), "::omero::sys::EventContext");
        let long = |member| context.get(member).unwrap().as_long().unwrap();
        let text = |member| context.get(member).unwrap().as_str().unwrap();
        assert_eq!(
            [long("shareId"), long("sessionId"), long("eventId")],
            [-1, 101, -1]
        );
        assert_eq!(text("sessionUuid"), "11111111-2222-3333-4444-555555555555");
        assert_eq!((long("userId"), text("userName")), (2, "ada"));
        assert_eq!((long("groupId"), text("groupName")), (3, "lab"));
        assert_eq!(text("eventType"), "User");
        assert_eq!(context.get("isAdmin"), Ok(&Value::Bool(false)));
        assert!(context.get("sudoerId").unwrap().is_null());
        assert!(context.get("sudoerName").unwrap().is_null());
        assert_eq!(
            context.get("adminPrivileges").unwrap().as_strings(),
            Ok(vec![])
        );
        assert_eq!(
            context.get("memberOfGroups").unwrap().as_longs(),
            Ok(vec![3, 1])
        );
        assert_eq!(
            context.get("leaderOfGroups").unwrap().as_longs(),
            Ok(vec![])
        );
        let permissions = graph.object_of(context.get("groupPermissions").unwrap());
        assert_eq!(
            permissions.unwrap().unwrap().get("_perm1"),
            Ok(&Value::Long(-120))
        );
    }
}

#[test]
fn session() {
    for name in ["rep-session.10", "rep-session.11", "sliced-rep-session.11"] {
        let Decoded { values, graph } = read(name);
        let session = graph.object_of(&values[0]).unwrap().unwrap();
        assert!(session.is_a("::omero::model::IObject"));
        let field = |member| session.get(member).unwrap();
        let uuid = "11111111-2222-3333-4444-555555555555";
        assert_eq!(graph.rstring_of(field("_uuid")), Ok(Some(uuid)));
        assert_eq!(graph.rlong_of(field("_timeToIdle")), Ok(Some(600_000)));
        assert_eq!(graph.rlong_of(field("_timeToLive")), Ok(Some(0)));
        assert_eq!(
            graph.rtime_of(field("_started")),
            Ok(Some(1_700_000_000_000))
        );
        assert_eq!(graph.rtime_of(field("_closed")), Ok(None));
        assert_eq!(graph.rstring_of(field("_userAgent")), Ok(Some("OMERO.py")));
        assert_eq!(graph.rlong_of(field("_id")), Ok(Some(101)));
        assert_eq!(field("_loaded"), &Value::Bool(true));
        let owner = graph.object_of(field("_owner")).unwrap().unwrap();
        assert_eq!(
            graph.rstring_of(owner.get("_omeName").unwrap()),
            Ok(Some("ada"))
        );
        assert_eq!(graph.rbool_of(owner.get("_ldap").unwrap()), Ok(Some(false)));
        assert_eq!(graph.rlong_of(owner.get("_id").unwrap()), Ok(Some(2)));
        assert!(session.get("nothing").is_err());
    }
}

#[test]
fn map_of_boxed_values() {
    for name in ["rep-rtype-map.10", "rep-rtype-map.11", "sliced-rep-rmap.11"] {
        let Decoded { values, graph } = read(name);
        assert_eq!(graph.rmap_of(&values[0]).unwrap().unwrap().len(), 2);
        let map = graph
            .object_of(&values[0])
            .unwrap()
            .unwrap()
            .get("_val")
            .unwrap();
        assert_eq!(graph.rlong_of(map.entry("a").unwrap()), Ok(Some(1)));
        let list = graph.rlist_of(map.entry("b").unwrap()).unwrap().unwrap();
        assert_eq!(graph.rstring_of(&list[0]), Ok(Some("x")));
        assert!(list[1].is_null());
    }
}

#[test]
fn nulls() {
    for name in [
        "rep-session-null.10",
        "rep-session-null.11",
        "rep-rtype-null.11",
    ] {
        assert_eq!(read(name).values, [Value::Object(None)]);
    }
}

/// A group knows its members and they know the group.
#[test]
fn circles() {
    for name in [
        "rep-groups-cyclic.10",
        "rep-groups-cyclic.11",
        "sliced-rep-groups.11",
    ] {
        let Decoded { values, graph } = read(name);
        let group = values[0].as_seq().unwrap()[0].as_object().unwrap().unwrap();
        let maps = graph
            .field(group, "_groupExperimenterMapSeq")
            .unwrap()
            .as_seq()
            .unwrap();
        assert!(!maps.is_empty(), "{name}");
        for map in maps {
            let map = graph.object_of(map).unwrap().unwrap();
            assert_eq!(
                map.get("_parent"),
                Ok(&Value::Object(Some(group))),
                "{name}"
            );
        }
    }
}

/// Requests made from nothing are, byte for byte, those of the stock client.
#[test]
fn requests_from_nothing() {
    let mut graph = Graph::new();
    let session = graph.new_object("::omero::model::Session").unwrap();
    let uuid = graph.rstring("11111111-2222-3333-4444-555555555555");
    let details = graph.new_object("::omero::model::Details").unwrap();
    graph.set(session, "_uuid", uuid).unwrap();
    graph.set(session, "_details", details).unwrap();
    for member in ["_loaded", "_eventsLoaded", "_annotationLinksLoaded"] {
        graph.set(session, member, true).unwrap();
    }
    assert_request("req-closesession", &graph, &session.into());

    let mut graph = Graph::new();
    let request = graph
        .new_object("::omero::cmd::UpdateSessionTimeoutRequest")
        .unwrap();
    let idle = graph.rlong(60_000);
    graph.set(request, "session", "nope").unwrap();
    graph.set(request, "timeToIdle", idle).unwrap();
    assert_request("req-submit-update", &graph, &request.into());
}

fn assert_request(name: &str, graph: &Graph, value: &Value) {
    for (encoding, suffix) in [(Encoding::V1_1, "11"), (Encoding::V1_0, "10")] {
        let sample = load(&format!("{name}.{suffix}"));
        let written = encode(encoding, &[(&sample.types()[0], value)], graph).unwrap();
        assert_eq!(written.len(), sample.encapsulation.len());
        if encoding == Encoding::V1_1 {
            assert_eq!(written, sample.encapsulation);
        }
    }
}

/// Every class of the table, with structs, enumerators and dictionaries, in every format.
#[test]
fn all_classes_round_trip() {
    for id in schema::class_ids() {
        let mut graph = Graph::new();
        let instance = Value::from(graph.new_object(id).unwrap());
        let ty = Type::class(id);
        for encoding in [Encoding::V1_0, Encoding::V1_1] {
            let written = encode(encoding, &[(&ty, &instance)], &graph).unwrap();
            let decoded = decode(&written, std::slice::from_ref(&ty)).unwrap();
            assert_eq!(decoded.graph, graph, "{id}");
        }
    }
}

#[test]
fn wrong_values_are_not_written() {
    let mut graph = Graph::new();
    let session = graph.new_object("::omero::model::Session").unwrap();
    let text = graph.rstring("x");
    graph.set(session, "_timeToIdle", text).unwrap();
    let session = Value::from(session);
    for encoding in [Encoding::V1_0, Encoding::V1_1] {
        let class = Type::class("::omero::model::Session");
        assert!(encode(encoding, &[(&class, &session)], &graph).is_err());
        assert!(encode(encoding, &[(&class, &session)], &Graph::new()).is_err());
        assert!(encode(encoding, &[(&Type::Long, &Value::Int(1))], &graph).is_err());
        let state = Type::Enum("::omero::cmd::State".to_owned());
        assert!(encode(encoding, &[(&state, &Value::Enum(6))], &graph).is_err());
        assert!(encode(encoding, &[(&state, &Value::Enum(5))], &graph).is_ok());
    }
}
