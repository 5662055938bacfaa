//! `IQuery`: HQL queries.
//!
//! ```
//! use omero_plugin_api::{
//!     Session,
//!     services::{CallError, Cell, Page, Query},
//! };
//!
//! fn count_images(session: &Session) -> Result<i64, CallError> {
//!     let hql = "select count(i) from Image i";
//!     let rows = Query::of(session)?.projection(hql, &[], Page::default(), false)?;
//!     match rows.first().map(Vec::as_slice) {
//!         Some([Cell::Integer(count)]) => Ok(*count),
//!         _ => Ok(0),
//!     }
//! }
//! # use omero_plugin_api::{services::query, testing::{Answer, FakeSession}};
//! # let rows = Answer::rows(&[vec![Cell::Integer(12)]]);
//! # let fake = FakeSession::new().reply(&query::PROJECTION, rows);
//! # assert_eq!(count_images(&fake.session())?, 12);
//! # Ok::<(), CallError>(())
//! ```

use super::{CallError, Cell, Operation, Rows};
use crate::{
    Session,
    session::Pending,
    slice::{Decoded, Graph, Limits, Proxy, SliceError, Value, decode_owned},
};

/// The service's OMERO name.
pub const NAME: &str = "omero.api.IQuery";

/// The rows of values that an HQL query selects.
pub const PROJECTION: Operation = Operation::idempotent(
    "projection",
    &["string", "@::omero::sys::Parameters"],
    &["seq<seq<@::omero::RType>>"],
);

/// Which rows of a result to ask for.
///
/// ```
/// use omero_plugin_api::services::Page;
///
/// let all = Page::default();
/// assert_eq!((all.offset, all.limit), (None, None));
/// let third_page = Page { offset: Some(50), limit: Some(25) };
/// assert_eq!(third_page.offset, third_page.limit.map(|limit| 2 * limit));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Page {
    /// How many rows to pass over.
    pub offset: Option<i32>,
    /// How many rows to return at most.
    pub limit: Option<i32>,
}

/// The query service.
///
/// ```
/// use omero_plugin_api::{Session, services::{CallError, Cell, Page, Query}};
///
/// /// The first ten images of this name in all groups of the user.
/// fn images(session: &Session, name: &str) -> Result<Vec<Vec<Cell>>, CallError> {
///     let hql = "select i.id, i.name from Image i where i.name like :name order by i.id";
///     let name = Cell::Text(format!("%{name}%"));
///     let page = Page { limit: Some(10), ..Page::default() };
///     Query::of(session)?.projection(hql, &[("name", name)], page, true)
/// }
/// # use omero_plugin_api::services::query;
/// # use omero_plugin_api::testing::{Answer, FakeSession};
/// # let row = vec![Cell::Integer(51), Cell::Text("a.tif".into())];
/// # let fake = FakeSession::new().reply(&query::PROJECTION, Answer::rows(&[row.clone()]));
/// # assert_eq!(images(&fake.session(), "a").unwrap(), [row]);
/// ```
#[derive(Debug, Clone)]
pub struct Query {
    session: Session,
    proxy: Proxy,
}

