//! What `export_plugin!` makes of an author's two functions.

use clap::{ArgMatches, Command, error::ErrorKind};
use omero_plugin_abi::{
    Failure, HostContextBox,
    std_types::{ROption, RResult, RString, RVec},
};

use crate::{
    Context, Error, Kind,
    provider::{Attach, boundary},
    questions::{Candidate, ChildStore, Question, Sought, Surroundings},
};

pub use crate::panics::{guard, guard_or, install_hook};
pub use omero_plugin_abi as abi;

/// Parses the arguments with the plugin's clap command and runs it.
pub fn run(
    host: HostContextBox,
    command: fn() -> Command,
    body: fn(&Context, &ArgMatches) -> Result<(), Error>,
) -> RResult<i32, Failure> {
    guard(|| {
        let context = Context::from_host(host);
        match parse(&context, command()) {
            Ok(matches) => body(&context, &matches).map(|()| 0),
            Err(usage) => report(&context, &usage),
        }
    })
}

fn parse(context: &Context, command: Command) -> Result<ArgMatches, clap::Error> {
    let program = context.program();
    let arguments = std::iter::once(program.clone().into()).chain(context.arguments());
    command
        .bin_name(program)
        .infer_long_args(true)
        .try_get_matches_from(arguments)
}

/// Shows clap's own message: help on standard output, errors on standard error with exit code 2.
fn report(context: &Context, usage: &clap::Error) -> Result<i32, Error> {
    let text = usage.render().to_string();
    match usage.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            context.line(text.trim_end())?;
            Ok(0)
        }
        _ => {
            context.error_line(text.trim_end())?;
            Err(Error::of_kind(Kind::Silent, 2, ""))
        }
    }
}

/// What `complete:` of `export_plugin!` names.
pub type Complete = fn(&Context, &Sought) -> Result<Vec<Candidate>, Error>;

/// What `surroundings:` of `export_plugin!` names; the flag asks for the key.
pub type Surround = fn(&Context, bool) -> Result<Surroundings, Error>;

/// What `child_store:` of `export_plugin!` names: makes the session directory of a program, or takes
/// it back.
pub type ChildStores = fn(&Context, &ChildStore) -> Result<Option<String>, Error>;

/// The functions that answer questions, as far as a plugin has them.
#[derive(Default, Clone, Copy)]
pub struct Answers {
    /// `complete:` of `export_plugin!`.
    pub complete: Option<Complete>,
    /// `surroundings:` of `export_plugin!`.
    pub surroundings: Option<Surround>,
    /// `child_store:` of `export_plugin!`.
    pub child_store: Option<ChildStores>,
}

/// Answers a question of the host. `[]` is the answer to what this plugin does not know, a question
/// of a newer host included.
pub fn answer(host: HostContextBox, question: &str, answers: Answers) -> RResult<RString, Failure> {
    guard(|| {
        let context = Context::from_host(host);
        let unknown = || Ok(RString::from("[]"));
        let Ok(question) = serde_json::from_str(question) else {
            return unknown();
        };
        let text = match question {
            Question::Values(sought) => match answers.complete {
                Some(complete) => serde_json::to_string(&complete(&context, &sought)?),
                None => return unknown(),
            },
            Question::Surroundings { key } => match answers.surroundings {
                Some(surround) => serde_json::to_string(&surround(&context, key)?),
                None => return unknown(),
            },
            Question::ChildStore(step) => match answers.child_store {
                Some(child_store) => serde_json::to_string(&child_store(&context, &step)?),
                None => return unknown(),
            },
        };
        text.map(RString::from)
            .map_err(|error| Error::new(1, format!("the answer is no JSON: {error}")))
    })
}

/// What `check:` of `export_plugin!` names.
pub type Check = fn(&Context) -> Result<Vec<String>, Error>;

/// Looks for what the plugin needs; a plugin without `check:` needs nothing.
pub fn check(host: HostContextBox, check: Option<Check>) -> RResult<RVec<RString>, Failure> {
    guard(|| match check {
        None => Ok(RVec::new()),
        Some(check) => {
            let missing = check(&Context::from_host(host))?;
            Ok(missing.into_iter().map(RString::from).collect())
        }
    })
}

/// The session provider, where the plugin has one.
pub fn provider(attach: Option<Attach>) -> ROption<abi::SessionProviderBox> {
    guard_or(ROption::RNone, || attach.map(boundary::provider).into())
}

