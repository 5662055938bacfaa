//! Results that are no table: one value for people, and the same as a JSON object for programs.
//!
//! ```
//! use omero_plugin_api::{
//!     Context, Error,
//!     clap::ArgMatches,
//!     style::Style,
//!     value::{Member, render},
//! };
//!
//! fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
//!     let id = ctx.session()?.info().group_id;
//!     let members = [("type", Member::from("Group")), ("id", id.into())];
//!     ctx.line(render(Style::of(matches), format_args!("Group:{id}"), &members))
//! }
//! # use omero_plugin_api::{clap::Command, testing::{FakeSession, Harness}};
//! # let harness = Harness::new(|| Command::new("group").arg(Style::value_argument()), run);
//! # let outcome = harness.session(FakeSession::new()).args(["--style", "json"]).run();
//! # assert_eq!(outcome.stdout, "{\"type\": \"Group\", \"id\": 0}\n");
//! ```

use std::fmt;

use crate::style::Style;

/// A member of the object.
///
/// ```
/// use omero_plugin_api::value::Member;
///
/// assert_eq!(Member::from("a.tif"), Member::Text("a.tif".into()));
/// assert_eq!(Member::from(Some(51)), Member::Integer(51));
/// assert_eq!(Member::from(None::<f64>), Member::Nothing);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Member {
    /// There is no value.
    Nothing,
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Any number.
    Number(f64),
}

impl From<&str> for Member {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Member {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<f64> for Member {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl<T: Into<Self>> From<Option<T>> for Member {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

/// The result as a line without its end: `plain`, or, in the style `json`, an object with these
/// members. Commands take the style with [`Style::value_argument`].
///
/// ```
/// use omero_plugin_api::{style::Style, value::{Member, render}};
/// let members = [("id", Member::from(3)), ("name", Member::from("lab \"3\""))];
/// assert_eq!(render(Style::default(), "Group:3", &members), "Group:3");
/// assert_eq!(
///     render(Style::Json, "Group:3", &members),
///     r#"{"id": 3, "name": "lab \"3\""}"#
/// );
/// ```
pub fn render(style: Style, plain: impl fmt::Display, members: &[(&str, Member)]) -> String {
    if style != Style::Json {
        return plain.to_string();
    }
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{}: {}", json(&Member::from(*name)), json(value)))
        .collect();
    format!("{{{}}}", members.join(", "))
}

fn json(value: &Member) -> serde_json::Value {
    match value {
        Member::Nothing => serde_json::Value::Null,
        Member::Text(text) => text.as_str().into(),
        Member::Integer(number) => (*number).into(),
        Member::Number(number) => (*number).into(),
    }
}
