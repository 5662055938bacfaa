//! The sessions that this process has lent so far, each by the login options that asked for it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use omero_plugin_abi::{
    Failure, FailureKind, LoginOption, PendingReplyBox, Secret, Session, SessionBox, TD_Opaque,
    WireCall,
    std_types::{RErr, RResult, RSlice, RStr, RString, RVec},
};
use omero_plugin_api::Error;

use crate::error;

/// The sessions of this process, by the login options that asked for them.
#[derive(Default)]
pub struct Sessions {
    attached: Mutex<Vec<(Vec<LoginOption>, Arc<SessionBox>)>>,
    attaching: Mutex<()>,
}

impl Sessions {
    /// Lets go of all sessions. Those that are still in use live on until their users are done.
    pub fn forget(&self) {
        let attached = std::mem::take(&mut *lock(&self.attached));
        drop(attached);
    }

    /// The session that these options ask for: the one that was attached before, or a new one that
    /// `attach` makes.
    ///
    /// # Errors
    ///
    /// Those of `attach`.
    pub fn get(
        &self,
        options: Vec<LoginOption>,
        attach: impl FnOnce() -> Result<SessionBox, Error>,
    ) -> Result<SessionBox, Error> {
        // Two threads that ask at once get the same session, after one dialogue with the user.
        let _one = lock(&self.attaching);
        let known = lock(&self.attached)
            .iter()
            .find(|(o, _)| *o == options)
            .map(|(_, session)| Arc::clone(session));
        if let Some(session) = known {
            return Ok(lent(session));
        }
        let session = Arc::new(attach()?);
        lock(&self.attached).push((options, Arc::clone(&session)));
        Ok(lent(session))
    }
}

/// What a panicking thread left behind is whole: each change is a single step.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lent(session: Arc<SessionBox>) -> SessionBox {
    SessionBox::from_value(Lent(session), TD_Opaque)
}

/// One of several handles on the same session: a handle cannot be copied over the border, and each
/// borrower drops its own.
struct Lent(Arc<SessionBox>);

impl Session for Lent {
    fn describe(&self) -> RString {
        pass(|| self.0.describe()).unwrap_or_default()
    }

    fn key(&self) -> Secret {
        pass(|| self.0.key()).unwrap_or_else(|| Secret::new(String::new()))
    }

    fn service(&self, name: RStr<'_>) -> RResult<RVec<u8>, Failure> {
        pass(|| self.0.service(name)).unwrap_or_else(|| RErr(panicked()))
    }

    fn add_proxies(&self, proxies: RSlice<'_, RVec<u8>>) -> RResult<(), Failure> {
        pass(|| self.0.add_proxies(proxies)).unwrap_or_else(|| RErr(panicked()))
    }

    fn begin(&self, call: WireCall) -> RResult<PendingReplyBox, Failure> {
        pass(|| self.0.begin(call)).unwrap_or_else(|| RErr(panicked()))
    }

    fn keep_alive(&self) -> RResult<(), Failure> {
        pass(|| self.0.keep_alive()).unwrap_or_else(|| RErr(panicked()))
    }
}

/// A call that is passed on; `None` for a panic, which must not reach the border.
fn pass<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}

fn panicked() -> Failure {
    Failure {
        kind: FailureKind::PANIC,
        code: error::PANIC,
        message: "the lent session panicked".into(),
        hint: RString::new(),
        detail: RString::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A session that counts how many of it are alive.
    struct Fake(Arc<AtomicUsize>);

    impl Fake {
        fn boxed(alive: &Arc<AtomicUsize>) -> SessionBox {
            alive.fetch_add(1, Ordering::SeqCst);
            SessionBox::from_value(Self(Arc::clone(alive)), TD_Opaque)
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
        fn begin(&self, _: WireCall) -> RResult<PendingReplyBox, Failure> {
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
        let attach = || Ok(Fake::boxed(&alive));
        drop(sessions.get(options("a"), attach).unwrap());
        assert!(sessions.get(options("b"), none).is_err());
        assert!(sessions.get(Vec::new(), none).is_err());
        let borrowed = sessions.get(options("a"), none).unwrap();
        sessions.forget();
        assert!(sessions.get(options("a"), none).is_err());
        assert_eq!(alive.load(Ordering::SeqCst), 1, "a borrower still has it");
        assert_eq!(borrowed.key().expose(), "key");
        drop(borrowed);
        assert_eq!(alive.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn every_call_is_passed_on() {
        let alive = Arc::default();
        let session = lent(Arc::new(Fake::boxed(&alive)));
        assert_eq!(session.describe(), "{}");
        assert_eq!(session.service("x".into()).unwrap().as_slice(), b"x");
        assert!(session.add_proxies(RSlice::EMPTY).is_ok());
        assert!(
            session
                .add_proxies([RVec::new()].as_slice().into())
                .is_err()
        );
        let call = WireCall {
            proxy: RVec::new(),
            operation: RString::new(),
            mode: 0,
            context: RVec::new(),
            parameters: RVec::new(),
        };
        assert_eq!(
            session
                .begin(call)
                .into_result()
                .err()
                .map(|failure| failure.code),
            Some(7)
        );
        assert!(session.keep_alive().is_ok());
    }
}
