//! The plugin loader of a host that offers ABI 1.0.0: `omero-old-host LIBRARY [WORD]…` loads a
//! plugin that was built against any ABI 1.x, calls each of its functions and ends with its code.

mod context;

use std::{env, process::exit};

use libloading::Library;
use omero_plugin_abi::{
    loader::{root_module, RootError, RootSymbol},
    PluginModule_Ref, ROOT_SYMBOL, VERSION,
};

use context::OldContext;

fn main() {
    let mut words = env::args().skip(1);
    let library = words.next().unwrap_or_default();
    let module = match open(&library) {
        Ok(module) => module,
        Err(why) => {
            eprintln!("old host: {} cannot be used: {}", library, why);
            exit(78);
        }
    };
    println!("old host with ABI {}", VERSION);
    println!("manifest of {} bytes", module.manifest()().len());
    println!("provider {}", module.session_provider()().is_some());
    let words: Vec<String> = words.collect();
    let answered = module.answer()(OldContext::boxed(&words), "".into());
    println!("answers {}", answered.is_ok());
    let missing = module.check()(OldContext::boxed(&words));
    println!("checks {}", missing.is_ok());
    // Here the tests append the call of the field of the synthetic ABI 1.1.
    let code = match module.run()(OldContext::boxed(&words)).into_result() {
        Ok(code) => code,
        Err(failure) => {
            println!("kind {} message {}", failure.kind.0, failure.message);
            failure.code
        }
    };
    module.shutdown()();
    exit(code);
}

fn open(path: &str) -> Result<PluginModule_Ref, String> {
    let library = unsafe { Library::new(path) }.map_err(|error| error.to_string())?;
    let library: &'static Library = Box::leak(Box::new(library));
    let symbol = unsafe { library.get::<RootSymbol>(ROOT_SYMBOL.as_bytes()) };
    let symbol = symbol.map_err(|error| error.to_string())?;
    unsafe { root_module(*symbol) }.map_err(|error| match error {
        RootError::Layout { report, .. } => report,
        other => other.to_string(),
    })
}
