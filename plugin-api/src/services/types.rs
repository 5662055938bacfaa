//! `ITypes`: OMERO's enumerations.
//!
//! ```
//! use omero_plugin_api::{
//!     services::{Types, types},
//!     testing::{Answer, FakeSession},
//! };
//!
//! let names = Answer::value(vec!["Format".to_owned(), "PixelsType".to_owned()]);
//! let fake = FakeSession::new().reply(&types::GET_ENUMERATION_TYPES, names);
//! let enumerations = Types::of(&fake.session())?.enumerations()?;
//! assert!(enumerations.iter().any(|name| name == "PixelsType"));
//! # Ok::<(), omero_plugin_api::Error>(())
//! ```

use super::{CallError, Operation, view::first};
use crate::{
    Session,
    slice::{Graph, Proxy, Value},
};

/// The service's OMERO name.
pub const NAME: &str = "omero.api.ITypes";

/// The names of all enumerations.
pub const GET_ENUMERATION_TYPES: Operation =
    Operation::idempotent("getEnumerationTypes", &[], &["seq<string>"]);
/// The values of an enumeration.
pub const ALL_ENUMERATIONS: Operation = Operation::idempotent(
    "allEnumerations",
    &["string"],
    &["seq<@::omero::model::IObject>"],
);

/// The types service.
///
/// ```
/// use omero_plugin_api::{Session, services::{CallError, Types}};
///
/// fn pixel_types(session: &Session) -> Result<Vec<String>, CallError> {
///     Types::of(session)?.values("PixelsType")
/// }
/// # use omero_plugin_api::{services::types, slice::{Graph, Value}};
/// # use omero_plugin_api::testing::{Answer, FakeSession};
/// # let mut graph = Graph::new();
/// # let entry = graph.new_object("::omero::model::PixelsType").unwrap();
/// # let value = graph.rstring("uint8");
/// # graph.set(entry, "_value", value).unwrap();
/// # let entries = vec![Value::Seq(vec![entry.into()])];
/// # let fake = FakeSession::new().reply(&types::ALL_ENUMERATIONS, Answer::results(entries, graph));
/// # assert_eq!(pixel_types(&fake.session()).unwrap(), ["uint8"]);
/// ```
#[derive(Debug, Clone)]
pub struct Types {
    session: Session,
    proxy: Proxy,
}

impl Types {
    /// The service on this session.
    ///
    /// # Errors
    ///
    /// The connection is lost or the session has ended.
    ///
    /// ```
    /// # use omero_plugin_api::services::{CallError, Types, types};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # use omero_plugin_api::slice::{Graph, Value};
    /// # let mut graph = Graph::new();
    /// # let entry = graph.new_object("::omero::model::Format")?;
    /// # let value = graph.rstring("TIFF");
    /// # graph.set(entry, "_value", value)?;
    /// # let entries = vec![Value::Seq(vec![entry.into()])];
    /// # let session = FakeSession::new()
    /// #     .reply(&types::GET_ENUMERATION_TYPES, Answer::value(vec!["Format".to_owned()]))
    /// #     .reply(&types::ALL_ENUMERATIONS, Answer::results(entries, graph))
    /// #     .session();
    /// # let mut lines = Vec::new();
    /// let types = Types::of(&session)?;
    /// for enumeration in types.enumerations()? {
    ///     let values = types.values(&enumeration)?;
    ///     lines.push(format!("{enumeration}: {}", values.join(", ")));
    /// }
    /// assert_eq!(lines, ["Format: TIFF"]);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn of(session: &Session) -> Result<Self, CallError> {
        Ok(Self {
            session: session.clone(),
            proxy: session.service(NAME)?,
        })
    }

    /// The names of all enumerations, for instance `PixelsType`.
    ///
    /// # Errors
    ///
    /// See [`CallError`]; this holds for all operations here.
    ///
    /// ```
    /// # use omero_plugin_api::services::{CallError, Types, types};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let names = Answer::value(vec!["PixelsType".to_owned(), "Format".to_owned()]);
    /// # let session = FakeSession::new().reply(&types::GET_ENUMERATION_TYPES, names).session();
    /// let mut names = Types::of(&session)?.enumerations()?;
    /// names.sort_unstable();
    /// assert_eq!(names, ["Format", "PixelsType"]);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn enumerations(&self) -> Result<Vec<String>, CallError> {
        let reply = self
            .session
            .call(&self.proxy, &GET_ENUMERATION_TYPES, &[], &Graph::new())?;
        Ok(first(&reply)?
            .as_strings()?
            .into_iter()
            .map(str::to_owned)
            .collect())
    }

    /// The values of one enumeration.
    ///
    /// # Errors
    ///
    /// `::omero::ApiUsageException` where there is no such enumeration.
    ///
    /// ```
    /// # use omero_plugin_api::services::{CallError, Types, types};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let unknown = Answer::exception("::omero::ApiUsageException", "Pixel is not an enumeration");
    /// # let session = FakeSession::new().reply(&types::ALL_ENUMERATIONS, unknown).session();
    /// let unknown = Types::of(&session)?.values("Pixel");
    /// assert!(unknown.is_err_and(|e| e.exception("::omero::ApiUsageException").is_some()));
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn values(&self, enumeration: &str) -> Result<Vec<String>, CallError> {
        let arguments = [Value::from(enumeration)];
        let reply = self
            .session
            .call(&self.proxy, &ALL_ENUMERATIONS, &arguments, &Graph::new())?;
        let entries = super::view::views(&reply.graph, first(&reply)?)?;
        Ok(entries
            .iter()
            .map(|entry| entry.rstring("_value"))
            .collect::<Result<_, _>>()?)
    }
}
