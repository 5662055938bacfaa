//! The rows as a table.

use omero_plugin_api::{
    services::{Cell, ModelObject},
    table::Table,
};

/// How often the database changed an object: of no use to anybody but the database.
const BOOKKEEPING: &str = "version";

/// Columns by name, and for each row the cells that it has in them.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    rows: Vec<Vec<(usize, String)>>,
}

/// The table: a numbered line for each row. The first row has the number `first`.
///
/// Rows of several values have the columns `Col1`, `Col2`, …. An object that stands alone in its
/// row is spread out: its class, its id and, unless only ids are asked for, its plain members; and
/// so is a map.
pub fn table(rows: &[Vec<Cell>], first: u64, ids_only: bool) -> Table {
    let mut columns = Columns::default();
    for row in rows {
        columns.rows.push(Vec::new());
        match row.as_slice() {
            [Cell::Object(object)] => columns.add_object(object, ids_only),
            [Cell::Map(entries)] => {
                for (name, cell) in entries {
                    columns.add(name, text(cell));
                }
            }
            cells => {
                for (index, cell) in cells.iter().enumerate() {
                    columns.add(&format!("Col{}", index + 1), text(cell));
                }
            }
        }
    }
    columns.table(first)
}

impl Columns {
    fn add_object(&mut self, object: &ModelObject, ids_only: bool) {
        self.add("Class", object.class.clone());
        self.add("Id", object.id.to_string());
        if ids_only {
            return;
        }
        for (name, cell) in object.fields.iter().filter(|(name, _)| name != BOOKKEEPING) {
            self.add(name, text(cell));
        }
    }

    /// Adds a cell to the last row, in a new column where there is none of this name yet.
    fn add(&mut self, name: &str, text: String) {
        let known = self.names.iter().position(|column| column == name);
        let column = known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        if let Some(row) = self.rows.last_mut() {
            row.push((column, text));
        }
    }

    fn table(self, first: u64) -> Table {
        let width = self.names.len();
        let mut names = self.names;
        if names.is_empty() {
            names.push("Col1".to_owned());
        }
        let mut table = Table::new(std::iter::once("#".to_owned()).chain(names));
        for (number, row) in (first..).zip(self.rows) {
            let mut cells = vec![String::new(); width];
            for (column, text) in row {
                cells[column] = text;
            }
            table.row(std::iter::once(number.to_string()).chain(cells));
        }
        table
    }
}

/// A database null is written as OMERO.py writes it, to tell it from an empty text.
fn text(cell: &Cell) -> String {
    match cell {
        Cell::Null => "None".to_owned(),
        other => other.to_string(),
    }
}
