//! Keeping panics of the host from the border.

use std::panic::{AssertUnwindSafe, catch_unwind};

use omero_plugin_abi::{
    Failure,
    std_types::{RErr, ROk, RResult},
};
use omero_plugin_api::Error;

use crate::error;

/// A fallible call; a panic is a failure of the host, not of the plugin.
pub fn guard<T>(work: impl FnOnce() -> Result<T, Error>) -> RResult<T, Failure> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => ROk(value),
        Ok(Err(error)) => RErr(error.into()),
        Err(_) => RErr(
            error::fatal(error::PANIC, "omero itself failed; this is a bug")
                .hint("report it, with the lines above")
                .into(),
        ),
    }
}

/// A call that cannot fail; a panic yields the default.
pub fn guard_or<T>(default: T, work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_failure() {
        let failure = guard::<()>(|| panic!("on purpose"))
            .into_result()
            .unwrap_err();
        assert_eq!(failure.code, 70);
        assert!(failure.labelled);
        assert_eq!(guard_or(7, || panic!("on purpose")), 7);
        assert_eq!(guard_or(7, || 8), 8);
    }
}
