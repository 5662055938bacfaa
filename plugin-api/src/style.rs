//! The option `--style` and what it chooses.

/// How a table is written.
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
    pub fn value_argument() -> clap::Arg {
        clap::Arg::new("style")
            .long("style")
            .value_name("STYLE")
            .value_parser(["json", "plain"])
            .help("How to write the result (default: plain)")
    }

    /// The style that the option asked for.
    pub fn of(matches: &clap::ArgMatches) -> Self {
        matches
            .get_one::<String>("style")
            .and_then(|name| Self::named(name))
            .unwrap_or_default()
    }
}
