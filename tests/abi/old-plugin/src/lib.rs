//! A plugin built against ABI 1.0.0 with dependencies of its own: it uses `omero-plugin-abi` directly,
//! and everything in it that crosses the ABI boundary.
#![warn(missing_docs)]

#[allow(missing_docs)]
mod export;
mod provider;
mod tour;
