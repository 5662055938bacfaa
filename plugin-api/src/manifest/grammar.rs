//! The command line of a plugin, as data: what its clap command says.

use serde::{Deserialize, Serialize};

/// One command with its options and subcommands.
///
/// ```
/// use omero_plugin_api::{build::Builder, clap, uses_session};
///
/// let list = uses_session(clap::Command::new("list").visible_alias("ls"));
/// let builder = Builder::new(clap::Command::new("group").subcommand(list));
/// let group = &builder.manifest().command;
/// assert!(!group.uses_session);
/// assert!(group.commands[0].uses_session);
/// assert_eq!(group.commands[0].aliases, ["ls"]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Command {
    /// The word that calls it.
    pub name: String,
    /// Other words that call it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Other words that call it and that the help leaves out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hidden_aliases: Vec<String>,
    /// One line for lists.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The longer text of its own help page.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub long_about: String,
    /// Text after the options, such as examples.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub after_help: String,
    /// Whether lists leave it out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// Whether it takes the login options (`-s`, `-u`, …) because it works on a session.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub uses_session: bool,
    /// Whether it needs one of its subcommands.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub subcommand_required: bool,
    /// Whether its help shows the options of its subcommands too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub flatten_help: bool,
    /// Whether a word that is none of its subcommands is one that only the plugin knows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub external_subcommands: bool,
    /// Whether a subcommand may follow an argument that takes any number of values.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub subcommand_precedence: bool,
    /// Whether no subcommand may follow one of its arguments.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub arguments_exclude_subcommands: bool,
    /// Options and positional arguments, positionals in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<Argument>,
    /// Subcommands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Command>,
}

impl Command {
    /// Returns the subcommand that a word calls by its name or an alias.
    ///
    /// ```
    /// # use omero_plugin_api::{build::Builder, clap};
    /// let list = clap::Command::new("list").visible_alias("ls").alias("l");
    /// let builder = Builder::new(clap::Command::new("group").subcommand(list));
    /// let group = &builder.manifest().command;
    /// assert_eq!(group.subcommand("l").map(|sub| sub.name.as_str()), Some("list"));
    /// assert!(group.subcommand("lis").is_none());
    /// ```
    pub fn subcommand(&self, word: &str) -> Option<&Command> {
        self.commands.iter().find(|sub| {
            let mut aliases = sub.aliases.iter().chain(&sub.hidden_aliases);
            sub.name == word || aliases.any(|alias| alias == word)
        })
    }
}

/// One option or positional argument.
///
/// ```
/// use omero_plugin_api::{build::Builder, clap::{Arg, Command}};
///
/// let style = Arg::new("style").long("style").value_parser(["plain", "csv"]).help("How to show");
/// let builder = Builder::new(Command::new("hql").arg(style));
/// let style = &builder.manifest().command.arguments[0];
/// assert_eq!((style.long.as_deref(), style.help.as_str()), (Some("style"), "How to show"));
/// assert_eq!(style.possible_values, ["plain", "csv"]);
/// assert_eq!((style.min_values, style.max_values), (1, Some(1)));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Argument {
    /// Its name inside the plugin.
    pub id: String,
    /// `-x`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short: Option<char>,
    /// `--name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long: Option<String>,
    /// Other letters for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub short_aliases: Vec<char>,
    /// Other letters for it that the help leaves out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hidden_short_aliases: Vec<char>,
    /// Other long names for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Other long names for it that the help leaves out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hidden_aliases: Vec<String>,
    /// One line of help.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// Names of its values in the help. Empty for a flag.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub value_names: Vec<String>,
    /// The fewest values per occurrence.
    pub min_values: usize,
    /// The most values per occurrence; `None` is no limit.
    pub max_values: Option<usize>,
    /// Whether it may stand several times.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repeatable: bool,
    /// Whether it must stand.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether the help leaves it out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// Whether any value may begin with `-`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hyphen_values: bool,
    /// Whether everything from its first value on belongs to it, options included.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub trailing: bool,
    /// Whether its values stand only after `--`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub last: bool,
    /// Whether a value has to follow its name after `=`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub require_equals: bool,
    /// What separates the values in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// The word that ends its values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminator: Option<String>,
    /// The only values it takes, where they are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub possible_values: Vec<String>,
    /// The value that counts when it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The heading under which the help lists it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// What its values are, for completion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<ValueHint>,
}

