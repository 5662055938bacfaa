//! The stable ABI.
