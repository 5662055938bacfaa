//! The server as a back end: behind a real `glacier2router`, which calls a permissions verifier
//! and a session manager here and forwards what its clients call (Ice manual, "Glacier2").

mod calls;
mod manager;

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use omero_plugin_api::slice::Identity;

use super::Shared;
use super::dispatch::{self, decode_parameters, find_operation, to_status};
use super::frame::{self, Message, Request, Status};
use super::journal::CallRecord;
use super::link::Link;
use super::world::World;

/// Serves one connection that the router has opened.
pub fn serve(shared: &Arc<Shared>, socket: TcpStream) {
    let number = shared.next_connection.fetch_add(1, Ordering::SeqCst);
    let Ok(link) = Link::new(socket, Vec::new()).map(Arc::new) else {
        return;
    };
    shared.links().insert(number, Arc::clone(&link));
    if !shared.stopping()
        && let Err(reason) = converse(shared, number, &link)
        && !shared.stopping()
    {
        shared.journal.write().protocol_errors.push(reason);
    }
    link.cut();
    shared.links().remove(&number);
}

fn converse(shared: &Shared, number: u64, link: &Link) -> Result<(), String> {
    let text = |error: std::io::Error| error.to_string();
    link.send(&frame::VALIDATE_CONNECTION).map_err(text)?;
    let mut buffer = Vec::new();
    loop {
        let size = frame::message_size(&buffer).map_err(|error| error.to_string())?;
        if let Some(size) = size.filter(|size| buffer.len() >= *size) {
            let rest = buffer.split_off(size);
            let message = std::mem::replace(&mut buffer, rest);
            match frame::parse(&message).map_err(|error| error.to_string())? {
                Message::Request(request) => {
                    let status = answer(shared, number, &request);
                    if request.id != 0 {
                        link.send(&frame::reply(&request, &status)).map_err(text)?;
                    }
                }
                Message::CloseConnection => {
                    link.finish();
                    return Ok(());
                }
                _ => {}
            }
        } else if !link.receive(&mut buffer).map_err(text)? {
            return Ok(());
        }
    }
}

fn answer(shared: &Shared, connection: u64, request: &Request) -> Status {
    shared.journal.write().calls.push(CallRecord {
        connection,
        identity: request.identity.clone(),
        operation: request.operation.clone(),
        context: request.context.clone(),
        encoding: (request.encapsulation[4], request.encapsulation[5]),
        twoway: request.id != 0,
    });
    if let Some(interface) = manager::interface(&request.identity) {
        return manager::answer(shared, interface, request);
    }
    let (mut world, now) = (shared.world(), shared.clock.now());
    let Some(client) = client_of(&world, request) else {
        return Status::ObjectNotExist(request.operation.clone());
    };
    let status = dispatch::dispatch(&mut world, &client, now, request);
    // What the router calls when a client leaves it, in whatever way.
    if request.operation == "destroy" && is_session(&request.identity) {
        world.disconnect(&client, now);
    }
    status
}

/// The client that an object was made for: one connection carries the calls of all.
fn client_of(world: &World, request: &Request) -> Option<String> {
    let Identity { category, name } = &request.identity;
    if let Some(client) = category.strip_prefix("session-") {
        return world
            .clients
            .contains_key(client)
            .then(|| client.to_owned());
    }
    let mut clients = world
        .clients
        .iter()
        .filter(|(_, client)| client.session == *category);
    let handle = world.handles.contains_key(name);
    clients
        .find(|(uuid, _)| handle || name.starts_with(*uuid))
        .map(|(uuid, _)| uuid.clone())
}

fn is_session(identity: &Identity) -> bool {
    identity.category.starts_with("session-")
}
