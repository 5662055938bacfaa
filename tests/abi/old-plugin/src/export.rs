//! What `export_plugin!` makes, written out: the embedded manifest, the root symbol
//! and the guards that keep panics from the border.

use std::panic::{catch_unwind, AssertUnwindSafe};

use omero_plugin_abi::{
    leak_module,
    macro_support::{call_root_module_loader, CheckTypeLayout, LibHeader, RootModuleResult},
    std_types::{RErr, ROption, RResult, RStr, RString, RVec},
    Failure, FailureKind, HostContextBox, PluginModule, PluginModule_Ref, SessionProviderBox,
};

const MANIFEST: &str = concat!(
    r#"{"manifest":1,"name":"oldtimer","version":"1.0.0","abi":"1.0.0","target":""#,
    env!("OLDTIMER_TARGET"),
    r#"","provides":["session"],"command":{"name":"oldtimer","about":"Greet from 2022","#,
    r#""uses_session":true,"arguments":[{"id":"words","max_values":null}]}}"#
);

#[used]
#[cfg_attr(target_os = "macos", link_section = "__DATA,__omero")]
#[cfg_attr(not(target_os = "macos"), link_section = ".omero")]
static EMBEDDED: [u8; MANIFEST.len()] = {
    let from = MANIFEST.as_bytes();
    let mut bytes = [0; MANIFEST.len()];
    let mut at = 0;
    while at < from.len() {
        bytes[at] = from[at];
        at += 1;
    }
    bytes
};

fn guard<T>(work: impl FnOnce() -> RResult<T, Failure>) -> RResult<T, Failure> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let words = payload.downcast_ref::<&str>().copied();
        RErr(Failure {
            kind: FailureKind::PANIC,
            code: 70,
            message: words.unwrap_or("no message").into(),
            labelled: false,
            hint: RString::new(),
            detail: RString::new(),
            causes: RVec::new(),
        })
    })
}

extern "C" fn manifest() -> RString {
    String::from_utf8_lossy(&EMBEDDED).into_owned().into()
}

extern "C" fn run(host: HostContextBox) -> RResult<i32, Failure> {
    guard(|| crate::tour::run(&host).into())
}

extern "C" fn answer(_: HostContextBox, _: RStr<'_>) -> RResult<RString, Failure> {
    RResult::ROk("[]".into())
}

extern "C" fn session_provider() -> ROption<SessionProviderBox> {
    ROption::RSome(crate::provider::boxed())
}

extern "C" fn shutdown() {}

extern "C" fn check(_: HostContextBox) -> RResult<RVec<RString>, Failure> {
    RResult::ROk(RVec::new())
}

extern "C" fn root() -> RootModuleResult {
    fn module() -> PluginModule_Ref {
        leak_module(PluginModule {
            manifest,
            run,
            answer,
            session_provider,
            shutdown,
            check,
            // Here the tests append the field of the synthetic ABI 1.1.
        })
    }
    call_root_module_loader(module)
}

#[export_name = "omero_plugin_root_v1"]
pub static ROOT: LibHeader =
    unsafe { LibHeader::from_constructor::<PluginModule_Ref>(root, CheckTypeLayout::Yes) };