impl Query {
    /// The service on this session.
    ///
    /// # Errors
    ///
    /// The connection is lost or the session has ended.
    ///
    /// ```
    /// # use omero_plugin_api::services::{CallError, Cell, Page, Query, query};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let rows = |id| Answer::rows(&[vec![Cell::Integer(id)]]);
    /// # let session = FakeSession::new()
    /// #     .reply(&query::PROJECTION, rows(3))
    /// #     .reply(&query::PROJECTION, rows(9))
    /// #     .session();
    /// let query = Query::of(&session)?;
    /// let latest = |class: &str| {
    ///     let hql = format!("select max(x.id) from {class} x");
    ///     query.projection(&hql, &[], Page::default(), true)
    /// };
    /// assert_eq!(latest("Project")?, [[Cell::Integer(3)]]);
    /// assert_eq!(latest("Dataset")?, [[Cell::Integer(9)]]);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn of(session: &Session) -> Result<Self, CallError> {
        Ok(Self {
            session: session.clone(),
            proxy: session.service(NAME)?,
        })
    }

    /// Runs an HQL query that selects values, such as
    /// `select i.id, i.name from Image i where i.name like :name`, in the session's group, or in
    /// all of the user's groups.
    ///
    /// # Errors
    ///
    /// `::omero::QueryException` for HQL that the server does not accept; see [`CallError`].
    ///
    /// ```
    /// use omero_plugin_api::services::{Cell, Page, Query};
    ///
    /// # use omero_plugin_api::services::{CallError, query};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let rows = [[3, 51], [3, 52]].map(|row| row.map(Cell::Integer).to_vec());
    /// # let session = FakeSession::new().reply(&query::PROJECTION, Answer::rows(&rows)).session();
    /// let hql = "select l.parent.id, l.child.id from DatasetImageLink l
    ///     where l.parent.id in (:ids)";
    /// let ids = Cell::List(vec![Cell::Integer(3), Cell::Integer(4)]);
    /// let page = Page { limit: Some(1000), ..Page::default() };
    /// let links = Query::of(&session)?.projection(hql, &[("ids", ids)], page, false)?;
    /// assert_eq!(links[1], [Cell::Integer(3), Cell::Integer(52)]);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn projection(
        &self,
        hql: &str,
        parameters: &[(&str, Cell)],
        page: Page,
        all_groups: bool,
    ) -> Result<Vec<Vec<Cell>>, CallError> {
        self.rows(hql, parameters, page, all_groups)?.collect_all()
    }

    /// Runs an HQL query as [`Self::projection`] does, for rows that are used one by one: the
    /// whole result takes little more memory than its bytes.
    ///
    /// # Errors
    ///
    /// As [`Self::projection`], and each row may be malformed.
    ///
    /// ```
    /// use omero_plugin_api::services::{Cell, Page, Query};
    ///
    /// # use omero_plugin_api::services::{CallError, query};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let rows = [2048, 1024].map(|size| vec![Cell::Integer(size)]);
    /// # let session = FakeSession::new().reply(&query::PROJECTION, Answer::rows(&rows)).session();
    /// let mut total = 0;
    /// let hql = "select f.size from OriginalFile f";
    /// for row in Query::of(&session)?.rows(hql, &[], Page::default(), true)? {
    ///     if let [Cell::Integer(size)] = row?.as_slice() {
    ///         total += size;
    ///     }
    /// }
    /// assert_eq!(total, 3072);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn rows(
        &self,
        hql: &str,
        parameters: &[(&str, Cell)],
        page: Page,
        all_groups: bool,
    ) -> Result<Rows, CallError> {
        let sent = self.send(hql, parameters, page, all_groups)?;
        Rows::read(sent.wait_for_body()?)
    }

    /// Runs an HQL query like [`projection`](Self::projection) and returns the reply as it came:
    /// one value, a sequence of rows, each a sequence of boxed values. It keeps what a [`Cell`]
    /// does not have, such as the members of an object that are null or refer to other objects.
    ///
    /// # Errors
    ///
    /// Those of [`projection`](Self::projection).
    ///
    /// ```
    /// use omero_plugin_api::services::{Cell, Page, Query};
    ///
    /// # use omero_plugin_api::services::{CallError, ModelObject, query};
    /// # use omero_plugin_api::testing::{Answer, FakeSession};
    /// # let event = ModelObject { class: "Event".into(), id: 7, ..ModelObject::default() };
    /// # let rows = Answer::rows(&[vec![Cell::from(event)]]);
    /// # let session = FakeSession::new().reply(&query::PROJECTION, rows).session();
    /// let hql = "select e from Event e";
    /// let reply = Query::of(&session)?.reply(hql, &[], Page::default(), false)?;
    /// let rows = reply.values[0].as_seq()?;
    /// let boxed = reply.graph.object_of(&rows[0].as_seq()?[0])?.unwrap();
    /// let event = reply.graph.object_of(boxed.get("_val")?)?.unwrap();
    /// assert!(reply.graph.object_of(event.get("_experimenter")?)?.is_none());
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn reply(
        &self,
        hql: &str,
        parameters: &[(&str, Cell)],
        page: Page,
        all_groups: bool,
    ) -> Result<Decoded, CallError> {
        let sent = self.send(hql, parameters, page, all_groups)?;
        let body = sent.wait_for_body()?;
        let limits = Limits::for_rows(body.len());
        Ok(decode_owned(body, &PROJECTION.output_types()?, &limits)?)
    }

    /// Sends a query.
    fn send(
        &self,
        hql: &str,
        parameters: &[(&str, Cell)],
        page: Page,
        all_groups: bool,
    ) -> Result<Pending<'static>, CallError> {
        let mut graph = Graph::new();
        let argument = parameters_object(&mut graph, parameters, page)?;
        let context: &[(&str, &str)] = if all_groups {
            &[("omero.group", "-1")]
        } else {
            &[]
        };
        let arguments = [Value::from(hql), argument];
        self.session
            .begin_with(&self.proxy, &PROJECTION, &arguments, &graph, context)
    }
}

fn parameters_object(
    graph: &mut Graph,
    parameters: &[(&str, Cell)],
    page: Page,
) -> Result<Value, SliceError> {
    let object = graph.new_object("::omero::sys::Parameters")?;
    let mut map = Vec::new();
    for (name, cell) in parameters {
        let value = cell.to_value(graph)?;
        map.push((Value::from(*name), value));
    }
    graph.set(object, "map", Value::Dict(map))?;
    let filter = graph.new_object("::omero::sys::Filter")?;
    for (member, number) in [("offset", page.offset), ("limit", page.limit)] {
        if let Some(number) = number {
            let value = graph.rint(number);
            graph.set(filter, member, value)?;
        }
    }
    graph.set(object, "theFilter", Value::Object(Some(filter)))?;
    Ok(Value::Object(Some(object)))
}
