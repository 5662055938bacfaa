use super::*;
use std::sync::Arc;

/// What was written to a stream, for a test that looks at it while the stream is in use.
#[derive(Clone, Default)]
pub struct Shared(pub Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Broken(io::ErrorKind);

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn output_waits_but_never_comes_after_a_later_error() {
    let both = Shared::default();
    let streams = Streams::to(Box::new(both.clone()), Box::new(both.clone()));
    streams.write(Stream::OUTPUT, b"one\n").unwrap();
    assert!(both.0.lock().unwrap().is_empty());
    streams.write(Stream::ERROR, b"two\n").unwrap();
    streams.write(Stream::OUTPUT, b"three").unwrap();
    streams.flush_at_exit();
    assert_eq!(*both.0.lock().unwrap(), b"one\ntwo\nthree");
}

#[test]
fn a_closed_pipe_and_a_full_disk_are_told_apart() {
    let kind_of = |kind| {
        let streams = Streams::to(Box::new(Broken(kind)), Box::new(io::sink()));
        streams.write(Stream::OUTPUT, b"x").unwrap();
        streams.flush().unwrap_err().kind()
    };
    assert_eq!(kind_of(io::ErrorKind::BrokenPipe), Kind::OutputClosed);
    assert_eq!(kind_of(io::ErrorKind::StorageFull), Kind::Command);
}

#[test]
fn a_large_output_does_not_wait_for_its_end() {
    let out = Shared::default();
    let streams = Streams::to(Box::new(out.clone()), Box::new(io::sink()));
    streams
        .write(Stream::OUTPUT, &vec![b'x'; CAPACITY])
        .unwrap();
    assert_eq!(out.0.lock().unwrap().len(), CAPACITY);
}

#[test]
fn input_cannot_be_written_to() {
    let error = Streams::discarding()
        .write(Stream::INPUT, b"x")
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported);
}
