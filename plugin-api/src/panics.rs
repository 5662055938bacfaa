//! What becomes of a plugin's panics: those of a call are caught and told by the host, those of the
//! plugin's own threads end only their thread.

use std::{
    cell::{Cell, RefCell},
    env,
    io::Write,
    panic::{self, AssertUnwindSafe, PanicHookInfo},
    sync::Once,
};

use omero_plugin_abi::{
    Failure, FailureKind,
    std_types::{RErr, ROk, RResult, RString, RVec},
};

use crate::Error;

thread_local! {
    /// How many guarded calls this thread is in.
    static GUARDED: Cell<u32> = const { Cell::new(0) };
    /// Where the latest panic of a guarded call was.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A panic that was caught.
struct Panic {
    /// What it said.
    message: String,
    /// Where it was; empty if nobody noted it.
    place: String,
}

/// Does some work; a panic in it is an error.
fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    GUARDED.set(GUARDED.get() + 1);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(GUARDED.get() - 1);
    result.map_err(|payload| Panic {
        message: message(&*payload),
        place: PLACE.take(),
    })
}

/// Turns a panic into a failure that names its place, so that nothing unwinds across the ABI boundary.
pub fn guard<T>(work: impl FnOnce() -> Result<T, Error>) -> RResult<T, Failure> {
    match catch(work) {
        Ok(Ok(value)) => ROk(value),
        Ok(Err(error)) => RErr(error.into()),
        Err(panic) => RErr(panicked(panic)),
    }
}

/// As [`guard`], for functions that cannot fail: a panic yields the default.
pub fn guard_or<T>(default: T, work: impl FnOnce() -> T) -> T {
    catch(work).unwrap_or(default)
}

fn panicked(panic: Panic) -> Failure {
    let detail = match panic.place.as_str() {
        "" => RString::new(),
        place => format!("the panic was at {place}").into(),
    };
    Failure {
        kind: FailureKind::PANIC,
        code: 70,
        message: panic.message.into(),
        labelled: false,
        hint: RString::new(),
        detail,
        causes: RVec::new(),
    }
}

fn message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

/// Replaces what this library's copy of Rust prints about panics by what `omero` prints. Called once
/// when the plugin is loaded; whoever sets `RUST_BACKTRACE` keeps Rust's own report.
pub fn install_hook() {
    static ONCE: Once = Once::new();
    let wanted = env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0");
    if !wanted {
        ONCE.call_once(|| panic::set_hook(Box::new(note)));
    }
}

fn note(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    if GUARDED.get() > 0 {
        PLACE.replace(place);
        return;
    }
    let message = message(info.payload());
    let line = format!("omero: warning: a plugin's thread panicked at {place}: {message}\n");
    // No context of the host belongs to this thread, so this one line goes past it.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_of_calls_are_caught_with_their_words() {
        let told = |work: fn()| catch(work).err().map(|panic| panic.message);
        assert_eq!(told(|| panic!("plain")).as_deref(), Some("plain"));
        assert_eq!(told(|| panic!("number {}", 7)).as_deref(), Some("number 7"));
        assert_eq!(told(|| panic::panic_any(7)).as_deref(), Some("no message"));
        assert_eq!(told(|| ()), None);
        assert_eq!(GUARDED.get(), 0);
    }
}
