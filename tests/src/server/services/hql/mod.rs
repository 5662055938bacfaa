//! The part of HQL that clients of OMERO use: joins, conditions, functions, groups, `new map(…)`.
//!
//! ```text
//! query = [ "select" [ "distinct" ] item { "," item } ] "from" source { [ "," ] source }
//!         [ "where" expression ] [ "group" "by" list ] [ "order" "by" key { "," key } ]
//! item = "new" ( "map" | "list" ) "(" item { "," item } ")" | expression [ "as" name ]
//! source = class [ [ "as" ] alias ]
//!        | [ "left" [ "outer" ] | "inner" ] "join" [ "fetch" ] path [ [ "as" ] alias ]
//! key = expression [ "asc" | "desc" ]
//! ```

mod check;
mod evaluate;
mod parser;
mod paths;
mod run;
mod tokens;

pub use parser::parse;
pub use run::{Fetched, Found, run};

use super::super::database::Datum;

/// A query that was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// What is selected; every root object where nothing is.
    pub items: Vec<Item>,
    pub distinct: bool,
    pub sources: Vec<Source>,
    pub condition: Option<Expression>,
    pub groups: Vec<Expression>,
    /// Keys and whether their order is descending.
    pub order: Vec<(Expression, bool)>,
    /// The query as it was written, for messages.
    pub text: String,
}

impl Query {
    /// The position of the item that a path names: `n` in `select i.id as n`.
    pub fn item_named(&self, path: &[String]) -> Option<usize> {
        let [name] = path else { return None };
        let mut items = self.items.iter();
        items.position(|item| item.name.as_ref() == Some(name))
    }
}

/// One thing to select, with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub value: Expression,
    pub name: Option<String>,
}

/// Where rows come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// All objects of a class.
    Class { class: String, alias: String },
    /// What other objects refer to.
    Join {
        path: Vec<String>,
        alias: String,
        outer: bool,
        fetch: bool,
    },
}

impl Source {
    /// The name that the rest of the query uses.
    pub fn alias(&self) -> &str {
        match self {
            Self::Class { alias, .. } | Self::Join { alias, .. } => alias,
        }
    }
}

/// A value that is computed for each row.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    Literal(Datum),
    Parameter(String),
    Path(Vec<String>),
    /// `count(*)`'s argument.
    Star,
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    /// A comparison or arithmetic operation.
    Binary(String, Box<Self>, Box<Self>),
    In(Box<Self>, Vec<Self>),
    IsNull(Box<Self>),
    Between(Box<Self>, Box<Self>, Box<Self>),
    Call {
        name: String,
        distinct: bool,
        arguments: Vec<Self>,
    },
    Map(Vec<Item>),
    List(Vec<Item>),
    Query(Box<Query>),
}

/// Functions of all rows of a group.
const AGGREGATES: [&str; 5] = ["count", "min", "max", "sum", "avg"];

impl Expression {
    /// The expressions that it is made of, without those of other queries.
    pub fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Literal(_) | Self::Parameter(_) | Self::Path(_) | Self::Star | Self::Query(_) => {
                Vec::new()
            }
            Self::Not(a) | Self::IsNull(a) => vec![a],
            Self::And(a, b) | Self::Or(a, b) | Self::Binary(_, a, b) => vec![a, b],
            Self::Between(a, b, c) => vec![a, b, c],
            Self::In(a, list) => std::iter::once(&**a).chain(list).collect(),
            Self::Call { arguments, .. } => arguments.iter().collect(),
            Self::Map(items) | Self::List(items) => items.iter().map(|item| &item.value).collect(),
        }
    }

    /// Whether it has one value for many rows.
    pub fn is_aggregate(&self) -> bool {
        let own = matches!(self, Self::Call { name, .. } if AGGREGATES.contains(&name.as_str()));
        own || self.parts().into_iter().any(Self::is_aggregate)
    }
}

#[cfg(test)]
mod tests;
