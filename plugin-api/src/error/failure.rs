//! Errors as they cross the ABI boundary.

use std::{error, fmt, sync::Arc};

use omero_plugin_abi::{Failure, FailureKind, std_types::RString};

use super::{Error, Kind};

/// Each kind and its number at the ABI boundary.
const KINDS: [(Kind, FailureKind); 13] = [
    (Kind::Command, FailureKind::COMMAND),
    (Kind::Usage, FailureKind::USAGE),
    (Kind::Cancelled, FailureKind::CANCELLED),
    (Kind::NoSession, FailureKind::NO_SESSION),
    (Kind::Network, FailureKind::NETWORK),
    (Kind::Server, FailureKind::SERVER),
    (Kind::Protocol, FailureKind::PROTOCOL),
    (Kind::OutputClosed, FailureKind::OUTPUT_CLOSED),
    (Kind::Panic, FailureKind::PANIC),
    (Kind::Unsupported, FailureKind::UNSUPPORTED),
    (Kind::Silent, FailureKind::SILENT),
    (Kind::Plugin, FailureKind::PLUGIN),
    (Kind::Ended, FailureKind::ENDED),
];

/// An error of the other side of the ABI boundary, of which only the words crossed.
#[derive(Debug)]
struct Cause {
    message: String,
    source: Option<Box<Self>>,
}

impl Cause {
    /// The chain of these messages, the nearest first.
    fn chain(messages: impl DoubleEndedIterator<Item = String>) -> Option<Self> {
        messages.rev().fold(None, |source, message| {
            Some(Self {
                message,
                source: source.map(Box::new),
            })
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl error::Error for Cause {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}

/// The messages of an error's sources, the nearest first.
fn causes(error: &Error) -> impl Iterator<Item = RString> {
    let first = error::Error::source(error);
    std::iter::successors(first, |cause| cause.source()).map(|cause| cause.to_string().into())
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let kind = KINDS
            .iter()
            .find(|(_, number)| *number == failure.kind)
            .map_or(Kind::Command, |(kind, _)| *kind);
        Self {
            kind,
            code: failure.code,
            message: failure.message.into_string(),
            labelled: failure.labelled,
            hint: failure.hint.into_string().into(),
            detail: failure.detail.into_string().into(),
            source: Cause::chain(failure.causes.into_iter().map(RString::into_string))
                .map(|cause| Arc::new(cause) as Arc<dyn error::Error + Send + Sync>),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let kind = KINDS
            .iter()
            .find(|(kind, _)| *kind == error.kind)
            .map_or(FailureKind::COMMAND, |(_, number)| *number);
        Self {
            kind,
            code: error.code,
            causes: causes(&error).collect(),
            message: error.message.into(),
            labelled: error.labelled,
            hint: error.hint.into_string().into(),
            detail: error.detail.into_string().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn causes_cross_the_boundary() {
        let cause = Error::new(1, "the disk is full").with_source(io::Error::other("quota"));
        let error = Error::new(3, "The image is not stored").with_source(cause);
        let error = Error::from(Failure::from(error.labelled()));
        assert!(error.is_labelled());
        let told: Vec<_> = causes(&error).collect();
        assert_eq!(told, ["the disk is full", "quota"]);
        assert_eq!(
            causes(&Error::from(Failure::from(Error::cancelled()))).count(),
            0
        );
    }
}
