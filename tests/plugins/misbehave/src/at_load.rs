//! What the plugin does while it is being loaded, before anybody called it: what the variable
//! `MISBEHAVE_AT_LOAD` says.
#![expect(
    unsafe_code,
    reason = "initialisers of a library are named in a section of it"
)]

use std::{env, process, thread, time::Duration};

/// The dynamic linker calls what it finds in this section.
#[used]
#[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
static AT_LOAD: extern "C" fn() = at_load;

extern "C" fn at_load() {
    match env::var("MISBEHAVE_AT_LOAD").as_deref() {
        Ok("block") => loop {
            thread::sleep(Duration::from_secs(1));
        },
        Ok("exit") => process::exit(43),
        Ok("abort") => process::abort(),
        _ => {}
    }
}
