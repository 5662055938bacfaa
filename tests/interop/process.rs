//! Running programs with a time limit.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Longest time any command of this suite may take. OMERO.py needs a second to start; a machine
/// that is busy needs more.
const LIMIT: Duration = Duration::from_secs(600);

/// How a program ended and what it printed.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its exit code; none after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Outcome {
    /// The same outcome, after it has been checked for success.
    #[track_caller]
    pub fn success(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    /// The same outcome, after its exit code has been checked.
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Fails unless the text is in the output.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(
            self.out.contains(text),
            "not printed: {text:?} in {self:#?}"
        );
        self
    }

    /// Fails unless the text is in what was printed on standard error.
    #[track_caller]
    pub fn complains(self, text: &str) -> Self {
        assert!(
            self.err.contains(text),
            "not on stderr: {text:?} in {self:#?}"
        );
        self
    }

    /// Standard output without the blanks around it.
    pub fn line(&self) -> String {
        self.out.trim().to_owned()
    }
}

/// Runs a program to its end.
pub fn run(command: &mut Command) -> Outcome {
    run_within(command, LIMIT)
}

/// Runs a program that starts many others to its end.
pub fn run_within(command: &mut Command, limit: Duration) -> Outcome {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let out = collect(child.stdout.take().expect("stdout is a pipe"));
    let err = collect(child.stderr.take().expect("stderr is a pipe"));
    let code = wait(&mut child, limit).unwrap_or_else(|| {
        let _ = child.kill();
        panic!("{command:?} did not end in {limit:?}")
    });
    let text = |reader: thread::JoinHandle<Vec<u8>>| {
        String::from_utf8_lossy(&reader.join().expect("a reader does not panic")).into_owned()
    };
    Outcome {
        code,
        out: text(out),
        err: text(err),
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        bytes
    })
}

/// The exit code, or `None` if the process is still there when the time is over.
fn wait(child: &mut Child, limit: Duration) -> Option<Option<i32>> {
    let end = Instant::now() + limit;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.code()),
            Ok(None) if Instant::now() < end => thread::sleep(Duration::from_millis(10)),
            _ => return None,
        }
    }
}

/// A server program that ends with its owner.
#[derive(Debug)]
pub struct Daemon(Child);

impl Daemon {
    /// Starts a server program and waits until `ready` says yes.
    pub fn start(command: &mut Command, ready: impl Fn() -> bool) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut daemon = Self(child);
        let end = Instant::now() + Duration::from_secs(300);
        // Somebody else on its port would be ready as well, while this one is gone.
        while !ready() || daemon.gone() {
            if daemon.gone() || Instant::now() > end {
                let _ = daemon.0.kill();
                let mut words = String::new();
                let stderr = daemon.0.stderr.take();
                let _ = stderr.map(|mut stream| stream.read_to_string(&mut words));
                panic!("{command:?} does not serve: {words}");
            }
            thread::sleep(Duration::from_millis(20));
        }
        // Nobody reads its log from here on, and a full pipe would stop it.
        let stderr = daemon.0.stderr.take();
        thread::spawn(move || {
            stderr.map(|mut stream| std::io::copy(&mut stream, &mut std::io::sink()))
        });
        daemon
    }

    fn gone(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
