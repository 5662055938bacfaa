//! Values as text, in the forms that OMERO.py gives them.

use std::cell::Cell as Counter;
use std::fmt::Write as _;

use omero_plugin_api::{
    services::Cell,
    slice::{Graph, Object, SliceError, Value},
};

use crate::value::{Plain, class_name, id_of};

/// How deep collections may be nested: a hostile server can send one that contains itself.
const MAX_DEPTH: usize = 32;
/// How many bytes of text one result may become. A text that is sent once may be referred to often,
/// so the limits of decoding do not bound this.
const MAX_BYTES: usize = 512 * 1024 * 1024;
/// How many bytes of text one list or map may become.
const MAX_LITERAL: usize = 16 * 1024 * 1024;

/// Writes the values of one reply.
pub struct Writer<'a> {
    graph: &'a Graph,
    written: Counter<usize>,
}

impl<'a> Writer<'a> {
    /// A writer for the values of a graph.
    pub const fn new(graph: &'a Graph) -> Self {
        Self {
            graph,
            written: Counter::new(0),
        }
    }

    /// The graph of the values.
    pub const fn graph(&self) -> &'a Graph {
        self.graph
    }

    /// A value that stands alone.
    ///
    /// # Errors
    ///
    /// The reply is not consistent or too large.
    pub fn text(&self, value: &Plain<'_>) -> Result<String, SliceError> {
        let text = match value {
            Plain::Text(text) => (*text).to_owned(),
            Plain::Time(time) => local_time(*time),
            Plain::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            other => {
                let mut text = String::new();
                self.literal(other, &mut text, 0)?;
                text
            }
        };
        self.charge(text.len())?;
        Ok(text)
    }

    /// A value as Python writes it in a list: texts are quoted, times are milliseconds.
    fn literal(&self, value: &Plain<'_>, out: &mut String, depth: usize) -> Result<(), SliceError> {
        match value {
            Plain::Null => out.push_str("None"),
            Plain::Bool(true) => out.push_str("True"),
            Plain::Bool(false) => out.push_str("False"),
            Plain::Integer(number) | Plain::Time(number) => write(out, number),
            Plain::Real(number) => write(out, Cell::Real(*number)),
            Plain::Quantity(number, unit) => {
                write(out, format_args!("{} {unit}", Cell::Real(*number)))
            }
            Plain::Text(text) => quote(text, out),
            Plain::Bytes(bytes) => {
                out.push('b');
                quote(
                    &bytes.iter().copied().map(char::from).collect::<String>(),
                    out,
                );
            }
            Plain::Object(object) => {
                write(
                    out,
                    format_args!("{}:{}", class_name(object), self.id(object)?),
                );
            }
            Plain::Details(details) => {
                let (owner, group) = (
                    self.id_at(details, "_owner")?,
                    self.id_at(details, "_group")?,
                );
                write(out, format_args!("owner={owner};group={group}"));
            }
            Plain::Sequence(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    separate(out, index);
                    self.element(value, out, depth)?;
                }
                out.push(']');
            }
            Plain::Map(entries) => {
                out.push('{');
                for (index, (name, value)) in entries.iter().enumerate() {
                    separate(out, index);
                    self.element(name, out, depth)?;
                    out.push_str(": ");
                    self.element(value, out, depth)?;
                }
                out.push('}');
            }
            Plain::Other(class) => out.push_str(class.rsplit("::").next().unwrap_or(class)),
        }
        Ok(())
    }

    fn element(&self, value: &Value, out: &mut String, depth: usize) -> Result<(), SliceError> {
        limit("nesting of collections", depth, MAX_DEPTH)?;
        self.literal(&Plain::of(self.graph, value)?, out, depth + 1)?;
        limit("size of a list", out.len(), MAX_LITERAL)
    }

    /// The id of an object, in the form that Python has for none.
    pub fn id(&self, object: &Object) -> Result<String, SliceError> {
        Ok(id_of(self.graph, object)?.map_or_else(|| "None".to_owned(), |id| id.to_string()))
    }

    fn id_at(&self, details: &Object, member: &str) -> Result<String, SliceError> {
        match self.graph.object_of(details.get(member)?)? {
            Some(object) => self.id(object),
            None => Ok("None".to_owned()),
        }
    }

    fn charge(&self, bytes: usize) -> Result<(), SliceError> {
        let written = self.written.get().saturating_add(bytes);
        self.written.set(written);
        limit("size of a result", written, MAX_BYTES)
    }
}

