//! The documented text and exit code of each failure to connect.

use omero_plugin_api::{Error, Kind};

use crate::{
    client::ClientError,
    ice::{EndpointError, IceError},
};

/// What a failed attempt to get a session looks like to the user. `port` is the port that the
/// user gave, if any.
pub fn connection_failure(error: ClientError, host: &str, port: Option<&str>) -> Error {
    match error {
        error if error.is_interruption() => Error::cancelled(),
        ClientError::Ice(error) => network_failure(error, host, port),
        ClientError::Ended(text) => Error::new(525, format!("User account error: {text}.")),
        ClientError::Security(text) => Error::new(557, format!("SecurityViolation: {text}")),
        other => Error::of_kind(Kind::Server, 556, internal(&other.to_string())),
    }
}

/// What a text that is no server address looks like to the user: OMERO.py's code and form.
pub(super) fn address_failure(error: &EndpointError) -> Error {
    let failure = Error::of_kind(Kind::Server, 556, internal(&error.to_string()));
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn network_failure(error: IceError, host: &str, port: Option<&str>) -> Error {
    let detail = error.to_string();
    let at = port
        .map(|port| format!("{host}:{port}"))
        .unwrap_or_else(|| host.to_owned());
    let failure = match error {
        IceError::Refused { .. } => Error::of_kind(
            Kind::Network,
            554,
            format!("Ice.ConnectionRefusedException: {at} isn't running"),
        )
        .hint("check the port, and whether the server is up"),
        IceError::Dns { .. } => Error::of_kind(
            Kind::Network,
            555,
            format!("Ice.DNSException: bad host name: '{host}'"),
        )
        .hint("check the spelling of the server's name"),
        IceError::Proxy { .. } | IceError::ProxySetting(_) => {
            Error::of_kind(Kind::Network, 556, internal(&error.to_string()))
                .hint("name the server in NO_PROXY if it is reached without a proxy")
        }
        IceError::Trust(refusal) => {
            Error::of_kind(Kind::Network, 556, refusal.to_string()).labelled()
        }
        other => Error::of_kind(Kind::Network, 556, internal(&other.to_string())),
    };
    failure.detail(detail)
}

fn internal(text: &str) -> String {
    format!("InternalException: Failed to connect: {text}")
}

/// A name that cannot be part of a path in the store.
pub(super) fn name_error(error: crate::store::NameError) -> Error {
    Error::new(2, error.to_string())
}
