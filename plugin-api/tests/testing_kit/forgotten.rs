//! What a test did not prepare fails it, even when the command copes.

use omero_plugin_api::{
    services::{Admin, admin},
    slice::Value,
    testing::{Answer, FakeSession},
};

use crate::{Body, harness};

const ASKS: Body = |ctx, _| {
    let admin = Admin::of(&ctx.session()?)?;
    // Whatever comes back, the command goes on.
    let _ = admin.group(3);
    Ok(())
};

#[test]
#[should_panic(
    expected = "the command called `getGroup` of `omero.api.IAdmin`: add FakeSession::reply"
)]
fn a_call() {
    let _ = harness(ASKS).session(FakeSession::new()).run();
}

#[test]
#[should_panic(
    expected = "the command called `getGroup` with [Long(3)]: add FakeSession::reply_to"
)]
fn a_call_with_these_arguments() {
    let other = [Value::Long(4)];
    let server = FakeSession::new().reply_to(&admin::GET_GROUP, &other, Answer::nothing());
    let _ = harness(ASKS).session(server).run();
}

#[test]
#[should_panic(expected = "the answer to `getGroup` does not fit it")]
fn an_answer_of_another_type() {
    let server = FakeSession::new().reply(&admin::GET_GROUP, Answer::value("text"));
    let _ = harness(ASKS).session(server).run();
}

#[test]
#[should_panic(expected = "the answer to `getGroup` does not fit it")]
fn an_unknown_exception() {
    let unknown = Answer::exception("::omero::NoSuchException", "?");
    let server = FakeSession::new().reply(&admin::GET_GROUP, unknown);
    let _ = harness(ASKS).session(server).run();
}

#[test]
#[should_panic(expected = "the command asked for a session")]
fn a_session() {
    let _ = harness(ASKS).run();
}

#[test]
#[should_panic(expected = "the command asked for its data directory")]
fn a_data_directory() {
    let _ = harness(|ctx, _| ctx.data_directory().map(drop)).run();
}

#[test]
#[should_panic(expected = "the command ran `omero logout`: add Harness::command")]
fn another_command() {
    let _ = harness(|ctx, _| ctx.invoke(["logout"]).map(drop)).run();
}
