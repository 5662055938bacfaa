//! A terminal with a program in it, and fingers to type with.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fs::{Mode, OFlags};
use rustix::termios::{LocalModes, tcgetattr};

#[cfg(test)]
mod tests;

/// Ends a hang. Nothing that works takes so long, however busy the machine is.
const HANG: Duration = Duration::from_secs(600);

/// How often a wait for text looks whether the program has ended.
const LOOK: Duration = Duration::from_millis(20);

/// Written to the terminal after the program has ended: all that the program wrote comes before it.
const MARK: &[u8] = b"\x1f[end of the program]\x1f";

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
/// What hangs panics after ten minutes with all that is on the screen; text that does not come from a
/// program that has ended, at once.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    screen: Arc<Screen>,
    /// The program's end of the terminal. While it is open nothing that was written gets lost: the
    /// system drops what nobody has read when the last program closes a terminal. `None` after the
    /// mark was written.
    line: Option<File>,
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
    /// Takes what came from the terminal; `None` is its end. What follows the mark is not the
    /// program's.
    fn add(&self, bytes: Option<&[u8]>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (text, over) = &mut *state;
        match bytes {
            Some(bytes) if !*over => text.extend(bytes),
            Some(_) => {}
            None => *over = true,
        }
        let mark = text.windows(MARK.len()).position(|window| window == MARK);
        if let Some(at) = mark {
            text.truncate(at);
            *over = true;
        }
        self.changed.notify_all();
    }

    /// Waits until the question has an answer, no more can come, or the time is over.
    fn wait<T>(&self, question: impl Fn(&[u8]) -> Option<T>, limit: Duration) -> Option<T> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let more = |state: &mut (Vec<u8>, bool)| question(&state.0).is_none() && !state.1;
        let waited = self.changed.wait_timeout_while(state, limit, more);
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
        let name = pair.master.tty_name();
        let name = name.ok_or_else(|| io::Error::other("the terminal has no name"))?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let line = File::from(rustix::fs::open(&name, flags, Mode::empty())?);
        let child = pair
            .slave
            .spawn_command(builder)
            .map_err(io::Error::other)?;
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
            line: Some(line),
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
        let start = Instant::now();
        let at = loop {
            if let Some(at) = self.screen.wait(find, LOOK) {
                break at;
            }
            let ended = !self.is_running();
            if ended {
                self.mark_end();
            }
            if ended || start.elapsed() > HANG {
                let Some(at) = self.screen.wait(find, Duration::ZERO) else {
                    panic!(
                        "{text:?} did not appear; on the screen:\n{}",
                        self.screen.text()
                    );
                };
                break at;
            }
        };
        let before = |screen: &[u8]| screen.get(seen..seen + at).map(<[u8]>::to_vec);
        let before = self.screen.wait(before, Duration::ZERO).unwrap_or_default();
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

    /// Types bytes that need not be text.
    #[track_caller]
    pub fn type_bytes(&mut self, bytes: &[u8]) {
        self.press(bytes);
    }

    /// Types a line that must not be seen: waits until the terminal does not echo, and the test
    /// fails in the end if the line appears on the screen.
    #[track_caller]
    pub fn secret(&mut self, line: &str) {
        let start = Instant::now();
        while self.echoes() {
            if start.elapsed() > HANG {
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
                Ok(None) if start.elapsed() < HANG => thread::sleep(Duration::from_millis(2)),
                Ok(None) => panic!("still running; on the screen:\n{}", self.screen.text()),
                Err(error) => panic!("{error}"),
            }
        };
        self.mark_end();
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

    /// Whether the program has not ended yet.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits until all has come through that the program wrote before it ended.
    fn mark_end(&mut self) {
        if let Some(mut line) = self.line.take() {
            if let Err(error) = line.write_all(MARK) {
                panic!("the terminal is gone: {error}");
            }
            self.screen.wait(|_| None::<()>, HANG);
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
