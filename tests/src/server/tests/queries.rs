//! `IQuery` and the lists of `IAdmin` on the wire.

use omero_plugin_api::slice::{Encoding, Graph, Identity, Value};

use super::raw_client::{RawClient, Reply};
use crate::server::{Config, TestServer};

fn ask(client: &mut RawClient, service: &Identity, text: &str, limit: Option<i32>) -> Reply {
    let mut graph = Graph::new();
    let parameters = graph.new_object("::omero::sys::Parameters").unwrap();
    let name = graph.rstring("te%");
    graph
        .set(parameters, "map", vec![(Value::from("name"), name)])
        .unwrap();
    let filter = graph.new_object("::omero::sys::Filter").unwrap();
    if let Some(limit) = limit {
        let (one, limit) = (graph.rint(1), graph.rint(limit));
        graph.set(filter, "offset", one).unwrap();
        graph.set(filter, "limit", limit).unwrap();
    }
    graph.set(parameters, "theFilter", filter).unwrap();
    let arguments = [text.into(), parameters.into()];
    client.call("IQuery", service, "projection", &arguments, &graph)
}

/// The rows as text.
fn rows(reply: &Reply) -> Vec<String> {
    let graph = reply.graph();
    let cell = |value: &Value| match graph.rlong_of(value) {
        Ok(number) => number.map_or("null".to_owned(), |number| number.to_string()),
        Err(_) => graph.rstring_of(value).unwrap().unwrap().to_owned(),
    };
    let line = |row: &Value| {
        row.as_seq()
            .unwrap()
            .iter()
            .map(cell)
            .collect::<Vec<_>>()
            .join(",")
    };
    reply.value().as_seq().unwrap().iter().map(line).collect()
}

#[test]
fn projections_are_filtered_ordered_and_cut() {
    let server = TestServer::start(Config::standard()).unwrap();
    for encoding in [Encoding::V1_0, Encoding::V1_1] {
        let mut client = RawClient::logged_in(&server, "root", "omero");
        client.encoding = encoding;
        let key = server
            .events()
            .logins
            .last()
            .unwrap()
            .session
            .clone()
            .unwrap();
        let query = client.service(&key, "getQueryService");
        let mut rows_of = |text: &str, limit| rows(&ask(&mut client, &query, text, limit));
        let all = "select e.id, e.omeName from Experimenter e order by e.omeName desc";
        assert_eq!(
            rows_of(all, None),
            ["3,testuser", "2,test", "0,root", "1,guest"]
        );
        assert_eq!(rows_of(all, Some(2)), ["2,test", "0,root"]);
        let some = "select id, email from Experimenter where omeName like :name and id != 3";
        assert_eq!(rows_of(some, None), ["2,t@example.org"]);
        assert_eq!(
            rows_of("select count(*) from ExperimenterGroup g", None),
            ["6"]
        );
        let null = "select email from Experimenter e where e.omeName = 'root'";
        // A null that is alone in its row is left out.
        assert_eq!(rows_of(null, None), [""]);
        let null = "select email, 1L from Experimenter e where e.omeName = 'root'";
        assert_eq!(rows_of(null, None), ["null,1"]);
        for wrong in [
            "select x.y from Nowhere x",
            "select e.nil from Experimenter e",
            "huh",
        ] {
            let refused = ask(&mut client, &query, wrong, None);
            assert_eq!(refused.exception().0, "::omero::QueryException", "{wrong}");
        }
    }
}

#[test]
fn groups_and_people_refer_to_each_other() {
    let server = TestServer::start(Config::standard()).unwrap();
    let mut client = RawClient::logged_in(&server, "root", "omero");
    let key = server.sessions().into_keys().next().unwrap();
    let admin = client.service(&key, "getAdminService");
    let reply = client.call(
        "IAdmin",
        &admin,
        "lookupGroup",
        &["mygroup".into()],
        &Graph::new(),
    );
    let graph = reply.graph();
    let links = reply.field("_groupExperimenterMapSeq").as_seq().unwrap();
    assert_eq!(links.len(), 1);
    let link = graph.object_of(&links[0]).unwrap().unwrap();
    assert_eq!(link.get("_parent").unwrap(), reply.value());
    let person = graph
        .object_of(link.get("_child").unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(
        graph.rstring_of(person.get("_omeName").unwrap()).unwrap(),
        Some("testuser")
    );
    for (operation, argument, words) in [
        ("lookupGroup", Value::from("none"), "No such group: none"),
        ("getGroup", Value::from(99_i64), "No such group: 99"),
        (
            "lookupExperimenter",
            Value::from("none"),
            "No such experimenter: none",
        ),
        (
            "getExperimenter",
            Value::from(99_i64),
            "No such experimenter: 99",
        ),
    ] {
        let reply = client.call("IAdmin", &admin, operation, &[argument], &Graph::new());
        assert_eq!(reply.exception(), ("::omero::ApiUsageException", words));
    }
}
