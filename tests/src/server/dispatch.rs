//! From a request to a reply: which object, which operation, which answer.

use omero_plugin_api::slice::{Encoder, Encoding, Graph, Identity, Value, decode, encode};

use super::frame::{Request, Status};
use super::operations::{self, Operation};
use super::services::{self, Call};
use super::thrown::Thrown;
use super::world::World;

/// What an operation gives back when all is well.
#[derive(Debug, Default)]
pub struct Answer {
    /// Results, the return value last.
    pub values: Vec<Value>,
    /// Their class instances.
    pub graph: Graph,
}

impl Answer {
    /// One result without class instances.
    pub fn of(value: impl Into<Value>) -> Self {
        Self {
            values: vec![value.into()],
            graph: Graph::new(),
        }
    }

    /// One result with class instances.
    pub fn with(graph: Graph, value: impl Into<Value>) -> Self {
        Self {
            values: vec![value.into()],
            graph,
        }
    }
}

/// What an operation gives back otherwise.
#[derive(Debug)]
pub enum Trouble {
    /// A user exception.
    Thrown(Thrown),
    /// Any other status.
    Status(Status),
}

impl From<Thrown> for Trouble {
    fn from(thrown: Thrown) -> Self {
        Self::Thrown(thrown)
    }
}

/// A mistake of this server, which is then visible as such.
impl From<omero_plugin_api::slice::SliceError> for Trouble {
    fn from(error: omero_plugin_api::slice::SliceError) -> Self {
        Self::Status(Status::UnknownException(format!("test server: {error}")))
    }
}

/// What an operation gives back.
pub type Outcome = Result<Answer, Trouble>;

/// The operation, if mode, facet and name are right.
pub fn find_operation(request: &Request, interface: &str) -> Result<&'static Operation, Status> {
    if request.facet.is_some() {
        return Err(Status::FacetNotExist);
    }
    let found = operations::find(interface, &request.operation);
    let operation = found.ok_or(Status::OperationNotExist)?;
    let names = ["::Ice::Normal", "::Ice::Nonmutating", "::Ice::Idempotent"];
    if operation.idempotent == (request.mode == 0) {
        let expected = if operation.idempotent {
            names[2]
        } else {
            names[0]
        };
        let received = names
            .get(usize::from(request.mode))
            .copied()
            .unwrap_or("unknown value");
        return Err(marshal_exception(&format!(
            "unexpected operation mode. expected = {expected} received = {received}"
        )));
    }
    Ok(operation)
}

/// The parameters as values.
pub fn decode_parameters(
    request: &Request,
    operation: &Operation,
) -> Result<(Vec<Value>, Graph), Status> {
    let version = (request.encapsulation[4], request.encapsulation[5]);
    if !matches!(version, (1, 0 | 1)) {
        let (major, minor) = version;
        return Err(Status::UnknownLocalException(format!(
            "Protocol.cpp:218: ::Ice::UnsupportedEncodingException:\nencoding error: \
             unsupported encoding version: {major}.{minor}\n(can only support encodings \
             compatible with version 1.1)"
        )));
    }
    let decoded = decode(&request.encapsulation, &operation.parameters);
    let decoded = decoded.map_err(|error| marshal_exception(&error.to_string()))?;
    Ok((decoded.values, decoded.graph))
}

fn marshal_exception(reason: &str) -> Status {
    Status::UnknownLocalException(format!(
        "Object.cpp:343: ::Ice::MarshalException:\nprotocol error: error during marshaling or \
         unmarshaling:\n{reason}"
    ))
}

/// The reply to an outcome, in the encoding of the request.
pub fn to_status(request: &Request, operation: &Operation, outcome: Outcome) -> Status {
    let encoding = if request.encapsulation[5] == 0 {
        Encoding::V1_0
    } else {
        Encoding::V1_1
    };
    match outcome {
        Ok(answer) => {
            let pairs: Vec<_> = operation.results.iter().zip(&answer.values).collect();
            if pairs.len() != operation.results.len() {
                return Status::UnknownException("test server: results missing".to_owned());
            }
            match encode(encoding, &pairs, &answer.graph) {
                Ok(bytes) => Status::Ok(bytes),
                Err(error) => Status::UnknownException(format!("test server: {error}")),
            }
        }
        Err(Trouble::Thrown(thrown)) => encode_exception(encoding, operation, &thrown),
        Err(Trouble::Status(status)) => status,
    }
}

