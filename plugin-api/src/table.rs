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
///
/// ```
/// use omero_plugin_api::{
///     Context, Error,
///     clap::ArgMatches,
///     services::Admin,
///     table::{Style, Table},
/// };
///
/// fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
///     let mut table = Table::new(["id", "name"]);
///     for group in Admin::of(&ctx.session()?)?.groups()? {
///         table.row([group.id.to_string(), group.name]);
///     }
///     ctx.print(&table.render(Style::of(matches)))
/// }
/// # use omero_plugin_api::{clap::Command, services::{Group, admin}};
/// # use omero_plugin_api::testing::{Answer, FakeSession, Harness};
/// # let groups = [Group { id: 3, name: "lab".into(), ..Group::default() }];
/// # let fake = FakeSession::new().reply(&admin::LOOKUP_GROUPS, Answer::groups(&groups));
/// # let outcome = Harness::new(|| Command::new("groups").arg(Style::argument()), run)
/// #     .args(["--style", "plain"])
/// #     .session(fake)
/// #     .run();
/// # assert_eq!(outcome.stdout, "3,lab\n");
/// ```
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    page: Option<Page>,
}

/// Where the rows of a table stand in a longer result.
#[derive(Debug, Clone, Copy)]
struct Page {
    offset: u64,
    total: u64,
}

impl Table {
    /// A table with these columns.
    ///
    /// ```
    /// use omero_plugin_api::table::{Style, Table};
    ///
    /// let mut columns = vec!["name", "group"];
    /// let show_uuid = true;
    /// columns.extend(show_uuid.then_some("uuid"));
    /// assert_eq!(Table::new(columns).render(Style::Csv), "name,group,uuid\n");
    /// ```
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Self {
        Self {
            columns: columns.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
            page: None,
        }
    }

