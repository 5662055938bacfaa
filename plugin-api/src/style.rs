//! The option `--style` and what it chooses.
//!
//! ```
//! use omero_plugin_api::{clap::Command, style::Style, table::Table};
//!
//! let command = Command::new("list").arg(Style::argument());
//! let matches = command.get_matches_from(["list", "--style", "json"]);
//! let mut table = Table::new(["id"]);
//! table.row(["3"]);
//! assert_eq!(table.render(Style::of(&matches)), "[{\"id\": \"3\"}]\n");
//! ```

/// How a table is written.
///
/// ```
/// use omero_plugin_api::{style::Style, table::Table};
///
/// let mut table = Table::new(["id", "name"]);
/// table.row(["3", "lab"]);
/// assert_eq!(table.render(Style::Sql), " id | name \n----+------\n 3  | lab  \n(1 row)\n");
/// assert_eq!(table.render(Style::Csv), "id,name\n3,lab\n");
/// assert_eq!(table.render(Style::Plain), "3,lab\n");
/// assert_eq!(table.render(Style::Json), "[{\"id\": \"3\", \"name\": \"lab\"}]\n");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Style {
    /// As `psql` prints it, for people.
    #[default]
    Sql,
    /// Comma-separated with a header line.
    Csv,
    /// Comma-separated without a header line.
    Plain,
    /// A list of objects.
    Json,
}

impl Style {
    /// The names that `--style` takes.
    pub const NAMES: [&'static str; 4] = ["csv", "json", "plain", "sql"];

    /// The style of this name.
    ///
    /// ```
    /// use omero_plugin_api::style::Style;
    /// assert_eq!(Style::named("csv"), Some(Style::Csv));
    /// assert_eq!(Style::named("xml"), None);
    /// assert!(Style::NAMES.iter().all(|name| Style::named(name).is_some()));
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sql" => Self::Sql,
            "csv" => Self::Csv,
            "plain" => Self::Plain,
            "json" => Self::Json,
            _ => return None,
        })
    }

    /// The option `--style` for a clap command.
    ///
    /// ```
    /// use omero_plugin_api::{clap::Command, style::Style};
    /// let command = Command::new("list").arg(Style::argument());
    /// let matches = command.get_matches_from(["list", "--style", "csv"]);
    /// assert_eq!(Style::of(&matches), Style::Csv);
    /// ```
    pub fn argument() -> clap::Arg {
        clap::Arg::new("style")
            .long("style")
            .value_name("STYLE")
            .value_parser(Self::NAMES)
            .help("How to write the table (default: sql)")
    }

    /// The option `--style` for a command whose result is one value: `json` or `plain`. See
    /// [`crate::value`].
    ///
    /// ```
    /// use omero_plugin_api::{clap::Command, style::Style, value::render};
    ///
    /// let command = Command::new("count").arg(Style::value_argument());
    /// let matches = command.clone().get_matches_from(["count", "--style", "json"]);
    /// assert_eq!(render(Style::of(&matches), 12, &[("images", 12.into())]), r#"{"images": 12}"#);
    /// assert!(command.try_get_matches_from(["count", "--style", "csv"]).is_err());
    /// ```
    pub fn value_argument() -> clap::Arg {
        clap::Arg::new("style")
            .long("style")
            .value_name("STYLE")
            .value_parser(["json", "plain"])
            .help("How to write the result (default: plain)")
    }

    /// The style that the option asked for.
    ///
    /// Without the option it is [`Style::Sql`]; a command with another default says so itself:
    ///
    /// ```
    /// use omero_plugin_api::{clap::Command, style::Style};
    ///
    /// let matches = Command::new("list").arg(Style::argument()).get_matches_from(["list"]);
    /// assert_eq!(Style::of(&matches), Style::Sql);
    ///
    /// let csv = Style::argument().default_value("csv");
    /// let matches = Command::new("export").arg(csv).get_matches_from(["export"]);
    /// assert_eq!(Style::of(&matches), Style::Csv);
    /// ```
    pub fn of(matches: &clap::ArgMatches) -> Self {
        matches
            .get_one::<String>("style")
            .and_then(|name| Self::named(name))
            .unwrap_or_default()
    }
}
