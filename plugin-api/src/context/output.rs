//! The output streams, for `write!`.

use std::io;

use omero_plugin_abi::{Failure, FailureKind, Stream};

use super::Context;

/// A stream to write to with `write!` and `writeln!`.
#[derive(Debug)]
pub struct Output<'a> {
    pub(super) context: &'a Context,
    pub(super) stream: Stream,
}

impl io::Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written: Result<(), Failure> = self
            .context
            .host
            .write(self.stream, bytes.into())
            .into_result();
        written.map(|()| bytes.len()).map_err(|failure| {
            let kind = if failure.kind == FailureKind::OUTPUT_CLOSED {
                io::ErrorKind::BrokenPipe
            } else {
                io::ErrorKind::Other
            };
            io::Error::new(kind, failure.message.into_string())
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.context.flush().map_err(io::Error::other)
    }
}
