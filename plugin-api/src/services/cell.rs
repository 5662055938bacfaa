//! The values of query results.

use std::fmt;

use crate::slice::{Graph, SliceError, Value};

/// One value of a result row.
///
/// It shows itself as OMERO's command line writes it:
///
/// ```
/// use omero_plugin_api::services::{Cell, ModelObject};
/// let image = ModelObject { class: "Image".into(), id: 51, ..ModelObject::default() };
/// let row = [Cell::from(image), Cell::Text("a.tif".into()), Cell::Bool(true), Cell::Real(1e-5)];
/// assert_eq!(row.map(|cell| cell.to_string()), ["Image:51", "a.tif", "True", "1e-05"]);
/// ```
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
    /// A model object.
    Object(Box<ModelObject>),
    /// Several values.
    List(Vec<Cell>),
    /// Several values with names, as `select new map(…)` makes them.
    Map(Vec<(String, Cell)>),
}

/// A model object in a result row, as far as it is plain.
///
/// ```
/// use omero_plugin_api::services::{Cell, ModelObject};
///
/// let name = ("name".to_owned(), Cell::Text("a.tif".into()));
/// let image = ModelObject { class: "Image".into(), id: 51, fields: vec![name] };
/// let name = image.fields.iter().find(|(name, _)| name == "name");
/// assert!(matches!(name, Some((_, Cell::Text(text))) if text == "a.tif"));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelObject {
    /// Its class without `::omero::model::`, for instance `Image`.
    pub class: String,
    /// Its id; -1 where it has none.
    pub id: i64,
    /// The members that hold a plain value, by name, for instance `name`. Those that are null or
    /// refer to other objects are left out; an object that was not loaded has none.
    pub fields: Vec<(String, Cell)>,
}

impl From<ModelObject> for Cell {
    fn from(object: ModelObject) -> Self {
        Self::Object(Box::new(object))
    }
}

impl Cell {
    /// The value as a query parameter.
    pub(super) fn to_value(&self, graph: &mut Graph) -> Result<Value, SliceError> {
        Ok(match self {
            Self::Null => Value::Object(None),
            Self::Bool(value) => graph.rbool(*value),
            Self::Integer(value) => graph.rlong(*value),
            Self::Real(value) => graph.rdouble(*value),
            Self::Text(text) => graph.rstring(text.as_str()),
            Self::Time(value) => graph.rtime(*value),
            Self::Object(_) | Self::Map(_) => {
                return Err(SliceError::TypeMismatch {
                    expected: "plain value as query parameter".to_owned(),
                    found: "an object or map",
                });
            }
            Self::List(cells) => {
                let values = cells.iter().map(|cell| cell.to_value(graph));
                let values = values.collect::<Result<_, _>>()?;
                graph.rlist(values)
            }
        })
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(value) => f.write_str(if *value { "True" } else { "False" }),
            Self::Integer(value) | Self::Time(value) => write!(f, "{value}"),
            Self::Real(value) => f.write_str(&real(*value)),
            Self::Text(text) => f.write_str(text),
            Self::Object(object) => write!(f, "{}:{}", object.class, object.id),
            Self::List(cells) => {
                for (index, cell) in cells.iter().enumerate() {
                    write!(f, "{}{cell}", if index == 0 { "" } else { "," })?;
                }
                Ok(())
            }
            Self::Map(entries) => {
                for (index, (name, cell)) in entries.iter().enumerate() {
                    write!(f, "{}{name}={cell}", if index == 0 { "" } else { "," })?;
                }
                Ok(())
            }
        }
    }
}

/// A number as Python and so OMERO's command line writes it: `1.0`, `1e+16`, `1e-05`, `nan`.
fn real(value: f64) -> String {
    let text = format!("{value:?}").replace("NaN", "nan");
    let Some((digits, exponent)) = text.split_once('e') else {
        return text;
    };
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_in_python() {
        for (value, text) in [
            (0.0, "0.0"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.25e100, "1.25e+100"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(Cell::Real(value).to_string(), text);
        }
    }

    #[test]
    fn several_values() {
        let list = Cell::List(vec![
            Cell::Integer(1),
            Cell::Null,
            Cell::Text("x".to_owned()),
        ]);
        assert_eq!(list.to_string(), "1,,x");
        let map = Cell::Map(vec![
            ("a".to_owned(), Cell::Bool(false)),
            ("b".to_owned(), list),
        ]);
        assert_eq!(map.to_string(), "a=False,b=1,,x");
    }
}
