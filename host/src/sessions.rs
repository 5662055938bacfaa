//! The sessions that this process has lent so far, each by the login options that asked for it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use omero_plugin_abi::{
    Failure, FailureKind, LoginOption, PendingReplyBox, Request, Secret, Session, SharedSession,
    shared_session,
    std_types::{RErr, RResult, RSlice, RStr, RString, RVec},
};
use omero_plugin_api::Error;

use crate::{error, life::Life};

/// The sessions of this process, by the login options that asked for them.
#[derive(Default)]
pub struct Sessions {
    attached: Mutex<Vec<Attached>>,
    attaching: Mutex<()>,
}

struct Attached {
    options: Vec<LoginOption>,
    session: Arc<Made>,
    /// That of the context with which it was attached.
    life: Life,
}

/// A session that the provider has made.
pub struct Made {
    session: SharedSession,
    /// Asked for once: a provider that panics answers with an empty key, which no borrower could tell
    /// from a real one.
    key: Secret,
}

impl Made {
    /// Takes over a session, if its provider answers when asked about it. Otherwise returns what it
    /// does not tell.
    ///
    /// # Errors
    ///
    /// The provider panicked, or its answer is empty.
    pub fn take_over(session: SharedSession) -> Result<Self, &'static str> {
        let described = pass(|| session.describe());
        if described.is_none_or(|described| described.is_empty()) {
            return Err("whose session it is");
        }
        match pass(|| session.key()).filter(|key| !key.expose().is_empty()) {
            Some(key) => Ok(Self { session, key }),
            None => Err("the key of its session"),
        }
    }
}

impl Sessions {
    /// Lets go of all sessions. Those that are still in use live on until their users are done.
    /// Returns the lives of the contexts with which they were attached, to end them.
    pub fn forget(&self) -> Vec<Life> {
        let attached = std::mem::take(&mut *lock(&self.attached));
        attached.into_iter().map(|attached| attached.life).collect()
    }

    /// The session that these options ask for: the one that was attached before, or a new one that
    /// `attach` makes. Calls on the handle fail after the end of `borrower`.
    ///
    /// # Errors
    ///
    /// Those of `attach`.
    pub fn get(
        &self,
        options: Vec<LoginOption>,
        borrower: &Life,
        attach: impl FnOnce() -> Result<(Made, Life), Error>,
    ) -> Result<SharedSession, Error> {
        // Two threads that ask at once get the same session, after one dialogue with the user.
        let _one = lock(&self.attaching);
        let known = lock(&self.attached)
            .iter()
            .find(|attached| attached.options == options)
            .map(|attached| Arc::clone(&attached.session));
        if let Some(session) = known {
            return Ok(borrowed(session, borrower));
        }
        let (session, life) = attach()?;
        let session = Arc::new(session);
        lock(&self.attached).push(Attached {
            options,
            session: Arc::clone(&session),
            life,
        });
        Ok(borrowed(session, borrower))
    }
}

/// What a panicking thread left behind is whole: each change is a single step.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn borrowed(session: Arc<Made>, borrower: &Life) -> SharedSession {
    shared_session(Borrowed {
        session,
        borrower: borrower.clone(),
    })
}

/// A session as one command uses it: its calls fail when the command has ended.
struct Borrowed {
    session: Arc<Made>,
    borrower: Life,
}

impl Borrowed {
    /// Passes on a call, unless the borrower has ended.
    fn pass<T>(
        &self,
        call: impl FnOnce(&SharedSession) -> RResult<T, Failure>,
    ) -> RResult<T, Failure> {
        match self.borrower.check() {
            Ok(()) => pass(|| call(&self.session.session)).unwrap_or_else(|| RErr(panicked())),
            Err(ended) => RErr(ended.into()),
        }
    }
}

impl Session for Borrowed {
    fn describe(&self) -> RString {
        // A description that is empty cannot be read, which is an error of the borrower's call.
        pass(|| self.session.session.describe()).unwrap_or_default()
    }

    fn key(&self) -> Secret {
        self.session.key.clone()
    }

    fn service(&self, name: RStr<'_>) -> RResult<RVec<u8>, Failure> {
        self.pass(|session| session.service(name))
    }

