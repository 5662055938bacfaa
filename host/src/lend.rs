//! Lending the session: the host asks the plugin that makes sessions, and passes on what it gets
//! without looking inside.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
};

use omero_plugin_abi::{
    Failure, FailureKind, LoginOption, PendingReplyBox, Secret, Session, SessionBox, TD_Opaque,
    WireCall,
    std_types::{RErr, RResult, RSlice, RStr, RString, RVec},
};
use omero_plugin_api::{Error, Kind, manifest::SERVICE_SESSION};

use crate::{
    arguments::QUIET,
    context::{CommandContext, Invocation},
    error::{self, UNUSABLE},
    host::Host,
    plugins::Plugin,
};

/// The configuration key that names the provider.
const KEY: &str = "session-provider";
/// The provider where nothing is configured.
const DEFAULT: &str = "sessions";

/// The sessions of this process, by the login options that asked for them.
#[derive(Default)]
pub struct Sessions {
    attached: Mutex<Vec<(Vec<LoginOption>, Arc<SessionBox>)>>,
    attaching: Mutex<()>,
}

impl Sessions {
    /// Lets go of all sessions. Those that are still in use live on until their users are done.
    pub fn forget(&self) {
        let attached = std::mem::take(&mut *self.lock());
        drop(attached);
    }

    fn find(&self, options: &[LoginOption]) -> Option<Arc<SessionBox>> {
        let attached = self.lock();
        attached
            .iter()
            .find(|(o, _)| o == options)
            .map(|(_, session)| Arc::clone(session))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Vec<LoginOption>, Arc<SessionBox>)>> {
        self.attached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of the session provider: what the configuration says, or `sessions`.
///
/// # Errors
///
/// The configuration cannot be used.
pub fn provider_name(host: &Host, quiet: bool) -> Result<String, Error> {
    let configured = host.configuration(quiet)?.text(KEY)?;
    Ok(configured.unwrap_or(DEFAULT).to_owned())
}

/// Whether a plugin says that it makes sessions.
pub fn is_provider(plugin: &Plugin) -> bool {
    plugin
        .manifest
        .provides
        .iter()
        .any(|service| service == SERVICE_SESSION)
}

/// The plugin that makes sessions, confirmed by its manifest; `needed_for` says who asks.
///
/// # Errors
///
/// There is none, or the plugin of that name makes no sessions.
pub fn provider(host: &Host, quiet: bool, needed_for: &str) -> Result<Arc<Plugin>, Error> {
    let name = provider_name(host, quiet)?;
    let places = host.places(quiet)?;
    let configured = host.configuration(quiet)?.text(KEY)?.is_some();
    let plugin = host.plugins.get(host, &name, &places)?.ok_or_else(|| {
        if !configured {
            // Nobody chose it: a command is missing, as any other.
            let who = format!("the command `{name}` (needed for {needed_for}) is missing");
            return crate::dispatch::not_found(&who, &places);
        }
        let who = format!("the session provider `{name}` (needed for {needed_for}) is missing");
        let text = crate::dispatch::not_found(&who, &places).to_string();
        Error::of_kind(Kind::Plugin, UNUSABLE, text).hint(format!(
            "install its plugin, or set the configuration key `{KEY}` to one that is there"
        ))
    })?;
    if is_provider(&plugin) {
        return Ok(plugin);
    }
    let path = plugin.path.display();
    Err(
        error::plugin(UNUSABLE, format!("the plugin {path} makes no sessions")).hint(format!(
            "set the configuration key `{KEY}` to a plugin that does"
        )),
    )
}

/// The session that these login options ask for: one attached before, or a new one.
///
/// # Errors
///
/// There is no provider; the provider could not attach.
pub fn session(host: &Arc<Host>, borrower: &Invocation) -> Result<SessionBox, Error> {
    if borrower.attaching {
        return Err(error::fatal(
            UNUSABLE,
            "the session provider asked itself for a session",
        ));
    }
    // Two threads that ask at once get the same session, after one dialogue with the user.
    let _one = host
        .sessions
        .attaching
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    // What `-q` hides does not make another session.
    let options: Vec<_> = borrower
        .login
        .iter()
        .filter(|o| o.name != QUIET)
        .cloned()
        .collect();
    if let Some(session) = host.sessions.find(&options) {
        return Ok(lent(session));
    }
    let plugin = provider(
        host,
        borrower.quiet,
        &format!("the session of `{}`", borrower.program),
    )?;
    let module = host.plugins.open(host, &plugin)?;
    let maker = module.session_provider()().into_option().ok_or_else(|| {
        let path = plugin.path.display();
        error::plugin(
            UNUSABLE,
            format!("the plugin {path} offers no sessions after all"),
        )
        .hint("rebuild it with its `provider:` in `export_plugin!`")
    })?;
    let invocation = Invocation {
        plugin: plugin.manifest.name.clone(),
        arguments: Vec::new(),
        is_provider: true,
        attaching: true,
        ..borrower.clone()
    };
    let context = CommandContext::boxed(host, invocation);
    let attached = maker.attach(context).into_result();
    let session = Arc::new(attached.map_err(|failure| blame(failure, &plugin))?);
    host.sessions.lock().push((options, Arc::clone(&session)));
    Ok(lent(session))
}

/// A failure to attach. The borrower is not to blame for a panic of the provider.
fn blame(failure: Failure, provider: &Plugin) -> Error {
    let error = Error::from(failure);
    if error.kind() != Kind::Panic {
        return error;
    }
    let (name, path) = (&provider.manifest.name, provider.path.display());
    let detail = error.detail_text().to_owned();
    let sentence = format!("the plugin {name} ({path}) panicked: {error}");
    error::plugin(error::PANIC, sentence).detail(detail)
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
        let session = Arc::new(Fake::boxed(&alive));
        sessions.lock().push((options("a"), session));
        assert!(sessions.find(&options("b")).is_none());
        assert!(sessions.find(&[]).is_none());
        let borrowed = lent(sessions.find(&options("a")).unwrap());
        sessions.forget();
        assert!(sessions.find(&options("a")).is_none());
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
