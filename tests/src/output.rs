//! What a program said and how it ended.

use std::fmt;
use std::process::ExitStatus;

/// What a program said and how it ended.
#[derive(Clone, PartialEq, Eq)]
#[must_use = "a test that does not look at the result tests nothing"]
pub struct Output {
    /// Exit code as a shell shows it: 128 and the signal if one ended the program.
    pub code: i32,
    /// Standard output; what is not UTF-8 is replaced.
    pub stdout: String,
    /// Standard error; what is not UTF-8 is replaced.
    pub stderr: String,
}

impl Output {
    /// Of a process that has ended.
    pub fn new(status: ExitStatus, stdout: &[u8], stderr: &[u8]) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: code(status),
            stdout: text(stdout),
            stderr: text(stderr),
        }
    }

    /// Panics unless the program succeeded; gives what it said on standard output.
    #[track_caller]
    pub fn success(self) -> String {
        self.expect_code(0).stdout
    }

    /// Panics unless the program ended with this code.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert!(self.code == code, "exit code {code} expected\n{self:?}");
        self
    }

    /// Panics unless the program said exactly this on standard output.
    #[track_caller]
    pub fn expect_stdout(self, text: &str) -> Self {
        assert!(self.stdout == text, "on stdout expected:\n{text}\n{self:?}");
        self
    }

    /// Panics unless the program said exactly this on standard error.
    #[track_caller]
    pub fn expect_stderr(self, text: &str) -> Self {
        assert!(self.stderr == text, "on stderr expected:\n{text}\n{self:?}");
        self
    }

    /// Ends a chain of expectations: the rest does not matter.
    pub fn and_no_more(self) {}

    /// Standard error without the lines that begin with `omero: `, which OMERO.py does not have.
    pub fn stderr_as_omero_py(&self) -> String {
        self.stderr
            .split_inclusive('\n')
            .filter(|line| !line.starts_with("omero: "))
            .collect()
    }
}

#[cfg(unix)]
fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

#[cfg(not(unix))]
fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or(-1)
}

/// As a person would want to see it when a test fails.
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            stdout,
            stderr,
        } = self;
        write!(
            f,
            "exit code {code}\n--- stdout\n{stdout}--- stderr\n{stderr}---"
        )
    }
}
