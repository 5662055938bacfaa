//! The command, run as the host runs it, against a scripted server.

mod input;
mod pages;
mod rows;

use omero_plugin_api::{
    services::{Cell, query::PROJECTION},
    slice::Value,
    testing::{Answer, FakeSession, Harness, Outcome, RecordedCall},
};

/// Prepares `omero hql …` with a server that has these rows.
fn hql(arguments: &[&str], rows: &[Vec<Cell>]) -> Harness {
    let server = FakeSession::new().reply(&PROJECTION, Answer::rows(rows));
    with(arguments, server)
}

fn with(arguments: &[&str], server: FakeSession) -> Harness {
    Harness::new(crate::command::command, crate::run)
        .args(arguments.iter().copied())
        .session(server)
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// The texts of the queries that were sent.
fn queries(outcome: &Outcome) -> Vec<&str> {
    let text = |call: &RecordedCall| call.arguments[0].as_str().map(str::to_owned);
    assert!(outcome.calls.iter().all(|call| text(call).is_ok()));
    outcome
        .calls
        .iter()
        .filter_map(|call| call.arguments[0].as_str().ok())
        .collect()
}

/// A member of the filter in a call, as a number.
fn filter(call: &RecordedCall, member: &str) -> Option<i32> {
    let filter = call
        .member(1, "theFilter")
        .and_then(|f| call.graph.object_of(f).ok()??.get(member).ok());
    call.graph
        .rint_of(filter.unwrap_or(&Value::Object(None)))
        .ok()
        .flatten()
}
