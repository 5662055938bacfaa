//! Tables in the styles of OMERO's command line: `sql`, `csv`, `plain` and `json`.
//!
//! ```
//! use omero_plugin_api::table::{Style, Table};
//! let mut table = Table::new(["Id", "Name"]);
//! table.row(["0", "system"]);
//! assert_eq!(
//!     table.render(Style::Sql),
//!     " Id | Name   \n----+--------\n 0  | system \n(1 row)\n"
//! );
//! ```

pub use crate::style::Style;
use prettytable::{
    Cell, Row,
    format::{FormatBuilder, LinePosition, LineSeparator, TableFormat},
};

/// Rows under named columns.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Self {
        Self {
            columns: columns.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; missing cells are empty and surplus ones are dropped.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let mut row: Vec<String> = cells.into_iter().map(Into::into).collect();
        row.resize(self.columns.len(), String::new());
        self.rows.push(row);
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The whole text, with a newline at its end.
    pub fn render(&self, style: Style) -> String {
        match style {
            Style::Sql => self.sql(),
            Style::Csv => self.csv(true),
            Style::Plain => self.csv(false),
            Style::Json => self.json(),
        }
    }

    fn sql(&self) -> String {
        // The printer does not fill the last column, OMERO's command line does.
        let all = || std::iter::once(&self.columns).chain(&self.rows);
        let width = all()
            .filter_map(|row| row.last())
            .map(|cell| cell.chars().count())
            .max();
        let mut table = prettytable::Table::new();
        table.set_format(sql_format());
        table.set_titles(cells(&self.columns, width.unwrap_or_default()));
        for row in &self.rows {
            table.add_row(cells(row, width.unwrap_or_default()));
        }
        let plural = if self.rows.len() == 1 { "row" } else { "rows" };
        format!("{table}({} {plural})\n", self.rows.len())
    }

    fn csv(&self, header: bool) -> String {
        let mut text = String::new();
        if header {
            text.push_str(&self.columns.join(","));
            text.push('\n');
        }
        for row in &self.rows {
            let fields: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
            text.push_str(&fields.join(","));
            text.push('\n');
        }
        if text.is_empty() {
            text.push('\n');
        }
        text
    }

    fn json(&self) -> String {
        let objects: Vec<String> = self
            .rows
            .iter()
            .map(|row| {
                let members: Vec<String> = self
                    .columns
                    .iter()
                    .zip(row)
                    .map(|(name, cell)| format!("{}: {}", json_string(name), json_string(cell)))
                    .collect();
                format!("{{{}}}", members.join(", "))
            })
            .collect();
        format!("[{}]\n", objects.join(",\n"))
    }
}

/// A space on both sides of each cell, `|` between columns, `-` and `+` under the titles.
fn sql_format() -> TableFormat {
    FormatBuilder::new()
        .column_separator('|')
        .padding(1, 1)
        .separator(LinePosition::Title, LineSeparator::new('-', '+', '-', '-'))
        .build()
}

/// A row of cells, the last one filled up to `last` characters.
fn cells(texts: &[String], last: usize) -> Row {
    let mut row: Vec<String> = texts.iter().map(|text| visible(text)).collect();
    if let Some(cell) = row.last_mut() {
        *cell = format!("{cell:last$}");
    }
    Row::new(row.iter().map(|text| Cell::new(text)).collect())
}

/// The text without control characters: names come from a server and must not steer a terminal.
pub fn visible(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// A JSON string in ASCII, as OMERO's command line writes it.
fn json_string(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            ' '..='~' => json.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    json.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["Server", "User"]);
        table.row(["localhost", "root"]);
        table.row(["ü,\"x\"", "a\nb"]);
        table
    }

    #[test]
    fn sql_keeps_the_trailing_blank_and_counts_rows() {
        assert_eq!(
            table().render(Style::Sql),
            " Server    | User \n-----------+------\n localhost | root \n ü,\"x\"     | a b  \n(2 rows)\n"
        );
        assert_eq!(
            Table::new(["A", "B"]).render(Style::Sql),
            " A | B \n---+---\n(0 rows)\n"
        );
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        assert_eq!(
            table().render(Style::Csv),
            "Server,User\nlocalhost,root\n\"ü,\"\"x\"\"\",\"a\nb\"\n"
        );
        assert_eq!(Table::new(["A"]).render(Style::Plain), "\n");
    }

    #[test]
    fn json_is_ascii() {
        assert_eq!(
            table().render(Style::Json),
            "[{\"Server\": \"localhost\", \"User\": \"root\"},\n{\"Server\": \"\\u00fc,\\\"x\\\"\", \"User\": \"a\\nb\"}]\n"
        );
        assert_eq!(Table::new(["A"]).render(Style::Json), "[]\n");
    }
}
