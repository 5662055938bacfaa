//! Commands that the server runs in the background.

use std::time::Duration;

use omero_plugin_api::{
    services::{CommandError, command, service_factory, submit},
    slice::{Graph, Value},
    testing::{Answer, FakeSession},
};

fn server() -> FakeSession {
    FakeSession::new()
        .reply(&service_factory::SUBMIT, Answer::proxy("handle"))
        .reply(&command::CLOSE, Answer::nothing())
}

fn null() -> Answer {
    Answer::value(Value::Object(None))
}

fn run(fake: &FakeSession, limit: Duration) -> Result<(), CommandError> {
    let mut graph = Graph::new();
    let request = graph
        .new_object("::omero::cmd::CurrentSessionsRequest")
        .unwrap();
    submit(&fake.session(), &graph, request, limit).map(|_| ())
}

#[test]
fn an_answer_is_waited_for() {
    let mut graph = Graph::new();
    let ok = graph.new_object("::omero::cmd::OK").unwrap();
    let fake = server()
        .reply(&command::GET_RESPONSE, null())
        .reply(&command::GET_RESPONSE, null())
        .reply(
            &command::GET_RESPONSE,
            Answer::results(vec![ok.into()], graph),
        );
    run(&fake, Duration::from_secs(600)).unwrap();
    let calls = fake.calls();
    assert_eq!(calls.len(), 5);
    assert_eq!(calls[4].operation, "close");
    assert!(calls[1..].iter().all(|call| call.service == "handle"));
}

#[test]
fn but_not_for_ever() {
    let fake = server().reply(&command::GET_RESPONSE, null());
    let error = run(&fake, Duration::from_millis(30)).unwrap_err();
    assert!(matches!(error, CommandError::Timeout), "{error}");
    assert_eq!(fake.calls().last().unwrap().operation, "close");
}

#[test]
fn an_unknown_request_has_no_handle() {
    let nobody = Answer::value(Value::Proxy(None));
    let fake = FakeSession::new().reply(&service_factory::SUBMIT, nobody);
    let error = run(&fake, Duration::from_secs(600)).unwrap_err();
    assert!(matches!(error, CommandError::Unsupported), "{error}");
}

#[test]
fn a_handle_that_cannot_be_closed_changes_nothing() {
    let mut graph = Graph::new();
    let ok = graph.new_object("::omero::cmd::OK").unwrap();
    let fake = FakeSession::new()
        .reply(&service_factory::SUBMIT, Answer::proxy("handle"))
        .reply(
            &command::GET_RESPONSE,
            Answer::results(vec![ok.into()], graph),
        )
        .reply(&command::CLOSE, Answer::not_there());
    run(&fake, Duration::from_secs(600)).unwrap();
}
