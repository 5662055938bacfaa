//! Waiting for Enter or for another thread, where there is no `poll`.

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread,
};

use omero_plugin_api::{Context, Error, Stream, context::CancelGuard};

/// What ended the wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// A line of standard input.
    Enter,
    /// The other thread.
    Woken,
}

/// A wait that is being prepared or is under way.
pub struct Wait {
    sender: Sender<Result<End, Error>>,
    ends: Receiver<Result<End, Error>>,
    _cancel: CancelGuard,
}

impl Wait {
    /// Listens for Ctrl-C from now on.
    ///
    /// # Errors
    ///
    /// None here.
    pub fn new(ctx: &Context) -> Result<Self, Error> {
        let (sender, ends) = channel();
        let signal = sender.clone();
        let cancel = ctx.on_cancel(move || {
            // The receiver is gone if the wait is over.
            let _ = signal.send(Err(Error::cancelled()));
        });
        Ok(Self {
            sender,
            ends,
            _cancel: cancel,
        })
    }

    /// Ends the wait from another thread.
    pub fn waker(&self) -> impl Fn() + Send + 'static {
        let sender = self.sender.clone();
        move || {
            let _ = sender.send(Ok(End::Woken));
        }
    }

    /// Waits.
    ///
    /// # Errors
    ///
    /// Ctrl-C.
    pub fn wait(&mut self, ctx: &Context) -> Result<End, Error> {
        let terminal = ctx.is_terminal(Stream::Input);
        if terminal {
            let (ctx, sender) = (ctx.clone(), self.sender.clone());
            thread::spawn(move || {
                if ctx.read_line("Press enter to cancel.").is_ok() {
                    let _ = sender.send(Ok(End::Enter));
                }
            });
        }
        // This holds a sender, so the channel is open.
        self.ends.recv().unwrap_or(Ok(End::Woken))
    }
}
