//! The promises of the plugin platform: old plugins in new hosts and the other way round, plugins
//! that are refused, other session providers, plugins that misbehave, and one of a third party.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod containment;
mod layouts;
mod lifetime;
mod old_host;
mod old_plugin;
mod outside;
mod provider;
mod refused;
mod room;
mod third_party;