    fn add_proxies(&self, proxies: RSlice<'_, RVec<u8>>) -> RResult<(), Failure> {
        self.pass(|session| session.add_proxies(proxies))
    }

    fn begin(&self, request: Request) -> RResult<PendingReplyBox, Failure> {
        self.pass(|session| session.begin(request))
    }

    fn keep_alive(&self) -> RResult<(), Failure> {
        self.pass(|session| session.keep_alive())
    }
}

/// A call that is passed on; `None` for a panic, which must not reach the ABI boundary.
fn pass<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}

fn panicked() -> Failure {
    Failure {
        kind: FailureKind::PANIC,
        code: error::PANIC,
        message: "the session panicked".into(),
        labelled: false,
        hint: RString::new(),
        detail: RString::new(),
        causes: RVec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A session that counts how many of it are alive.
    struct Fake(Arc<AtomicUsize>);

    impl Fake {
        fn shared(alive: &Arc<AtomicUsize>) -> SharedSession {
            alive.fetch_add(1, Ordering::SeqCst);
            shared_session(Self(Arc::clone(alive)))
        }
    }

    impl Drop for Fake {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    impl Session for Fake {
        fn describe(&self) -> RString {
            "{}".into()
        }
        fn key(&self) -> Secret {
            Secret::new("key".to_owned())
        }
        fn service(&self, name: RStr<'_>) -> RResult<RVec<u8>, Failure> {
            RResult::ROk(name.as_str().as_bytes().into())
        }
        fn add_proxies(&self, proxies: RSlice<'_, RVec<u8>>) -> RResult<(), Failure> {
            if proxies.is_empty() {
                RResult::ROk(())
            } else {
                RErr(panicked())
            }
        }
        fn begin(&self, _: Request) -> RResult<PendingReplyBox, Failure> {
            RErr(Failure {
                code: 7,
                ..panicked()
            })
        }
        fn keep_alive(&self) -> RResult<(), Failure> {
            RResult::ROk(())
        }
    }

    fn options(server: &str) -> Vec<LoginOption> {
        let value = Secret::new(server.to_owned());
        vec![LoginOption {
            name: "server".into(),
            value,
        }]
    }

    #[test]
    fn equal_options_lead_to_the_same_session() {
        let alive = Arc::default();
        let sessions = Sessions::default();
        let none = || Err(Error::new(1, "none"));
        let life = Life::default();
        let attach = || {
            Ok((
                Made::take_over(Fake::shared(&alive)).unwrap(),
                Life::default(),
            ))
        };
        drop(sessions.get(options("a"), &life, attach).unwrap());
        assert!(sessions.get(options("b"), &life, none).is_err());
        assert!(sessions.get(Vec::new(), &life, none).is_err());
        let borrowed = sessions.get(options("a"), &life, none).unwrap();
        sessions.forget();
        assert!(sessions.get(options("a"), &life, none).is_err());
        assert_eq!(alive.load(Ordering::SeqCst), 1, "a borrower still has it");
        assert_eq!(borrowed.key().expose(), "key");
        assert!(borrowed.keep_alive().is_ok());
        life.end();
        let ended = borrowed.keep_alive().into_result().unwrap_err();
        assert_eq!(ended.kind, FailureKind::ENDED);
        drop(borrowed);
        assert_eq!(alive.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn every_call_is_passed_on() {
        let alive = Arc::default();
        let made = Made::take_over(Fake::shared(&alive)).unwrap();
        let session = borrowed(Arc::new(made), &Life::default());
        assert_eq!(session.describe(), "{}");
        assert_eq!(session.service("x".into()).unwrap().as_slice(), b"x");
        assert!(session.add_proxies(RSlice::EMPTY).is_ok());
        assert!(
            session
                .add_proxies([RVec::new()].as_slice().into())
                .is_err()
        );
        let request = Request {
            proxy: RVec::new(),
            operation: RString::new(),
            mode: 0,
            context: RVec::new(),
            parameters: RVec::new(),
        };
        assert_eq!(
            session
                .begin(request)
                .into_result()
                .err()
                .map(|failure| failure.code),
            Some(7)
        );
        assert!(session.keep_alive().is_ok());
    }
}
