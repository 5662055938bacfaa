//! Errors as commands report them.
//!
//! What a command cannot do anything about it passes on with `?`, from files and servers alike;
//! what its documentation gives a code it says itself:
//!
//! ```
//! use omero_plugin_api::{Error, Kind};
//!
//! fn first_line(path: &str) -> Result<String, Error> {
//!     let text = std::fs::read_to_string(path)?;
//!     let line = text.lines().next();
//!     line.map(str::to_owned).ok_or_else(|| Error::new(65, format!("{path} is empty")))
//! }
//! let error = first_line("no/such/list.txt").unwrap_err();
//! assert_eq!((error.kind(), error.code()), (Kind::Command, 1));
//! ```

mod failure;

use std::{error, fmt, io, sync::Arc};

/// What went wrong, for programs.
///
/// ```
/// use omero_plugin_api::{Error, Kind};
///
/// /// Whether it is worth trying once more.
/// fn is_passing(error: &Error) -> bool {
///     matches!(error.kind(), Kind::Network | Kind::Server)
/// }
/// assert!(is_passing(&Error::of_kind(Kind::Network, 1, "The connection is lost")));
/// assert!(!is_passing(&Error::cancelled()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The command failed in its own way.
    Command,
    /// The command line is wrong.
    Usage,
    /// The user pressed Ctrl-C or ended the input at a prompt.
    Cancelled,
    /// There is no session and none could be made.
    NoSession,
    /// The server could not be reached, or the connection was lost.
    Network,
    /// The server answered with an error.
    Server,
    /// The peer broke the protocol.
    Protocol,
    /// The reader of the output is gone: end quietly.
    OutputClosed,
    /// Code panicked.
    Panic,
    /// The other side does not offer this.
    Unsupported,
    /// Everything was said already; only the exit code is left.
    Silent,
    /// A plugin that is needed is missing or cannot be used.
    Plugin,
    /// The command that the context was made for has ended: a thread that it left behind called.
    Ended,
}

/// An error that ends a command: one sentence for people, an exit code for scripts, and what to do.
///
/// ```
/// use omero_plugin_api::Error;
/// let error = Error::new(504, "No group found").hint("list them with `omero group list`");
/// assert_eq!((error.code(), error.to_string().as_str()), (504, "No group found"));
/// ```
#[derive(Debug, Clone)]
pub struct Error {
    kind: Kind,
    code: i32,
    message: String,
    labelled: bool,
    // `Box<str>` keeps `Result<T, Error>` below the size that clippy accepts (128 bytes with what hosts add).
    hint: Box<str>,
    detail: Box<str>,
    source: Option<Arc<dyn error::Error + Send + Sync>>,
}

