//! What takes `unsafe` to do wrong.
#![expect(unsafe_code, reason = "this plugin shows what the host makes of it")]

use std::{
    fs::File,
    os::fd::{FromRawFd, OwnedFd},
};

use omero_plugin_api::{Context, Error};

/// Closes the streams and opens two files, which get their numbers. What the host writes has to
/// arrive where it belongs all the same.
pub fn close(ctx: &Context) -> Result<(), Error> {
    ctx.line("before")?;
    for number in [1, 2] {
        // SAFETY: the numbers are not used by this library; that others use them is the point.
        drop(unsafe { OwnedFd::from_raw_fd(number) });
    }
    let directory = ctx.data_directory()?;
    let files = [
        File::create(directory.join("1"))?,
        File::create(directory.join("2"))?,
    ];
    ctx.line("after")?;
    ctx.warn("after");
    let code = ctx.invoke(["hello", "say"])?;
    ctx.line(format_args!("code {code}"))?;
    ctx.flush()?;
    drop(files);
    Ok(())
}

/// Writes where nothing is.
pub fn crash() {
    // SAFETY: it is not.
    unsafe { std::ptr::null_mut::<u8>().wrapping_add(1).write_volatile(1) };
}
