//! Asking for values, as the host does while the user types.

use omero_plugin_api::{
    Context, Error,
    questions::{Candidate, Sought},
};

use crate::harness;

fn sought(argument: &str) -> Sought {
    Sought {
        command: vec!["try".to_owned()],
        argument: argument.to_owned(),
        ..Sought::default()
    }
}

fn complete(ctx: &Context, sought: &Sought) -> Result<Vec<Candidate>, Error> {
    match sought.argument.as_str() {
        "colour" => Ok(vec![Candidate::new("cyan").help("not red")]),
        "configured" => {
            let values: Option<Vec<String>> = ctx.configuration("plugins.try.values")?;
            Ok(values
                .unwrap_or_default()
                .into_iter()
                .map(Candidate::new)
                .collect())
        }
        "session" => Ok(vec![Candidate::new(ctx.session()?.info().user.clone())]),
        _ => Ok(Vec::new()),
    }
}

#[test]
fn values_come_back_as_the_host_gets_them() {
    let found = harness(|_, _| Ok(())).complete(complete, sought("colour"));
    assert_eq!(found, [Candidate::new("cyan").help("not red")]);
    let found = harness(|_, _| Ok(()))
        .configuration("plugins.try.values", r#"["a", "b"]"#)
        .complete(complete, sought("configured"));
    assert_eq!(found, ["a", "b"].map(Candidate::new));
    let found = harness(|_, _| Ok(())).complete(complete, sought("other"));
    assert_eq!(found, []);
}

#[test]
#[should_panic(expected = "while completing, no session is lent")]
fn no_session_is_lent() {
    let _ = harness(|_, _| Ok(())).complete(complete, sought("session"));
}