/// Exports a plugin: its clap command and the function that runs it; then, each where the plugin
/// has it and in this order, `provider:` (it makes sessions, see [`crate::provider::Attach`]), `shutdown:`, a
/// function that closes what is open before the process ends, `complete:`, `surroundings:` and
/// `child_store:` (it answers questions, see [`crate::questions`]), and `check:`, a function
/// `fn(&Context) -> Result<Vec<String>, Error>` that looks whether all that the plugin needs is there
/// (programs, files, settings; never a server) and returns one sentence for each thing that is not.
///
/// ```ignore
/// mod command; // src/command.rs, also included by build.rs
/// omero_plugin_api::export_plugin!(command::command, run);
/// ```
#[macro_export]
macro_rules! export_plugin {
    (
        $command:expr, $run:expr
        $(, provider: $provider:expr)?
        $(, shutdown: $shutdown:expr)?
        $(, complete: $complete:expr)?
        $(, surroundings: $surroundings:expr)?
        $(, child_store: $child_store:expr)?
        $(, check: $check:expr)?
        $(,)?
    ) => {
        const _: () = {
            #[cfg(panic = "abort")]
            compile_error!(
                "a plugin has to be built with panic = \"unwind\": its panics are caught at the ABI boundary"
            );

            // The author's functions are named in here, so ours must not have likely names.
            use $crate::export::abi;
            use $crate::export::abi::std_types::{ROption, RResult, RStr, RString, RVec};

            const MANIFEST: &[u8] =
                include_bytes!(concat!(env!("OUT_DIR"), "/omero-manifest.json"));

            #[used]
            #[allow(unsafe_code, reason = "the section's name is this plugin system's own")]
            #[cfg_attr(
                any(target_os = "macos", target_os = "ios"),
                unsafe(link_section = "__DATA,__omero")
            )]
            #[cfg_attr(
                not(any(target_os = "macos", target_os = "ios")),
                unsafe(link_section = ".omero")
            )]
            static EMBEDDED: [u8; MANIFEST.len()] = {
                let mut bytes = [0; MANIFEST.len()];
                bytes.copy_from_slice(MANIFEST);
                bytes
            };

            extern "C" fn omero_plugin_manifest() -> RString {
                $crate::export::guard_or(RString::new(), || {
                    String::from_utf8_lossy(&EMBEDDED).into_owned().into()
                })
            }

            extern "C" fn omero_plugin_run(host: abi::HostContextBox) -> RResult<i32, abi::Failure> {
                $crate::export::run(host, $command, $run)
            }

            extern "C" fn omero_plugin_answer(
                host: abi::HostContextBox,
                question: RStr<'_>,
            ) -> RResult<RString, abi::Failure> {
                let answers = $crate::export::Answers {
                    complete: None::<$crate::export::Complete>$(.or(Some($complete)))?,
                    surroundings: None::<$crate::export::Surround>$(.or(Some($surroundings)))?,
                    child_store: None::<$crate::export::ChildStores>$(.or(Some($child_store)))?,
                };
                $crate::export::answer(host, question.as_str(), answers)
            }

            extern "C" fn omero_plugin_session_provider() -> ROption<abi::SessionProviderBox> {
                $crate::export::provider(
                    None::<$crate::provider::Attach>$(.or(Some($provider)))?,
                )
            }

            extern "C" fn omero_plugin_shutdown() {
                $crate::export::guard_or((), || {
                    $($shutdown();)?
                })
            }

            extern "C" fn omero_plugin_check(
                host: abi::HostContextBox,
            ) -> RResult<RVec<RString>, abi::Failure> {
                $crate::export::check(host, None::<$crate::export::Check>$(.or(Some($check)))?)
            }

            extern "C" fn omero_plugin_root() -> abi::macro_support::RootModuleResult {
                fn module() -> abi::PluginModule_Ref {
                    $crate::export::install_hook();
                    abi::leak_module(abi::PluginModule {
                        manifest: omero_plugin_manifest,
                        run: omero_plugin_run,
                        answer: omero_plugin_answer,
                        session_provider: omero_plugin_session_provider,
                        shutdown: omero_plugin_shutdown,
                        check: omero_plugin_check,
                    })
                }
                abi::macro_support::call_root_module_loader(module)
            }

            #[allow(unsafe_code, reason = "the host looks the plugin up by this symbol")]
            #[unsafe(export_name = "omero_plugin_root_v1")]
            pub static OMERO_PLUGIN_ROOT: abi::macro_support::LibHeader = unsafe {
                // SAFETY: `omero_plugin_root` leads to a `PluginModule_Ref`, as the type argument says.
                abi::macro_support::LibHeader::from_constructor::<abi::PluginModule_Ref>(
                    omero_plugin_root,
                    abi::macro_support::CheckTypeLayout::Yes,
                )
            };
        };
    };
}
