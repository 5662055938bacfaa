//! A plugin as somebody built it against ABI 1.0.0, with the compiler and the dependencies of that
//! time: it uses `omero-plugin-abi` directly, and everything that crosses the border in it.
#![warn(missing_docs)]

#[allow(missing_docs)]
mod export;
mod provider;
mod tour;
