//! The rows of a reply as a table, in the layout of OMERO.py.

use std::collections::HashMap;

use omero_plugin_api::{
    slice::{Decoded, Object, SliceError, Value},
    table::Table,
};

use crate::text::Writer;
use crate::value::{Plain, class_name, members};

/// Members of objects that never get a column.
const WITHOUT_COLUMN: [&str; 3] = ["_id", "_loaded", "_bytes"];
/// What the details of an object say that belongs to nobody, such as a user or a group.
const NO_DETAILS: &str = "owner=None;group=None";

/// The rows of a reply.
pub struct Rows<'a> {
    writer: Writer<'a>,
    rows: &'a [Value],
    ids_only: bool,
}

impl<'a> Rows<'a> {
    /// The rows of a reply to a query.
    ///
    /// # Errors
    ///
    /// The reply is not a sequence of rows.
    pub fn of(reply: &'a Decoded, ids_only: bool) -> Result<Self, SliceError> {
        let missing = || SliceError::TypeMismatch {
            expected: "a return value".to_owned(),
            found: "null",
        };
        Ok(Self {
            writer: Writer::new(&reply.graph),
            rows: reply.values.first().ok_or_else(missing)?.as_seq()?,
            ids_only,
        })
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// The object that is all of a row, unless only ids are asked for.
    ///
    /// # Errors
    ///
    /// The reply is not consistent.
    pub fn object(&self, index: usize) -> Result<Option<&'a Object>, SliceError> {
        let Some(row) = self.rows.get(index).filter(|_| !self.ids_only) else {
            return Ok(None);
        };
        let [value] = row.as_seq()? else {
            return Ok(None);
        };
        Ok(match Plain::of(self.writer.graph(), value)? {
            Plain::Object(object) => Some(object),
            _ => None,
        })
    }

    /// The table: a numbered line for each row, from 0. An object that is alone in its row has a
    /// column for each plain member; other values have the columns `Col1`, `Col2`, ….
    ///
    /// # Errors
    ///
    /// The reply is not consistent or too large.
    pub fn table(&self) -> Result<Table, SliceError> {
        let mut columns = Columns::default();
        columns.add("#");
        for (index, row) in self.rows.iter().enumerate() {
            match self.object(index)? {
                Some(object) => self.add_object(&mut columns, index, object)?,
                None => self.add_values(&mut columns, index, row.as_seq()?)?,
            }
        }
        Ok(columns.table())
    }

    fn add_values(
        &self,
        columns: &mut Columns,
        index: usize,
        values: &[Value],
    ) -> Result<(), SliceError> {
        let mut row = vec![index.to_string()];
        for (number, value) in values.iter().enumerate() {
            columns.add(&format!("Col{}", number + 1));
            row.push(self.writer.text(&Plain::of(self.writer.graph(), value)?)?);
        }
        columns.row(row, Vec::new());
        Ok(())
    }

    fn add_object(
        &self,
        columns: &mut Columns,
        index: usize,
        object: &Object,
    ) -> Result<(), SliceError> {
        columns.add("Class");
        columns.add("Id");
        let mut named = Vec::new();
        for (member, value) in members(object) {
            if let Some(text) = self.column_text(member, value)? {
                let column = columns.add(member.strip_prefix('_').unwrap_or(member));
                named.push((column, text));
            }
        }
        let row = vec![
            index.to_string(),
            class_name(object),
            self.writer.id(object)?,
        ];
        columns.row(row, named);
        Ok(())
    }

    /// The text of a member, or `None` where it has no column: it is empty, or holds several values.
    fn column_text(&self, member: &str, value: &Value) -> Result<Option<String>, SliceError> {
        let flag = member.starts_with('_') && member.ends_with("Loaded");
        if flag || WITHOUT_COLUMN.contains(&member) {
            return Ok(None);
        }
        let plain = Plain::of(self.writer.graph(), value)?;
        let empty = match &plain {
            Plain::Null | Plain::Sequence(_) => true,
            Plain::Text(text) => text.is_empty(),
            Plain::Bytes(bytes) => bytes.is_empty(),
            Plain::Map(entries) => entries.is_empty(),
            _ => false,
        };
        if empty {
            return Ok(None);
        }
        let text = self.writer.text(&plain)?;
        Ok(Some(text).filter(|text| member != "_details" || text != NO_DETAILS))
    }

    /// All members of the object in a row, one line each, in the order of their names; the id comes
    /// first and the details are left out.
    ///
    /// # Errors
    ///
    /// The reply is not consistent or too large.
    pub fn members(&self, object: &Object) -> Result<String, SliceError> {
        let mut lines = Vec::new();
        let mut all = members(object);
        all.retain(|(member, _)| !["_id", "_details"].contains(member));
        all.sort_by_key(|(member, _)| *member);
        lines.push(format!("id = {}", self.writer.id(object)?));
        for (member, value) in all {
            let plain = Plain::of(self.writer.graph(), value)?;
            let text = self.writer.text(&plain)?;
            let name = member.strip_prefix('_').unwrap_or(member);
            lines.push(match plain {
                Plain::Text(_) | Plain::Time(_) | Plain::Object(_) | Plain::Details(_) => {
                    format!("{name} = '{text}'")
                }
                _ => format!("{name} = {text}"),
            });
        }
        Ok(lines.join("\n"))
    }
}

/// A table whose columns are found while its rows are read.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    by_name: HashMap<String, usize>,
    rows: Vec<Vec<String>>,
}

impl Columns {
    /// The number of a column, which is added where there is none of this name yet.
    fn add(&mut self, name: &str) -> usize {
        if let Some(column) = self.by_name.get(name) {
            return *column;
        }
        let column = self.names.len();
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), column);
        column
    }

    /// Adds a row: its first cells by position, as OMERO.py does even where the columns there have
    /// other names, and the others by the number of their column. A cell without a value is `None`,
    /// or empty in a row that has named cells.
    fn row(&mut self, mut cells: Vec<String>, named: Vec<(usize, String)>) {
        let missing = if named.is_empty() { "None" } else { "" };
        cells.resize(self.names.len(), missing.to_owned());
        for (column, text) in named {
            if let Some(cell) = cells.get_mut(column) {
                *cell = text;
            }
        }
        self.rows.push(cells);
    }

    /// Rows are empty in the columns that were added after them.
    fn table(self) -> Table {
        let mut table = Table::new(self.names);
        for row in self.rows {
            table.row(row);
        }
        table
    }
}
