//! A terminal with a program in it, and fingers to type with.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fs::{Mode, OFlags};
use rustix::termios::{LocalModes, tcgetattr};

/// Longest time to wait for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which stream of the program is no terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apart {
    /// All three are the terminal.
    Nothing,
    /// Standard input is empty.
    Stdin,
    /// Standard output is a file, given back in the end.
    Stdout,
    /// Standard error is a file, given back in the end.
    Stderr,
}

/// How a program in a terminal ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a test that does not look at the result tests nothing"]
pub struct Ended {
    /// Exit code; 1 if a signal ended the program.
    pub code: u32,
    /// Name of the signal that ended the program.
    pub signal: Option<String>,
    /// Everything on the terminal from the start, with `\n` at line ends.
    pub screen: String,
    /// What went to the stream that was apart.
    pub apart: String,
}

/// A program in a terminal.
///
/// Whatever takes longer than half a minute panics with all that is on the screen.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    screen: Arc<Screen>,
    /// How much of the screen was expected already.
    seen: usize,
    secrets: Vec<String>,
    apart: Option<PathBuf>,
}

/// What the program has written so far, and whether more may come.
#[derive(Default)]
struct Screen {
    state: Mutex<(Vec<u8>, bool)>,
    changed: Condvar,
}

impl Screen {
    fn add(&self, bytes: Option<&[u8]>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match bytes {
            Some(bytes) => state.0.extend(bytes),
            None => state.1 = true,
        }
        self.changed.notify_all();
    }

    /// Waits until the question has an answer, no more can come, or patience is at its end.
    fn wait<T>(&self, question: impl Fn(&[u8]) -> Option<T>, patience: Duration) -> Option<T> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let more = |state: &mut (Vec<u8>, bool)| question(&state.0).is_none() && !state.1;
        let waited = self.changed.wait_timeout_while(state, patience, more);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        question(&state.0)
    }

    fn text(&self) -> String {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&state.0).replace("\r\n", "\n")
    }
}

impl Terminal {
    /// Starts a command in a terminal of 24 lines of 80 characters; `scratch` is a directory for
    /// the stream that is apart.
    pub fn start(command: &Command, apart: Apart, scratch: &Path) -> io::Result<Self> {
        let size = PtySize {
            rows: 24,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system()
            .openpty(size)
            .map_err(io::Error::other)?;
        let file = match apart {
            Apart::Nothing | Apart::Stdin => None,
            Apart::Stdout | Apart::Stderr => Some(
                tempfile::NamedTempFile::new_in(scratch)?
                    .into_temp_path()
                    .keep()?,
            ),
        };
        let builder = builder(command, apart, file.as_deref());
        let child = pair
            .slave
            .spawn_command(builder)
            .map_err(io::Error::other)?;
        // As long as we hold the program's end, we would never see the end of its output.
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().map_err(io::Error::other)?;
        let writer = pair.master.take_writer().map_err(io::Error::other)?;
        let screen = Arc::new(Screen::default());
        let written = Arc::clone(&screen);
        thread::Builder::new().spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                written.add(Some(&bytes[..count]));
            }
            written.add(None);
        })?;
        let secrets = Vec::new();
        Ok(Self {
            child,
            master: pair.master,
            writer,
            screen,
            seen: 0,
            secrets,
            apart: file,
        })
    }

    /// Waits for text and gives what came before it, since the last text that was expected.
    #[track_caller]
    pub fn expect(&mut self, text: &str) -> String {
        let wanted = text.replace('\n', "\r\n");
        let seen = self.seen;
        let find = |screen: &[u8]| {
            let fresh = screen.get(seen..)?;
            fresh
                .windows(wanted.len())
                .position(|window| window == wanted.as_bytes())
        };
        let Some(at) = self.screen.wait(find, PATIENCE) else {
            panic!(
                "{text:?} did not appear; on the screen:\n{}",
                self.screen.text()
            );
        };
        let before = |screen: &[u8]| screen.get(seen..seen + at).map(<[u8]>::to_vec);
        let before = self.screen.wait(before, PATIENCE).unwrap_or_default();
        self.seen = seen + at + wanted.len();
        String::from_utf8_lossy(&before).replace("\r\n", "\n")
    }

    /// Types a line and Enter.
    #[track_caller]
    pub fn send(&mut self, line: &str) {
        self.press(format!("{line}\r").as_bytes());
    }

    /// Types as it stands, without Enter; `\t` asks a shell for completion.
    #[track_caller]
    pub fn type_keys(&mut self, keys: &str) {
        self.press(keys.as_bytes());
    }

    /// Types a line that must not be seen: waits until the terminal does not echo, and the test
    /// fails in the end if the line appears on the screen.
    #[track_caller]
    pub fn secret(&mut self, line: &str) {
        let start = Instant::now();
        while self.echoes() {
            if start.elapsed() > PATIENCE {
                panic!(
                    "the terminal still echoes; on the screen:\n{}",
                    self.screen.text()
                );
            }
            thread::sleep(Duration::from_millis(2));
        }
        self.secrets.push(line.to_owned());
        self.send(line);
    }

    /// Presses Ctrl-C.
    #[track_caller]
    pub fn interrupt(&mut self) {
        self.press(&[3]);
    }

    /// Presses Ctrl-D.
    #[track_caller]
    pub fn end_of_input(&mut self) {
        self.press(&[4]);
    }

    /// Whether typed text is shown.
    #[track_caller]
    pub fn echoes(&self) -> bool {
        let Some(name) = self.master.tty_name() else {
            panic!("the terminal has no name")
        };
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let modes = rustix::fs::open(&name, flags, Mode::empty()).and_then(tcgetattr);
        modes.is_ok_and(|modes| modes.local_modes.contains(LocalModes::ECHO))
    }

    /// Id of the program's process.
    pub fn process_id(&self) -> Option<u32> {
        self.child.process_id()
    }

    /// Waits for the end of the program.
    #[track_caller]
    pub fn finish(mut self) -> Ended {
        let start = Instant::now();
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if start.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(2)),
                Ok(None) => panic!("still running; on the screen:\n{}", self.screen.text()),
                Err(error) => panic!("{error}"),
            }
        };
        // Until the end of its output has come through.
        self.screen.wait(|_| None::<()>, PATIENCE);
        let screen = self.screen.text();
        for secret in &self.secrets {
            assert!(
                !screen.contains(secret.as_str()),
                "a secret is on the screen:\n{screen}"
            );
        }
        let apart = self.apart.take().map(fs::read).transpose();
        let apart = apart.unwrap_or_default().unwrap_or_default();
        let apart = String::from_utf8_lossy(&apart).into_owned();
        let signal = status.signal().map(str::to_owned);
        Ended {
            code: status.exit_code(),
            signal,
            screen,
            apart,
        }
    }

    #[track_caller]
    fn press(&mut self, keys: &[u8]) {
        if let Err(error) = self
            .writer
            .write_all(keys)
            .and_then(|()| self.writer.flush())
        {
            panic!(
                "can not type: {error}; on the screen:\n{}",
                self.screen.text()
            );
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if let Some(file) = &self.apart {
            let _ = fs::remove_file(file);
        }
    }
}

