//! What the host offers a command while it runs.

mod cancel;
mod output;
mod platform;
mod progress;

mod abi;

use std::{ffi::OsString, fmt, path::PathBuf, sync::Arc};

use omero_plugin_abi::{
    Failure, HostContextBox, LoginOption, Secret, Stream, WakerBox, std_types::*,
};

pub use self::{cancel::CancelGuard, output::Output, progress::Progress};
use self::{cancel::WakeFn, platform::os_string};
use crate::{Error, Session};

/// The host, as a command sees it. Cheap to clone; may be used from several threads.
///
/// Everything visible goes through it. A plugin that printed by itself would mix its own copy of
/// Rust's output buffers with the host's, and lose bytes at the end.
///
/// ```
/// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
/// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
///     ctx.info("Looking for images")?; // standard error, hidden by -q
///     ctx.line("Image:51")?; // standard output
///     ctx.warn("one image is not readable");
///     Ok(())
/// }
/// # let outcome = Harness::new(|| Command::new("images"), run).run();
/// # assert_eq!(outcome.stdout, "Image:51\n");
/// # assert_eq!(
/// #     outcome.stderr,
/// #     "Looking for images\nomero: warning: one image is not readable\n"
/// # );
/// ```
#[derive(Clone)]
pub struct Context {
    host: Arc<HostContextBox>,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("program", &self.program())
            .finish_non_exhaustive()
    }
}

impl Context {
    /// Wraps what crossed the border. `export_plugin!` does this.
    #[doc(hidden)]
    pub fn from_host(host: HostContextBox) -> Self {
        Self {
            host: Arc::new(host),
        }
    }

    /// The command's own arguments, without the options that the host takes out.
    pub fn arguments(&self) -> Vec<String> {
        self.host
            .arguments()
            .into_iter()
            .map(RString::into_string)
            .collect()
    }

    /// The program and command for usage messages, for instance `omero sessions`.
    pub fn program(&self) -> String {
        self.host.program().into_string()
    }

    /// Whether `-q` was given.
    pub fn quiet(&self) -> bool {
        self.host.quiet()
    }

    /// The level of `--debug`: 0 (none) to 9.
    pub fn debug_level(&self) -> u8 {
        self.host.debug_level()
    }

    /// The login options; empty for every plugin but the session provider.
    pub fn login_options(&self) -> Vec<LoginOption> {
        self.host.login_options().into()
    }

    /// Whether a stream is a terminal.
    pub fn is_terminal(&self, stream: Stream) -> bool {
        self.host.is_terminal(stream)
    }