/// Glacier2 sends exceptions in the sliced format, OMERO in the compact one.
fn encode_exception(encoding: Encoding, operation: &Operation, thrown: &Thrown) -> Status {
    let router = operation.interface == "Router";
    let sliced = router || operation.interface == "SessionManager";
    let mut encoder = Encoder::new(encoding).sliced(sliced);
    let graph = Graph::new();
    let thrown = if router && encoding == Encoding::V1_0 {
        &known_to_router(thrown)
    } else {
        thrown
    };
    match encoder.user_exception(&thrown.type_id, &thrown.members, &graph, sliced) {
        Ok(()) => Status::UserException(encoder.finish()),
        Err(error) => Status::UnknownUserException(format!("{}: {error}", thrown.type_id)),
    }
}

/// The router knows Glacier2's exceptions only, and encoding 1.0 does not let it keep the rest.
fn known_to_router(thrown: &Thrown) -> Thrown {
    if thrown.type_id.starts_with("::Glacier2::") {
        return thrown.clone();
    }
    let reason = thrown.members.iter().find(|(name, _)| *name == "reason");
    let type_id = "::Glacier2::CannotCreateSessionException".to_owned();
    Thrown {
        type_id,
        members: reason.cloned().into_iter().collect(),
    }
}

/// Runs a request behind the router for a client that is logged in.
pub fn dispatch(world: &mut World, client: &str, now: i64, request: &Request) -> Status {
    let Some(servant) = world.servant(client, &request.identity) else {
        return explain_absence(world, client, request);
    };
    let operation = match find_operation(request, servant.interface()) {
        Ok(operation) => operation,
        Err(status) => return status,
    };
    let (arguments, graph) = match decode_parameters(request, operation) {
        Ok(decoded) => decoded,
        Err(status) => return status,
    };
    if operation.interface == "Object" {
        let outcome = ice_object(operation.name, &arguments, &servant.type_ids());
        return to_status(request, operation, outcome);
    }
    let session = world.clients.get(client).map(|known| known.session.clone());
    let session = session.unwrap_or_default();
    let call = Call {
        world,
        client,
        session: &session,
        now,
        request,
        arguments,
        graph,
    };
    let outcome = services::invoke(call, &servant, operation.name);
    to_status(request, operation, outcome)
}

/// An expired session says so until it is cleaned up, then once that it was removed; after that its
/// objects are gone.
fn explain_absence(world: &mut World, client: &str, request: &Request) -> Status {
    let session = world.clients.get(client).map(|known| known.session.clone());
    let session = session.unwrap_or_default();
    let thrown = if let Some(expired) = world.model.expired.get(&session) {
        Some(Thrown::server("SessionTimeoutException", &expired.words))
    } else {
        let removed = world.model.lapsed.remove(&session);
        removed.map(|_| Thrown::removed_session(&format!("No context for {session}")))
    };
    let operation = operations::find(guess_interface(&request.identity), &request.operation);
    match (thrown, operation) {
        (Some(thrown), Some(operation)) => to_status(request, operation, Err(thrown.into())),
        _ => Status::ObjectNotExist(request.operation.clone()),
    }
}

fn guess_interface(identity: &Identity) -> &str {
    match identity.name.rsplit_once("omero.api.") {
        Some((_, service)) => service,
        None if identity.name.starts_with("IHandle") => "Handle",
        None => "ServiceFactory",
    }
}

/// The operations that every Ice object has.
pub fn ice_object(name: &str, arguments: &[Value], type_ids: &[String]) -> Outcome {
    Ok(match (name, arguments) {
        ("ice_isA", [id]) => {
            let id = id.as_str()?;
            Answer::of(type_ids.iter().any(|known| known == id))
        }
        ("ice_id", _) => Answer::of(most_derived(type_ids)),
        ("ice_ids", _) => Answer::of(type_ids.to_vec()),
        _ => Answer::default(),
    })
}

fn most_derived(type_ids: &[String]) -> String {
    let bases = [
        "::Ice::Object",
        "::Glacier2::Session",
        "::omero::cmd::Session",
        "::Ice::Router",
    ];
    let own =
        |id: &&String| !bases.contains(&id.as_str()) && *id != "::omero::api::ServiceInterface";
    type_ids.iter().find(own).cloned().unwrap_or_default()
}

/// Whether an object belongs to the router itself.
pub fn is_router(identity: &Identity) -> bool {
    identity.category == "OMERO.Glacier2" && identity.name == "router"
}

/// A reply that raises an exception whatever the request is about.
pub fn raise(request: &Request, thrown: &Thrown) -> Status {
    let interface = if is_router(&request.identity) {
        "Router"
    } else {
        guess_interface(&request.identity)
    };
    match operations::find(interface, &request.operation) {
        Some(operation) => to_status(request, operation, Err(thrown.clone().into())),
        None => Status::OperationNotExist,
    }
}
