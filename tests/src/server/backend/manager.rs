//! The two objects a router asks about clients: permissions verifier and session manager.

use omero_plugin_api::slice::{Graph, Identity, Value};

use super::super::Shared;
use super::super::dispatch::{Answer, Outcome, Trouble, ice_object};
use super::super::frame::{Request, Status};
use super::super::glacier2;
use super::super::journal::LoginRecord;
use super::super::model::{Login, LoginError};
use super::calls::allow_categories;
use super::{decode_parameters, find_operation, to_status};

/// Names of the two objects, and of their interfaces in the table of operations.
const OBJECTS: [(&str, &str); 2] = [
    ("verifier", "PermissionsVerifier"),
    ("manager", "SessionManager"),
];

/// The interface of one of the two objects.
pub fn interface(identity: &Identity) -> Option<&'static str> {
    let found = OBJECTS.iter().find(|(name, _)| identity.name == *name);
    found
        .filter(|_| identity.category.is_empty())
        .map(|(_, interface)| *interface)
}

/// Answers a call of one of the two objects.
pub fn answer(shared: &Shared, interface: &'static str, request: &Request) -> Status {
    let operation = match find_operation(request, interface) {
        Ok(operation) => operation,
        Err(status) => return status,
    };
    let arguments = match decode_parameters(request, operation) {
        Ok((arguments, _)) => arguments,
        Err(status) => return status,
    };
    let outcome = match (operation.name, arguments.as_slice()) {
        ("checkPermissions", [user, password]) => check_permissions(shared, user, password),
        ("create", [user, control]) => create(shared, request, user, control),
        (name, arguments) => {
            let type_ids = [
                format!("::Glacier2::{interface}"),
                "::Ice::Object".to_owned(),
            ];
            ice_object(name, arguments, &type_ids)
        }
    };
    to_status(request, operation, outcome)
}

fn check_permissions(shared: &Shared, user: &Value, password: &Value) -> Outcome {
    let (user, password) = (user.as_str()?, password.as_str()?);
    let verdict = shared.world().model.admit(user, password);
    let reason = match &verdict {
        Ok(()) => "",
        Err(LoginError::Denied(reason) | LoginError::Failed(_, reason)) => reason,
    };
    if verdict.is_err() {
        shared.journal.write().logins.push(LoginRecord {
            user: user.to_owned(),
            password: password.to_owned(),
            group: None,
            agent: None,
            client: None,
            session: None,
        });
    }
    let values = vec![Value::from(reason), Value::from(verdict.is_ok())];
    Ok(Answer {
        values,
        graph: Graph::new(),
    })
}

/// The verifier has seen the password, the manager does not: the server's own copy stands in.
fn create(shared: &Shared, request: &Request, user: &Value, control: &Value) -> Outcome {
    let user = user.as_str()?.to_owned();
    let known = shared
        .world()
        .model
        .user_named(&user)
        .map(|account| account.password.clone());
    let text = |key: &str| request.context(key).map(str::to_owned);
    let login = Login {
        password: known.unwrap_or_else(|| user.clone()),
        user,
        group: text("omero.group").unwrap_or_default(),
        agent: text("omero.agent"),
        ip: text("omero.ip"),
        event_type: text("omero.event").unwrap_or_default(),
    };
    let client = text("omero.client.uuid");
    let result = glacier2::connect(shared, client.as_deref(), &login);
    shared.journal.write().logins.push(LoginRecord {
        user: login.user,
        password: login.password,
        group: text("omero.group"),
        agent: login.agent,
        client: client.clone(),
        session: result.as_ref().ok().cloned(),
    });
    let key = result?;
    let category = format!("session-{}", client.unwrap_or_default());
    if let Some(control) = control.as_proxy()? {
        let failed = |error: std::io::Error| {
            Trouble::Status(Status::UnknownException(format!("test server: {error}")))
        };
        allow_categories(control, &[&category, &key]).map_err(failed)?;
    }
    Ok(Answer::of(
        shared.world().proxy(Identity::new(category, key)),
    ))
}