impl Argument {
    /// Whether it takes a value, so that a following word may belong to it.
    ///
    /// ```
    /// # use omero_plugin_api::{build::Builder, clap::{Arg, ArgAction, Command}};
    /// let limit = Arg::new("limit").long("limit");
    /// let all = Arg::new("all").long("all").action(ArgAction::SetTrue);
    /// let builder = Builder::new(Command::new("hql").args([limit, all]));
    /// let arguments = &builder.manifest().command.arguments;
    /// assert!(arguments[0].takes_value());
    /// assert!(!arguments[1].takes_value());
    /// ```
    pub fn takes_value(&self) -> bool {
        self.max_values != Some(0)
    }

    /// All long names, those that the help leaves out included.
    ///
    /// ```
    /// # use omero_plugin_api::{build::Builder, clap::{Arg, Command}};
    /// let limit = Arg::new("limit").long("limit").visible_alias("max").alias("most");
    /// let builder = Builder::new(Command::new("hql").arg(limit));
    /// let limit = &builder.manifest().command.arguments[0];
    /// assert_eq!(limit.longs().collect::<Vec<_>>(), ["limit", "max", "most"]);
    /// ```
    pub fn longs(&self) -> impl Iterator<Item = &str> {
        let aliases = self.aliases.iter().chain(&self.hidden_aliases);
        self.long.iter().chain(aliases).map(String::as_str)
    }

    /// All letters, those that the help leaves out included.
    ///
    /// ```
    /// # use omero_plugin_api::{build::Builder, clap::{Arg, Command}};
    /// let limit = Arg::new("limit").short('l').short_alias('m');
    /// let builder = Builder::new(Command::new("hql").arg(limit));
    /// let limit = &builder.manifest().command.arguments[0];
    /// assert_eq!(limit.shorts().collect::<String>(), "lm");
    /// ```
    pub fn shorts(&self) -> impl Iterator<Item = char> {
        let aliases = self.short_aliases.iter().chain(&self.hidden_short_aliases);
        self.short.iter().chain(aliases).copied()
    }

    /// Whether it is positional.
    ///
    /// ```
    /// # use omero_plugin_api::{build::Builder, clap::{Arg, Command}};
    /// let command = Command::new("hql").arg(Arg::new("query")).arg(Arg::new("limit").long("limit"));
    /// let builder = Builder::new(command);
    /// let arguments = &builder.manifest().command.arguments;
    /// assert!(arguments[0].is_positional());
    /// assert!(!arguments[1].is_positional());
    /// ```
    pub fn is_positional(&self) -> bool {
        self.short.is_none() && self.long.is_none()
    }
}

/// What an argument's values are.
///
/// ```
/// use omero_plugin_api::{build::Builder, clap::{Arg, Command}, manifest::ValueHint};
///
/// // The name of the value says it.
/// let owner = Arg::new("owner").long("owner").value_name("USER");
/// let builder = Builder::new(Command::new("chown").arg(owner));
/// assert_eq!(builder.manifest().command.arguments[0].hint, Some(ValueHint::User));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueHint {
    /// Any path.
    Path,
    /// A file.
    File,
    /// A directory.
    Directory,
    /// An OMERO server.
    Host,
    /// An OMERO user.
    User,
    /// An OMERO group.
    Group,
    /// The key of a stored session.
    Session,
    /// Something a newer plugin knows.
    #[serde(other)]
    Other,
}
