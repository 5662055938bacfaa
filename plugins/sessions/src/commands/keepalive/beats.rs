//! Calling the server again and again, and attaching to the session once more where the connection
//! broke.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use omero_plugin_api::{Context, Error, table::visible};

use crate::{
    client::ClientError,
    ice::{Cancelled, OpenOptions},
    login::{Attached, connection_failure},
    settings::open_options,
    store::Store,
};

/// How long one call may take before the connection counts as broken.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// The code of a session that has ended, as of a key that is not accepted.
const SESSION_ENDED: i32 = 523;

/// Keeps one session alive, over one connection after the other.
pub struct Beats<'a> {
    ctx: &'a Context,
    options: OpenOptions,
    attached: Mutex<Arc<Attached>>,
    stopping: Arc<AtomicBool>,
}

impl<'a> Beats<'a> {
    /// For a session of `store` that is attached already.
    ///
    /// # Errors
    ///
    /// The settings for new connections cannot be read.
    pub fn new(ctx: &'a Context, store: &Store, attached: Arc<Attached>) -> Result<Self, Error> {
        let stopping = Arc::new(AtomicBool::new(false));
        let mut options = open_options(ctx, Some(store))?;
        let (stop, asker) = (Arc::clone(&stopping), ctx.clone());
        options.cancelled =
            Cancelled::new(move || stop.load(Ordering::Relaxed) || asker.cancelled());
        Ok(Self {
            ctx,
            options,
            attached: Mutex::new(attached),
            stopping,
        })
    }

    /// Calls the server at this interval until `stopped` is disconnected.
    ///
    /// # Errors
    ///
    /// The session has ended, or the server cannot be reached any more.
    pub fn run(&self, stopped: &Receiver<()>, every: Duration) -> Result<(), Error> {
        while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
            match self.beat() {
                Err(error) if !self.stopping.load(Ordering::Relaxed) => {
                    return Err(self.failure(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Ends a call or an attempt to connect that is under way.
    pub fn interrupt(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.attached().session().interrupt();
    }

    /// One call. If the connection broke, or the answer makes no sense, the session is attached to
    /// once more: the server then says whether it still lives.
    fn beat(&self) -> Result<(), ClientError> {
        let error = match self.attached().session().keep_alive_within(ANSWER_LIMIT) {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        let is_final = error.is_session_ended() || error.is_interruption();
        if is_final {
            return Err(error);
        }
        let again = Arc::new(self.attached().join_again(self.ctx, &self.options)?);
        again.session().keep_alive_within(ANSWER_LIMIT)?;
        *self.attached.lock().unwrap_or_else(PoisonError::into_inner) = again;
        self.ctx.note(format_args!(
            "connected again: {}",
            visible(&error.to_string())
        ));
        Ok(())
    }

    fn failure(&self, error: ClientError) -> Error {
        let text = format!("Keep alive failed: {}", visible(&error.to_string()));
        if error.is_session_ended() {
            return Error::new(SESSION_ENDED, text)
                .hint("the session has ended: log in again with `omero login`");
        }
        let attached = self.attached();
        let (host, port) = attached.server();
        let failure = connection_failure(error, host, Some(&port.to_string()));
        Error::of_kind(failure.kind(), failure.code(), text).hint(failure.hint_text())
    }

    fn attached(&self) -> Arc<Attached> {
        let attached = self.attached.lock();
        Arc::clone(&attached.unwrap_or_else(PoisonError::into_inner))
    }
}
