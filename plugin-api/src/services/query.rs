//! `IQuery`: HQL queries.

use std::fmt;

use super::{CallError, Operation, view::first};
use crate::{
    Session,
    slice::{Graph, Proxy, SliceError, Value},
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Page {
    /// How many rows to pass over.
    pub offset: Option<i32>,
    /// How many rows to return at most.
    pub limit: Option<i32>,
}

/// One value of a result row.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Cell {
    /// A database null.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(String),
    /// A time, milliseconds since 1970.
    Time(i64),
    /// A model object: its class without `::omero::model::`, and its id.
    Object {
        /// For instance `Image`.
        class: String,
        /// Its id.
        id: i64,
    },
    /// Several values.
    List(Vec<Cell>),
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(value) => f.write_str(if *value { "True" } else { "False" }),
            Self::Integer(value) | Self::Time(value) => write!(f, "{value}"),
            Self::Real(value) => write!(f, "{value:?}"),
            Self::Text(text) => f.write_str(text),
            Self::Object { class, id } => write!(f, "{class}:{id}"),
            Self::List(cells) => {
                for (index, cell) in cells.iter().enumerate() {
                    write!(f, "{}{cell}", if index == 0 { "" } else { "," })?;
                }
                Ok(())
            }
        }
    }
}

/// The query service.
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
    pub fn projection(
        &self,
        hql: &str,
        parameters: &[(&str, Cell)],
        page: Page,
        all_groups: bool,
    ) -> Result<Vec<Vec<Cell>>, CallError> {
        let mut graph = Graph::new();
        let argument = parameters_object(&mut graph, parameters, page)?;
        let context: &[(&str, &str)] = if all_groups {
            &[("omero.group", "-1")]
        } else {
            &[]
        };
        let arguments = [Value::from(hql), argument];
        let reply = self
            .session
            .begin_with(&self.proxy, &PROJECTION, &arguments, &graph, context)?
            .wait()?;
        let mut rows = Vec::new();
        for row in first(&reply)?.as_seq()? {
            let cells: Result<Vec<_>, _> = row
                .as_seq()?
                .iter()
                .map(|cell| read_cell(&reply.graph, cell))
                .collect();
            rows.push(cells?);
        }
        Ok(rows)
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
        let value = write_cell(graph, cell)?;
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

fn write_cell(graph: &mut Graph, cell: &Cell) -> Result<Value, SliceError> {
    Ok(match cell {
        Cell::Null => Value::Object(None),
        Cell::Bool(value) => graph.rbool(*value),
        Cell::Integer(value) => graph.rlong(*value),
        Cell::Real(value) => graph.rdouble(*value),
        Cell::Text(text) => graph.rstring(text.as_str()),
        Cell::Time(value) => graph.rtime(*value),
        Cell::Object { .. } => {
            return Err(super::view::missing("a plain value as query parameter"));
        }
        Cell::List(cells) => {
            let values = cells
                .iter()
                .map(|c| write_cell(graph, c))
                .collect::<Result<_, _>>()?;
            graph.rlist(values)
        }
    })
}

pub(super) fn read_cell(graph: &Graph, value: &Value) -> Result<Cell, SliceError> {
    let Some(object) = graph.object_of(value)? else {
        return Ok(Cell::Null);
    };
    Ok(match object.class() {
        "::omero::RBool" => Cell::Bool(object.get("_val")?.as_bool()?),
        "::omero::RInt" => Cell::Integer(object.get("_val")?.as_int()?.into()),
        "::omero::RLong" => Cell::Integer(object.get("_val")?.as_long()?),
        "::omero::RFloat" => Cell::Real(object.get("_val")?.as_float()?.into()),
        "::omero::RDouble" => Cell::Real(object.get("_val")?.as_double()?),
        "::omero::RTime" => Cell::Time(object.get("_val")?.as_long()?),
        "::omero::RObject" => match graph.object_of(object.get("_val")?)? {
            Some(model) => Cell::Object {
                class: model
                    .class()
                    .rsplit("::")
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
                id: graph.rlong_of(model.get("_id")?)?.unwrap_or(-1),
            },
            None => Cell::Null,
        },
        _ if object.is_a("::omero::RString") => {
            Cell::Text(object.get("_val")?.as_str()?.to_owned())
        }
        _ if object.is_a("::omero::RCollection") => {
            let cells = object
                .get("_val")?
                .as_seq()?
                .iter()
                .map(|c| read_cell(graph, c));
            Cell::List(cells.collect::<Result<_, _>>()?)
        }
        other => Cell::Text(other.rsplit("::").next().unwrap_or_default().to_owned()),
    })
}