impl Error {
    /// A failure of the command with the code that its documentation gives; the process exits with
    /// the code modulo 256.
    ///
    /// ```
    /// # use omero_plugin_api::Error;
    /// let id = 51;
    /// let error = Error::new(503, format!("Unknown image: {id}"));
    /// assert_eq!(error.to_string(), "Unknown image: 51");
    /// ```
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        Self::of_kind(Kind::Command, code, message)
    }

    /// A failure of a certain kind.
    ///
    /// ```
    /// # use omero_plugin_api::{Error, Kind};
    /// let error = Error::of_kind(Kind::Usage, 2, "--from is later than --to");
    /// assert_eq!((error.kind(), error.code()), (Kind::Usage, 2));
    /// ```
    pub fn of_kind(kind: Kind, code: i32, message: impl Into<String>) -> Self {
        Self {
            kind,
            code,
            message: message.into(),
            labelled: false,
            hint: Box::default(),
            detail: Box::default(),
            source: None,
        }
    }

    /// The user gave up at a prompt or pressed Ctrl-C.
    ///
    /// ```
    /// # use omero_plugin_api::{Error, Kind};
    /// fn confirmed(answer: Option<&str>) -> Result<bool, Error> {
    ///     let answer = answer.ok_or_else(Error::cancelled)?; // the input has ended
    ///     Ok(answer.eq_ignore_ascii_case("y"))
    /// }
    /// assert_eq!(confirmed(None).unwrap_err().kind(), Kind::Cancelled);
    /// # assert!(confirmed(Some("Y"))?);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn cancelled() -> Self {
        Self::of_kind(Kind::Cancelled, 1, "Cancelled")
    }

    /// Ends the command with this code; everything was said already.
    ///
    /// ```
    /// # use omero_plugin_api::Error;
    /// let differ = true;
    /// let result = if differ { Err(Error::silent(1)) } else { Ok(()) }; // as `diff` does
    /// assert_eq!(result.unwrap_err().to_string(), "");
    /// ```
    pub fn silent(code: i32) -> Self {
        Self::of_kind(Kind::Silent, code, "")
    }

    /// Adds what the user can do about it.
    ///
    /// ```
    /// # use omero_plugin_api::Error;
    /// let error = Error::new(1, "a.tif exists already").hint("overwrite it with --force");
    /// assert_eq!(error.hint_text(), "overwrite it with --force");
    /// ```
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into().into();
        self
    }

    /// Adds what only `--debug` shows.
    ///
    /// ```
    /// # use omero_plugin_api::Error;
    /// let refused = "12x".parse::<u64>().map_err(|cause| {
    ///     Error::new(65, "The list of images is damaged").detail(format!("line 3: {cause}"))
    /// });
    /// assert_eq!(refused.unwrap_err().detail_text(), "line 3: invalid digit found in string");
    /// ```
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into().into();
        self
    }

    /// Adds the error that led to this one; `--debug` shows it, and [`source`] returns it. The message
    /// need not repeat it.
    ///
    /// [`source`]: std::error::Error::source
    ///
    /// ```
    /// # use omero_plugin_api::Error;
    /// use std::error::Error as _;
    ///
    /// let cause = "12x".parse::<u64>().unwrap_err();
    /// let error = Error::new(65, "The list of images is damaged").with_source(cause);
    /// assert_eq!(error.source().unwrap().to_string(), "invalid digit found in string");
    /// ```
    #[must_use]
    pub fn with_source(mut self, source: impl error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Shows the message after `omero: error: `, as the messages of `omero` itself. Without it the
    /// message is shown as it is, which is what OMERO's own commands do.
    ///
    /// ```
    /// # use omero_plugin_api::Error;
    /// let error = Error::new(78, "the archive is not configured").labelled();
    /// assert!(error.is_labelled());
    /// assert_eq!(error.to_string(), "the archive is not configured");
    /// ```
    #[must_use]
    pub fn labelled(mut self) -> Self {
        self.labelled = true;
        self
    }

    /// Whether the message is shown after `omero: error: `.
    ///
    /// ```
    /// # use omero_plugin_api::Error;
    /// assert!(!Error::new(504, "No group found").is_labelled());
    /// ```
    pub fn is_labelled(&self) -> bool {
        self.labelled
    }

    /// Replaces the code, for a command that documents another one for this failure.
    ///
    /// ```
    /// # use omero_plugin_api::Error;
    /// fn settings(path: &str) -> Result<String, Error> {
    ///     std::fs::read_to_string(path).map_err(|error| Error::from(error).with_code(78))
    /// }
    /// assert_eq!(settings("no/such/settings.yml").unwrap_err().code(), 78);
    /// ```
    #[must_use]
    pub fn with_code(mut self, code: i32) -> Self {
        self.code = code;
        self
    }

    /// What went wrong, for programs.
    ///
    /// ```
    /// # use omero_plugin_api::{Error, Kind};
    /// // A broken pipe of a child or a socket is a failure; only the command's own output may close.
    /// let broken = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
    /// assert_eq!(Error::from(broken).kind(), Kind::Command);
    /// ```
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The documented code.
    ///
    /// ```
    /// # use omero_plugin_api::Error;
    /// let error = Error::new(504, "No group found");
    /// assert_eq!(error.code(), 504); // the process ends with 504 modulo 256
    /// ```
    pub fn code(&self) -> i32 {
        self.code
    }

    /// What the user can do about it; may be empty.
    ///
    /// ```
    /// # use omero_plugin_api::Error;
    /// assert_eq!(Error::new(1, "The disk is full").hint_text(), "");
    /// ```
    pub fn hint_text(&self) -> &str {
        &self.hint
    }

    /// What only `--debug` shows; may be empty.
    ///
    /// ```
    /// # use omero_plugin_api::Error;
    /// let error = Error::new(1, "The image cannot be read").detail("tile 7 of 64");
    /// assert!(!error.to_string().contains(error.detail_text()));
    /// ```
    pub fn detail_text(&self) -> &str {
        &self.detail
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        // The errors of the command's own output come wrapped.
        error
            .downcast::<Self>()
            .unwrap_or_else(|error| Self::new(1, error.to_string()))
    }
}
