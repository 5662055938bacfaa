//! What the server says about a session: whose it is, its group, and how long it lives.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use omero_plugin_api::{
    services::{EventContext, OpenSession, admin, sessions as session_service},
    slice::Value,
};

use super::{CALL_LIMIT, OmeroSession, lock};
use crate::client::{ClientError, router::receive};

impl OmeroSession {
    fn who(&self, limit: Duration) -> Result<EventContext, ClientError> {
        let admin_proxy = self
            .known(admin::NAME)
            .unwrap_or_else(|| self.factory.clone());
        let who = self.start(&admin_proxy, &admin::GET_EVENT_CONTEXT, &[])?;
        let who = receive(&self.wait(who, limit)?, &admin::GET_EVENT_CONTEXT)?;
        Ok(admin::event_context(&who)?)
    }

    /// Reads again whose session it is and how long it lives, in one round trip.
    ///
    /// # Errors
    ///
    /// The session has ended, or the connection is lost.
    pub fn read_again(&self) -> Result<(), ClientError> {
        self.read_again_within(CALL_LIMIT)
    }

    /// As [`Self::read_again`], with a time limit for each answer.
    ///
    /// # Errors
    ///
    /// As there; no answer in time.
    pub fn read_again_within(&self, limit: Duration) -> Result<(), ClientError> {
        let answer = self.describe_self(limit);
        self.heard(answer.is_ok());
        let (who, what) = answer?;
        self.outdated.store(false, Ordering::SeqCst);
        *lock(&self.context) = Arc::new(who);
        *lock(&self.details) = what;
        Ok(())
    }

    fn describe_self(&self, limit: Duration) -> Result<(EventContext, OpenSession), ClientError> {
        let admin_proxy = self
            .known(admin::NAME)
            .unwrap_or_else(|| self.factory.clone());
        let session_proxy = self
            .known(session_service::NAME)
            .unwrap_or_else(|| self.factory.clone());
        self.announce_new(&[admin_proxy.clone(), session_proxy.clone()])?;
        let who = self.start(&admin_proxy, &admin::GET_EVENT_CONTEXT, &[])?;
        let key = [Value::from(self.key.expose())];
        let what = self.start(&session_proxy, &session_service::GET_SESSION, &key)?;
        let who = receive(&self.wait(who, limit)?, &admin::GET_EVENT_CONTEXT)?;
        let what = receive(&self.wait(what, limit)?, &session_service::GET_SESSION)?;
        Ok((
            admin::event_context(&who)?,
            session_service::open_session(&what)?,
        ))
    }

    /// Whose session it is, at the time it was attached or last asked about.
    pub fn context(&self) -> Arc<EventContext> {
        Arc::clone(&lock(&self.context))
    }

    /// Asks anew whose session it is: its group may have been switched, here or elsewhere.
    ///
    /// # Errors
    ///
    /// The session has ended, or the connection is lost.
    pub fn ask_context(&self) -> Result<Arc<EventContext>, ClientError> {
        self.ask_context_within(CALL_LIMIT)
    }

    /// As [`Self::ask_context`], with a time limit. Without an answer the next use of the session
    /// asks again.
    ///
    /// # Errors
    ///
    /// As there; no answer in time.
    pub fn ask_context_within(&self, limit: Duration) -> Result<Arc<EventContext>, ClientError> {
        let answer = self.who(limit);
        if answer.is_err() {
            self.set_outdated();
        }
        self.heard(answer.is_ok());
        let context = Arc::new(answer?);
        self.outdated.store(false, Ordering::SeqCst);
        *lock(&self.context) = Arc::clone(&context);
        Ok(context)
    }

    /// How long it lives and when it began, as the server said when it was last asked.
    pub fn details(&self) -> OpenSession {
        lock(&self.details).clone()
    }

    /// Whether a call since the last reading has changed what the server says about the session.
    pub fn is_outdated(&self) -> bool {
        self.outdated.load(Ordering::SeqCst)
    }

    /// Records that a call may have changed the session, such as its group.
    pub(in crate::client) fn set_outdated(&self) {
        self.outdated.store(true, Ordering::SeqCst);
    }
}
