//! Plugins from elsewhere: indexes, upgrades and publishing.
//!
//! The network, archives, signatures and indexes are the business of the helper `omero-registry`.
//! This side asks the user, decides, tries and installs.

mod helper;
mod index;
mod package;
mod search;
mod upgrade;
mod versions;

pub use helper::call;
pub use index::{refresh, run as index};
pub use package::{key, run as package};
pub use search::{listed, run as search};
pub use upgrade::{outdated, upgrade};
pub use versions::{pin, rollback};