/// The command as the terminal's library wants it; a shell leads one stream elsewhere.
fn builder(command: &Command, apart: Apart, file: Option<&Path>) -> CommandBuilder {
    let redirection = match apart {
        Apart::Nothing => String::new(),
        Apart::Stdin => "</dev/null".to_owned(),
        Apart::Stdout => ">\"$0\"".to_owned(),
        Apart::Stderr => "2>\"$0\"".to_owned(),
    };
    let mut builder = if redirection.is_empty() {
        CommandBuilder::new(command.get_program())
    } else {
        let mut script = String::from("exec \"$@\" ");
        let _ = script.write_str(&redirection);
        let mut shell = CommandBuilder::new("/bin/sh");
        shell.args(["-c", &script]);
        shell.arg(file.unwrap_or(Path::new("sh")));
        shell.arg(command.get_program());
        shell
    };
    builder.args(command.get_args());
    builder.env_clear();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            builder.env(name, value);
        }
    }
    if let Some(directory) = command.get_current_dir() {
        builder.cwd(directory);
    }
    builder
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::Sandbox;

    fn script(text: &str, apart: Apart) -> (Sandbox, Terminal) {
        let sandbox = Sandbox::for_program(Path::new("/bin/sh"));
        let terminal = sandbox.terminal_without(["-c", text], apart);
        (sandbox, terminal)
    }

    #[test]
    fn lines_are_typed_and_secrets_are_not_seen() {
        let text = "printf 'Name: '; read n; stty -echo; printf 'Password: '; read p; \
                    stty echo; echo; echo \"$n/${#p}\"; exit 3";
        let (_sandbox, mut terminal) = script(text, Apart::Nothing);
        terminal.expect("Name: ");
        terminal.send("ada");
        terminal.expect("Password: ");
        terminal.secret("geheim");
        assert_eq!(terminal.expect("ada/6"), "\n");
        let ended = terminal.finish();
        assert_eq!((ended.code, ended.signal), (3, None));
        assert_eq!(ended.screen, "Name: ada\nPassword: \nada/6\n");
    }

    #[test]
    #[should_panic(expected = "a secret is on the screen")]
    fn a_secret_that_is_shown_fails_the_test() {
        let text = "stty -echo; printf 'Password: '; read p; echo $p";
        let (_sandbox, mut terminal) = script(text, Apart::Nothing);
        terminal.expect("Password: ");
        terminal.secret("geheim");
        let _ = terminal.finish();
    }

    #[test]
    fn keys_reach_the_program() {
        let (_sandbox, mut terminal) = script(
            "trap 'echo caught; exit 5' INT; echo on; read x",
            Apart::Nothing,
        );
        terminal.expect("on\n");
        terminal.interrupt();
        assert_eq!(terminal.finish().code, 5);
        let (_sandbox, mut terminal) = script("echo on; cat; echo end", Apart::Nothing);
        terminal.expect("on\n");
        terminal.end_of_input();
        assert!(terminal.finish().screen.ends_with("end\n"));
        let (_sandbox, mut terminal) = script("echo on; exec sleep 100", Apart::Nothing);
        terminal.expect("on\n");
        terminal.interrupt();
        assert!(terminal.finish().signal.is_some());
    }

    #[test]
    fn streams_can_be_told_apart() {
        let text =
            "echo out; echo err >&2; for n in 0 1 2; do [ -t $n ] && echo $n >/dev/tty; done";
        for (apart, elsewhere, here) in [
            (Apart::Nothing, "", "out\nerr\n0\n1\n2\n"),
            (Apart::Stdin, "", "out\nerr\n1\n2\n"),
            (Apart::Stdout, "out\n", "err\n0\n2\n"),
            (Apart::Stderr, "err\n", "out\n0\n1\n"),
        ] {
            let (_sandbox, terminal) = script(text, apart);
            let ended = terminal.finish();
            assert_eq!(
                (ended.apart.as_str(), ended.screen.as_str()),
                (elsewhere, here)
            );
        }
    }
}
