//! Sessions of an old plugin: today's host and plugins borrow them.

use omero_plugin_abi::{
    std_types::{RErr, ROk, ROption, RResult, RSlice, RStr, RString, RVec},
    Failure, FailureKind, HostContextBox, PendingReply, PendingReplyBox, Reply, Request, Secret, Session,
    SharedSession, SessionProvider, SessionProviderBox, TD_Opaque, shared_session,
};

use crate::tour::failure;

/// The provider as it crosses the ABI boundary.
pub fn boxed() -> SessionProviderBox {
    SessionProviderBox::from_value(Provider, TD_Opaque)
}

struct Provider;

impl SessionProvider for Provider {
    fn attach(&self, context: HostContextBox) -> RResult<SharedSession, Failure> {
        let server = context
            .login_options()
            .into_iter()
            .find(|option| option.name == "server");
        match server {
            Some(option) => {
                let server = option.value.expose().to_owned();
                ROk(shared_session(Old { server }))
            }
            None => RErr(failure(FailureKind::NO_SESSION, 564, "which server?")),
        }
    }
}

struct Old {
    server: String,
}

impl Session for Old {
    fn describe(&self) -> RString {
        match self.server.as_str() {
            "no.user" => return r#"{"server":"no.user","port":4064}"#.into(),
            "no.json" => return "ada of no.json".into(),
            "nothing" => return RString::new(),
            _ => {}
        }
        let text = format!(
            r#"{{"server":"{}","port":4064,"user":"ada","user_id":2,"group":"lab","group_id":3,"admin":false,"privileges":[]}}"#,
            self.server
        );
        text.into()
    }

    fn key(&self) -> Secret {
        Secret::new("an-old-key".to_owned())
    }

    fn service(&self, _: RStr<'_>) -> RResult<RVec<u8>, Failure> {
        RErr(failure(FailureKind::UNSUPPORTED, 1, "no services here"))
    }

    fn add_proxies(&self, _: RSlice<'_, RVec<u8>>) -> RResult<(), Failure> {
        ROk(())
    }

    fn begin(&self, request: Request) -> RResult<PendingReplyBox, Failure> {
        ROk(PendingReplyBox::from_value(
            Echo(request.parameters),
            TD_Opaque,
        ))
    }

    fn keep_alive(&self) -> RResult<(), Failure> {
        ROk(())
    }
}

struct Echo(RVec<u8>);

impl PendingReply for Echo {
    fn wait(&self, _: ROption<u64>) -> RResult<Reply, Failure> {
        ROk(Reply {
            status: 0,
            body: self.0.clone(),
        })
    }
}