    /// Standard output, for results.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// use std::io::Write;
    ///
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let mut out = ctx.out();
    ///     writeln!(out, "id,name")?;
    ///     writeln!(out, "{},{}", 51, "a.tif")?;
    ///     Ok(())
    /// }
    /// # let outcome = Harness::new(|| Command::new("images"), run).run();
    /// # assert_eq!(outcome.stdout, "id,name\n51,a.tif\n");
    /// ```
    pub fn out(&self) -> Output<'_> {
        Output {
            context: self,
            stream: Stream::OUTPUT,
        }
    }

    /// Standard error, for everything else.
    pub fn err(&self) -> Output<'_> {
        Output {
            context: self,
            stream: Stream::ERROR,
        }
    }

    /// Writes one line of results.
    ///
    /// # Errors
    ///
    /// A closed pipe ([`crate::Kind::OutputClosed`]), which ends the command quietly, or a full disk.
    pub fn line(&self, line: impl fmt::Display) -> Result<(), Error> {
        self.write(Stream::OUTPUT, &format!("{line}\n"))
    }

    /// Writes results that bring their own line ends.
    ///
    /// # Errors
    ///
    /// As [`Context::line`].
    pub fn print(&self, text: &str) -> Result<(), Error> {
        self.write(Stream::OUTPUT, text)
    }

    /// Writes one line to standard error, whatever `-q` says.
    ///
    /// # Errors
    ///
    /// As [`Context::line`].
    pub fn error_line(&self, line: impl fmt::Display) -> Result<(), Error> {
        self.write(Stream::ERROR, &format!("{line}\n"))
    }

    /// Writes one line to standard error unless `-q` was given.
    ///
    /// # Errors
    ///
    /// As [`Context::line`].
    pub fn info(&self, line: impl fmt::Display) -> Result<(), Error> {
        if self.quiet() {
            Ok(())
        } else {
            self.error_line(line)
        }
    }

    /// Writes `omero: note: …` unless `-q` was given.
    pub fn note(&self, text: impl fmt::Display) {
        // A note that cannot be shown is no reason to fail.
        let _ = self.info(format_args!("omero: note: {text}"));
    }

    /// Writes `omero: warning: …` unless `-q` was given.
    pub fn warn(&self, text: impl fmt::Display) {
        let _ = self.info(format_args!("omero: warning: {text}"));
    }

    /// Writes a debug message if the level of `--debug` is at least `level`. Never pass a secret.
    pub fn debug(&self, level: u8, text: impl fmt::Display) {
        if self.debug_level() >= level {
            self.host.debug(level, text.to_string().as_str().into());
        }
    }

    /// Writes text to a stream.
    fn write(&self, stream: Stream, text: &str) -> Result<(), Error> {
        result(self.host.write(stream, text.as_bytes().into()))
    }

    /// Hands buffered output to the operating system.
    ///
    /// # Errors
    ///
    /// As [`Context::line`].
    pub fn flush(&self) -> Result<(), Error> {
        result(self.host.flush())
    }

    /// Shows a prompt and reads one line, without its end. `None` at the end of the input.
    ///
    /// # Errors
    ///
    /// [`crate::Kind::Cancelled`] after Ctrl-C.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let answer = ctx.read_line("Delete 3 images? [y/N] ")?;
    ///     match answer.as_deref() {
    ///         Some("y") => ctx.line("Deleted"),
    ///         _ => Err(Error::cancelled()),
    ///     }
    /// }
    /// # let harness = Harness::new(|| Command::new("images"), run);
    /// # assert_eq!(harness.clone().types("y").run().stdout, "Deleted\n");
    /// # assert_eq!(harness.run().stderr, "Cancelled\n");
    /// ```
    pub fn read_line(&self, prompt: &str) -> Result<Option<String>, Error> {
        let line = result(self.host.read_line(prompt.into()))?;
        Ok(line.into_option().map(RString::into_string))
    }

    /// Shows a prompt on the terminal and reads one line without echo. `None` at the end of input.
    ///
    /// # Errors
    ///
    /// [`crate::Kind::Cancelled`] after Ctrl-C; no terminal.
    pub fn read_secret(&self, prompt: &str) -> Result<Option<Secret>, Error> {
        Ok(result(self.host.read_secret(prompt.into()))?.into_option())
    }

    /// An environment variable.
    pub fn environment(&self, name: &str) -> Option<OsString> {
        self.host
            .environment(name.into())
            .into_option()
            .map(|bytes| os_string(bytes.into()))
    }

    /// A configuration value by its dotted key.
    ///
    /// # Errors
    ///
    /// A configuration file that cannot be read, or a value of another type.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let rows: u32 = ctx.configuration("images.rows")?.unwrap_or(25);
    ///     ctx.line(rows)
    /// }
    /// # let harness = Harness::new(|| Command::new("images"), run);
    /// # assert_eq!(harness.clone().run().stdout, "25\n");
    /// # assert_eq!(harness.configuration("images.rows", "5").run().stdout, "5\n");
    /// ```
    pub fn configuration<T: serde::de::DeserializeOwned>(
        &self,
        key: &str,
    ) -> Result<Option<T>, Error> {
        let Some(json) = result(self.host.configuration(key.into()))?.into_option() else {
            return Ok(None);
        };
        serde_json::from_str(&json).map(Some).map_err(|e| {
            Error::new(
                78,
                format!("The configuration value `{key}` is not usable: {e}"),
            )
            .hint("edit the configuration file")
        })
    }

    /// This plugin's own data directory, mode 0700, made when it is asked for.
    ///
    /// # Errors
    ///
    /// The directory cannot be made.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let notes = ctx.data_directory()?.join("notes.txt");
    ///     ctx.line(notes.display())
    /// }
    /// # let outcome = Harness::new(|| Command::new("notes"), run).data_directory("/data").run();
    /// # assert!(outcome.stdout.ends_with("notes.txt\n"));
    /// ```
    pub fn data_directory(&self) -> Result<PathBuf, Error> {
        result(self.host.data_directory()).map(|bytes| os_string(bytes.into()).into())
    }

    /// Starts a progress display, which ends when it is dropped. Nothing is shown where that would
    /// disturb: not a terminal, `-q`, or work that takes less than a second.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let progress = ctx.progress("Copying");
    ///     for done in 0..3 {
    ///         if ctx.cancelled() {
    ///             return Err(Error::cancelled());
    ///         }
    ///         progress.set(done, 3);
    ///         // … copy one …
    ///     }
    ///     Ok(())
    /// }
    /// # assert_eq!(Harness::new(|| Command::new("copy"), run).cancelled().run().code, 1);
    /// ```
    pub fn progress(&self, label: &str) -> Progress {
        Progress {
            inner: self.host.progress(label.into()),
        }
    }

    /// Whether the user asked to stop.
    pub fn cancelled(&self) -> bool {
        self.host.cancelled()
    }

    /// Calls `wake` from another thread when the user presses Ctrl-C, until the guard is dropped.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// use std::{sync::mpsc, time::Duration};
    ///
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let (sender, receiver) = mpsc::channel();
    ///     let _guard = ctx.on_cancel(move || {
    ///         let _ = sender.send(());
    ///     });
    ///     // A sleep that Ctrl-C ends.
    ///     match receiver.recv_timeout(Duration::from_millis(10)) {
    ///         Ok(()) => Err(Error::cancelled()),
    ///         Err(_) => ctx.line("slept well"),
    ///     }
    /// }
    /// # let harness = Harness::new(|| Command::new("sleep"), run);
    /// # assert_eq!(harness.clone().run().stdout, "slept well\n");
    /// # assert_eq!(harness.cancelled().run().stderr, "Cancelled\n");
    /// ```
    pub fn on_cancel(&self, wake: impl Fn() + Send + Sync + 'static) -> CancelGuard {
        let waker = WakerBox::from_value(WakeFn(wake), omero_plugin_abi::TD_Opaque);
        CancelGuard {
            number: self.host.on_cancel(waker),
            context: self.clone(),
        }
    }

    /// The session lent for this command, attached on first use.
    ///
    /// # Errors
    ///
    /// No session could be attached: not logged in and no terminal to ask on, server unreachable,
    /// refused; the user cancelled.
    ///
    /// ```
    /// # use omero_plugin_api::testing::FakeSession;
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     let session = ctx.session()?;
    ///     let info = session.info();
    ///     ctx.line(format_args!("{}@{}:{}", info.user, info.server, info.port))
    /// }
    /// # let outcome = Harness::new(|| Command::new("who"), run).session(FakeSession::new()).run();
    /// # assert_eq!(outcome.stdout, "root@localhost:4064\n");
    /// ```
    pub fn session(&self) -> Result<Session, Error> {
        result(self.host.session()).map(Session::from_abi)
    }

    /// Runs another command in this process, as if typed after `omero`; returns its exit code.
    ///
    /// # Errors
    ///
    /// The command does not exist or cannot be loaded.
    ///
    /// ```
    /// # use omero_plugin_api::{Context, Error, clap::{ArgMatches, Command}, testing::Harness};
    /// fn run(ctx: &Context, _matches: &ArgMatches) -> Result<(), Error> {
    ///     match ctx.invoke(&["sessions", "list"])? {
    ///         0 => Ok(()),
    ///         code => Err(Error::silent(code)), // the command has said why
    ///     }
    /// }
    /// # let harness = Harness::new(|| Command::new("all"), run).command(&["sessions", "list"], 5);
    /// # assert_eq!(harness.run().code, 5);
    /// ```
    pub fn invoke(&self, arguments: &[&str]) -> Result<i32, Error> {
        result(
            self.host
                .invoke(arguments.iter().map(|a| RString::from(*a)).collect()),
        )
    }
}

/// What crossed the border as an ordinary result.
pub(crate) fn result<T>(value: RResult<T, Failure>) -> Result<T, Error> {
    value.into_result().map_err(Error::from)
}