/// Writing to a string cannot fail.
fn write(out: &mut String, value: impl std::fmt::Display) {
    let _ = write!(out, "{value}");
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push_str(", ");
    }
}

fn limit(what: &'static str, found: usize, limit: usize) -> Result<(), SliceError> {
    if found > limit {
        return Err(SliceError::LimitExceeded { what, limit });
    }
    Ok(())
}

/// A text as a Python literal.
fn quote(text: &str, out: &mut String) {
    let mark = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(mark);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            _ if c == mark => out.extend(['\\', c]),
            _ if c == ' ' || !(c.is_control() || c.is_whitespace()) => out.push(c),
            _ => {
                let code = u32::from(c);
                match code {
                    0..=0xff => write(out, format_args!("\\x{code:02x}")),
                    0x100..=0xffff => write(out, format_args!("\\u{code:04x}")),
                    _ => write(out, format_args!("\\U{code:08x}")),
                }
            }
        }
    }
    out.push(mark);
}

/// The text without control characters, which could steer the terminal. Line ends stay, since they
/// are part of long texts.
pub fn harmless(text: &str) -> String {
    let change = |c: char| if c.is_control() && c != '\n' { ' ' } else { c };
    text.chars().map(change).collect()
}

/// Milliseconds since 1970 as C's `ctime` writes local time, or the number for a time that no
/// calendar has.
fn local_time(milliseconds: i64) -> String {
    let Ok(time) = jiff::Timestamp::from_millisecond(milliseconds) else {
        return milliseconds.to_string();
    };
    let local = time.to_zoned(jiff::tz::TimeZone::system());
    local.strftime("%a %b %e %H:%M:%S %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> String {
        let mut out = String::new();
        quote(text, &mut out);
        out
    }

    #[test]
    fn texts_in_lists_are_python_literals() {
        assert_eq!(literal("a"), "'a'");
        assert_eq!(literal("it's"), "\"it's\"");
        assert_eq!(literal("it's \"x\""), r#"'it\'s "x"'"#);
        assert_eq!(
            literal("ü\n\\\u{1b}\u{a0}\u{2028}"),
            r"'ü\n\\\x1b\xa0\u2028'"
        );
    }

    #[test]
    fn list_in_itself_is_refused() {
        let mut graph = Graph::new();
        let list = graph.new_object("::omero::RList").unwrap();
        graph.set(list, "_val", vec![Value::from(list)]).unwrap();
        let value = Value::from(list);
        let plain = Plain::of(&graph, &value).unwrap();
        let error = Writer::new(&graph).text(&plain).unwrap_err();
        assert!(matches!(error, SliceError::LimitExceeded { .. }), "{error}");
    }

    #[test]
    fn text_that_is_referred_to_often_is_refused() {
        let mut graph = Graph::new();
        let mut value = graph.rstring("x".repeat(1 << 20));
        for _ in 0..20 {
            value = graph.rlist(vec![value.clone(), value]);
        }
        let plain = Plain::of(&graph, &value).unwrap();
        let error = Writer::new(&graph).text(&plain).unwrap_err();
        assert!(matches!(error, SliceError::LimitExceeded { .. }), "{error}");
    }

    #[test]
    fn values_in_lists() {
        let mut graph = Graph::new();
        let length = graph
            .new_object("::omero::model::LengthI".trim_end_matches('I'))
            .unwrap();
        graph.set(length, "_value", 0.5).unwrap();
        graph.set(length, "_unit", Value::Enum(14)).unwrap();
        let (time, real) = (graph.rtime(1500), graph.rfloat(0.5));
        let list = graph.rlist(vec![Value::Object(None), time.clone(), real]);
        let writer = Writer::new(&graph);
        let text = |value: &Value| writer.text(&Plain::of(&graph, value).unwrap()).unwrap();
        assert_eq!(text(&list), "[None, 1500, 0.5]");
        assert!(text(&Value::from(length)).starts_with("0.5 "));
        assert!(text(&time).ends_with(" 1970"));
    }
}
