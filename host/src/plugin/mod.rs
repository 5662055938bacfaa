//! `omero plugin`: what is installed, where it comes from, and whether it is in order.

pub mod admit;
pub mod record;