    /// Adds a row; missing cells are empty and surplus ones are dropped.
    ///
    /// ```
    /// # use omero_plugin_api::table::{Style, Table};
    /// let mut table = Table::new(["id", "name", "email"]);
    /// table.row(["2", "Lovelace, Ada"]);
    /// assert_eq!(table.render(Style::Plain), "2,\"Lovelace, Ada\",\n");
    /// ```
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let mut row: Vec<String> = cells.into_iter().map(Into::into).collect();
        row.resize(self.columns.len(), String::new());
        self.rows.push(row);
    }

    /// Says that the rows are part of a longer result: how many rows come before them and how many
    /// there are in all, as far as is known. Only [`Style::Sql`] shows it.
    ///
    /// ```
    /// use omero_plugin_api::table::{Style, Table};
    /// let mut table = Table::new(["#", "Col1"]);
    /// table.row(["0", "a.tif"]);
    /// table.page(50, 120);
    /// let text = table.render(Style::Sql);
    /// assert!(text.ends_with("\n(1 row, starting at 50 of approx. 120)\n"));
    /// ```
    pub fn page(&mut self, offset: u64, total: u64) {
        self.page = Some(Page { offset, total });
    }

    /// The number of rows.
    ///
    /// ```
    /// # use omero_plugin_api::table::Table;
    /// let mut table = Table::new(["name"]);
    /// for name in ["a.tif", "b.tif"] {
    ///     table.row([name]);
    /// }
    /// assert_eq!(table.len(), 2);
    /// ```
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    ///
    /// ```
    /// # use omero_plugin_api::table::Table;
    /// let table = Table::new(["name"]);
    /// assert!(table.is_empty(), "the columns are no row");
    /// ```
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The whole text, with a newline at its end.
    ///
    /// ```
    /// # use omero_plugin_api::table::{Style, Table};
    /// let mut table = Table::new(["id", "name"]);
    /// table.row(["51", "a\u{1b}[2J.tif"]);
    /// // No name can steer the user's terminal.
    /// assert_eq!(table.render(Style::Csv), "id,name\n51,a [2J.tif\n");
    /// assert!(table.render(Style::Json).contains(r#""a\u001b[2J.tif""#));
    /// ```
    pub fn render(&self, style: Style) -> String {
        match style {
            Style::Sql => self.sql(),
            Style::Csv => self.csv(true),
            Style::Plain => self.csv(false),
            Style::Json => self.json(),
        }
    }

    /// A space on both sides of each cell, `|` between columns, `-` and `+` under the titles. Cells
    /// are filled up to the same number of characters.
    fn sql(&self) -> String {
        let mut widths = vec![0; self.columns.len()];
        for row in std::iter::once(&self.columns).chain(&self.rows) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let mut layout = prettytable::Table::new();
        layout.set_format(sql_format());
        layout.set_titles(stand_ins(&self.columns, &widths));
        for row in &self.rows {
            layout.add_row(stand_ins(row, &widths));
        }
        let cells = std::iter::once(&self.columns).chain(&self.rows).flatten();
        let mut characters = cells.flat_map(|cell| cell.chars().map(visible_char));
        let mut text: String = layout
            .to_string()
            .chars()
            .map(|c| {
                if c == STAND_IN {
                    characters.next().unwrap_or(c)
                } else {
                    c
                }
            })
            .collect();
        text.push_str(&format!("({})\n", self.summary()));
        text
    }

    /// How many rows there are, and where they stand.
    fn summary(&self) -> String {
        let plural = if self.rows.len() == 1 { "row" } else { "rows" };
        let rows = format!("{} {plural}", self.rows.len());
        match self.page {
            Some(Page { offset, total }) => {
                format!("{rows}, starting at {offset} of approx. {total}")
            }
            None => rows,
        }
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

/// Takes the place of each character of a cell while the table is laid out. The printer counts
/// columns of the screen, OMERO's command line counts characters, and these differ for wide scripts
/// and combining marks.
const STAND_IN: char = 'x';

/// The format of psql: no frame, a line under the titles.
fn sql_format() -> TableFormat {
    FormatBuilder::new()
        .padding(1, 1)
        .column_separator('|')
        .separator(LinePosition::Title, LineSeparator::new('-', '+', '-', '-'))
        .build()
}

/// A row of stand-ins. The printer leaves the last column as short as it is, so it is filled up here.
fn stand_ins(row: &[String], widths: &[usize]) -> Row {
    let fill = |(cell, width): (&String, &usize)| {
        let length = cell.chars().count();
        let text = STAND_IN.to_string().repeat(length) + &" ".repeat(width - length);
        Cell::new(&text)
    };
    Row::new(row.iter().zip(widths).map(fill).collect())
}

/// The text without control characters: names come from a server and must not steer a terminal.
///
/// ```
/// use omero_plugin_api::table::visible;
/// assert_eq!(visible("red \u{1b}[31mname"), "red  [31mname");
/// ```
pub fn visible(text: &str) -> String {
    text.chars().map(visible_char).collect()
}

fn visible_char(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

/// A field as CSV has it. Line ends and tabs are data and stay, other control characters go, since
/// this style too is read on terminals.
fn quoted(field: &str) -> String {
    let field: String = field
        .chars()
        .map(|c| {
            if c.is_control() && !matches!(c, '\n' | '\r' | '\t') {
                ' '
            } else {
                c
            }
        })
        .collect();
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field
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
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
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
    fn sql_counts_characters_as_the_command_line_of_omero_does() {
        let mut table = Table::new(["A", "B"]);
        table.row(["ラボ", "ü"]);
        assert_eq!(
            table.render(Style::Sql),
            " A  | B \n----+---\n ラボ | ü \n(1 row)\n"
        );
    }

    #[test]
    fn cells_of_any_length_are_shown() {
        let mut table = Table::new(["A", "B"]);
        let long = "y".repeat(3_000_000);
        table.row(["1", &long]);
        table.row(["2", "short"]);
        let text = table.render(Style::Sql);
        assert!(text.contains(&format!(" 1 | {long} \n")));
        assert!(text.contains(&format!(" 2 | short{} \n", " ".repeat(long.len() - 5))));
    }

    #[test]
    fn no_style_lets_a_name_steer_the_terminal() {
        let mut table = Table::new(["A", "B"]);
        table.row(["\u{1b}[2J", "\u{9b}31m"]);
        for style in [Style::Sql, Style::Csv, Style::Plain, Style::Json] {
            let text = table.render(style);
            let steers = |c: char| c.is_control() && c != '\n';
            assert!(!text.contains(steers), "{style:?}: {text:?}");
        }
    }

    #[test]
    fn pages_are_for_people() {
        let mut table = table();
        table.page(0, 7);
        assert!(
            table
                .render(Style::Sql)
                .ends_with("(2 rows, starting at 0 of approx. 7)\n")
        );
        assert!(!table.render(Style::Csv).contains("approx"));
        assert!(!table.render(Style::Json).contains("approx"));
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
