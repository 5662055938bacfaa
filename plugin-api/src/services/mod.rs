//! Typed OMERO services on top of the lent session.
//!
//! Each service is a thin value over a [`Session`](crate::Session): it names the operations with
//! their Slice signatures, sends the arguments and reads the results into plain Rust values. What
//! is not here can be called with [`Session::call`](crate::Session::call) and an [`Operation`] of
//! one's own.
//!
//! ```
//! use omero_plugin_api::{Context, Error, services::{Admin, Config}};
//!
//! fn show(ctx: &Context) -> Result<(), Error> {
//!     let session = ctx.session()?;
//!     let version = Config::of(&session)?.version()?;
//!     let group = Admin::of(&session)?.event_context()?.group_name;
//!     ctx.line(format_args!("OMERO {version}, group {group}"))
//! }
//! ```

pub mod admin;
mod cell;
pub mod command;
pub mod config;
mod later;
mod model;
mod permissions;
pub mod query;
mod read_cell;
mod rows;
pub mod sessions;
pub mod types;
mod view;

pub use crate::call::{CallError, Mode, Operation};
pub use admin::Admin;
pub use cell::{Cell, ModelObject};
pub use command::{CommandError, CommandReply, submit};
pub use config::Config;
pub use later::Later;
pub use model::{EventContext, Experimenter, Group, Membership, OpenSession, Roles, UserGroup};
pub use permissions::Permissions;
pub use query::{Page, Query};
pub use rows::Rows;
pub use sessions::Sessions;
pub use types::Types;

/// The service factory's own operations: the object that a session *is*.
///
/// ```
/// use omero_plugin_api::{
///     Session,
///     services::{CallError, service_factory},
///     slice::Graph,
/// };
///
/// /// Works in another group from now on.
/// fn switch_group(session: &Session, id: i64) -> Result<(), CallError> {
///     let mut graph = Graph::new();
///     let group = graph.new_object("::omero::model::ExperimenterGroup")?;
///     let id = graph.rlong(id);
///     graph.set(group, "_id", id)?;
///     let factory = session.service("")?;
///     let operation = &service_factory::SET_SECURITY_CONTEXT;
///     session.call(&factory, operation, &[group.into()], &graph)?;
///     Ok(())
/// }
/// # use omero_plugin_api::{slice::Value, testing::{Answer, FakeSession}};
/// # let former = Answer::value(Value::Object(None));
/// # let fake = FakeSession::new().reply(&service_factory::SET_SECURITY_CONTEXT, former);
/// # switch_group(&fake.session(), 3)?;
/// # let call = &fake.calls()[0];
/// # assert_eq!(call.graph.rlong_of(call.member(0, "_id").unwrap())?, Some(3));
/// # Ok::<(), CallError>(())
/// ```
pub mod service_factory {
    use super::Operation;

    /// Keeps the session alive when the connection ends.
    pub const DETACH_ON_DESTROY: Operation = Operation::normal("detachOnDestroy", &[], &[]);
    /// Closes the session when the last connection ends.
    pub const CLOSE_ON_DESTROY: Operation = Operation::normal("closeOnDestroy", &[], &[]);
    /// Tells the server that the session is in use; the argument may be null.
    pub const KEEP_ALIVE: Operation = Operation::normal(
        "keepAlive",
        &["prx(::omero::api::ServiceInterface)"],
        &["bool"],
    );
    /// A service by its name, for instance `omero.api.IAdmin`.
    pub const GET_BY_NAME: Operation = Operation::normal(
        "getByName",
        &["string"],
        &["prx(::omero::api::ServiceInterface)"],
    );
    /// Switches the session's group; returns the former context.
    pub const SET_SECURITY_CONTEXT: Operation = Operation::normal(
        "setSecurityContext",
        &["@::omero::model::IObject"],
        &["@::omero::model::IObject"],
    );
    /// Runs a command on the server; returns its handle, or null for an unknown request.
    pub const SUBMIT: Operation = Operation::normal(
        "submit",
        &["@::omero::cmd::Request"],
        &["prx(::omero::cmd::Handle)"],
    );
}
