//! The host: what all commands of one process share.

use std::{
    collections::{BTreeMap, HashSet},
    ffi::{OsStr, OsString},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use omero_plugin_abi::{PluginModule_Ref, SharedSession, Stream};
use omero_plugin_api::{Error, context::LoginTarget, manifest::Manifest};

use crate::{
    arguments::{Shown, Taken},
    configuration::{Configuration, Readings},
    environment::Environment,
    exit::{self, Failed, Speaker},
    interrupt::Interrupt,
    invocation::Invocation,
    leave::Leaving,
    life::Life,
    load::LoadError,
    plugins::{self, Plugin, Plugins},
    private_files, records,
    search::{self, Place},
    sessions::Sessions,
    streams::Streams,
    terminal::Input,
    trust::{self, Owners},
};

/// What all commands of one process share. Everything that a command may not need is made when it
/// is first asked for.
pub struct Host {
    /// The environment at start-up.
    pub environment: Environment,
    /// The standard streams.
    pub streams: Arc<Streams>,
    /// Standard input, line by line.
    pub input: Input,
    /// Ctrl-C.
    pub interrupt: Arc<Interrupt>,
    /// The plugins met so far.
    pub plugins: Plugins,
    /// The sessions lent so far.
    pub sessions: Sessions,
    /// The places that `--path` named.
    named_places: Mutex<Vec<Place>>,
    configuration: Readings,
    /// Whether commands are lines of a script or of the shell.
    runs_script: AtomicBool,
    entry_points: EntryPoints,
}

/// What a running command may ask of the whole house. It stands above every command, so it is
/// handed down here instead of being imported from below.
#[derive(Clone, Copy)]
pub struct EntryPoints {
    /// See [`Host::run`].
    pub run: fn(&Arc<Host>, Vec<OsString>) -> Result<i32, Failed>,
    /// See [`Host::invoke`].
    pub invoke: fn(&Arc<Host>, Vec<OsString>) -> Result<i32, Failed>,
    /// See [`Host::log_in`].
    pub log_in: fn(&Arc<Host>, Taken) -> Result<i32, Error>,
    /// See [`Host::lend`].
    pub lend: fn(&Arc<Host>, &Invocation) -> Result<SharedSession, Error>,
    /// See [`Host::login_target`].
    pub login_target: fn(&Arc<Host>, &Invocation) -> Result<LoginTarget, Error>,
}

impl Host {
    /// A host with this environment on the streams of the process.
    pub fn new(environment: Environment, entry_points: EntryPoints) -> Self {
        Self {
            environment,
            streams: Arc::new(Streams::of_process()),
            input: Input::default(),
            interrupt: Arc::default(),
            plugins: Plugins::default(),
            sessions: Sessions::default(),
            named_places: Mutex::default(),
            configuration: Readings::default(),
            runs_script: AtomicBool::new(false),
            entry_points,
        }
    }

    /// Runs a command line, without the program's name, and shows what it reports.
    ///
    /// # Errors
    ///
    /// What keeps it from running.
    pub fn run(self: &Arc<Self>, words: Vec<OsString>) -> Result<i32, Failed> {
        (self.entry_points.run)(self, words)
    }

    /// As [`Host::run`], for a command that another command runs: the user's aliases do not apply.
    ///
    /// # Errors
    ///
    /// As [`Host::run`].
    pub fn invoke(self: &Arc<Self>, words: Vec<OsString>) -> Result<i32, Failed> {
        (self.entry_points.invoke)(self, words)
    }

    /// Logs in with these login options, as `omero login` does.
    ///
    /// # Errors
    ///
    /// There is no session provider, or it cannot be used.
    pub fn log_in(self: &Arc<Self>, taken: Taken) -> Result<i32, Error> {
        (self.entry_points.log_in)(self, taken)
    }

    /// Lends the session that the login options of a command ask for.
    ///
    /// # Errors
    ///
    /// There is no session provider, or it could not attach.
    pub fn lend(self: &Arc<Self>, borrower: &Invocation) -> Result<SharedSession, Error> {
        (self.entry_points.lend)(self, borrower)
    }

    /// Server, user and group of the session that a command would use, as far as they are known
    /// without connecting.
    ///
    /// # Errors
    ///
    /// There is no session provider, or it fails.
    pub fn login_target(self: &Arc<Self>, borrower: &Invocation) -> Result<LoginTarget, Error> {
        (self.entry_points.login_target)(self, borrower)
    }

    /// The plugin of a command; `None` if no place has one.
    ///
    /// # Errors
    ///
    /// As [`Plugins::get`].
    pub fn plugin(&self, command: &str, places: &[Place]) -> Result<Option<Arc<Plugin>>, Error> {
        let owners = || self.trusted_owners(false);
        self.plugins.get(command, places, owners)
    }

    /// Opens a plugin unless that was done before.
    ///
    /// # Errors
    ///
    /// The library cannot be opened or does not fit.
    pub fn open(&self, plugin: &Plugin) -> Result<PluginModule_Ref, Error> {
        self.plugins.open(plugin, &self.streams)
    }

    /// Every plugin that a command may run, as [`plugins::describe_all`].
    ///
    /// # Errors
    ///
    /// The configuration cannot be used.
    pub fn describe_all(
        &self,
        quiet: bool,
    ) -> Result<BTreeMap<String, Result<Manifest, LoadError>>, Error> {
        let owners = self.trusted_owners(quiet)?;
        Ok(plugins::describe_all(&self.places(quiet)?, &owners))
    }

    /// Adds the places that `--path` names, for this command and all later ones.
    pub fn add_paths(&self, values: &[OsString], quiet: bool) {
        for value in values {
            let places = search::places_of_option(value);
            if places.is_empty() {
                self.warn(
                    quiet,
                    &format!("--path {}: {}", Shown(value), search::why_no_place(value)),
                );
            }
            self.named_places
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(places);
        }
    }

    /// The whole search path, each place once.
    ///
    /// # Errors
    ///
    /// The configuration cannot be used.
    pub fn places(&self, quiet: bool) -> Result<Vec<Place>, Error> {
        let mut places = self
            .named_places
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        places.extend(search::places_of_variable(&self.environment));
        let configured = self.configuration(quiet)?.texts("plugin-path")?;
        places.extend(
            configured
                .into_iter()
                .map(|path| search::place(PathBuf::from(path))),
        );
        places.extend(search::standard_places());
        let mut seen = HashSet::new();
        places.retain(|place| seen.insert(place.clone()));
        Ok(places)
    }

    /// The owners whose files are trusted besides the user's own and root's.
    ///
    /// # Errors
    ///
    /// The configuration cannot be used.
    pub fn trusted_owners(&self, quiet: bool) -> Result<Owners, Error> {
        Owners::configured(self.configuration(quiet)?)
    }

    /// The configuration, read on first use.
    ///
    /// # Errors
    ///
    /// The file cannot be used.
    pub fn configuration(&self, quiet: bool) -> Result<&Configuration, Error> {
        let read = || {
            let configuration = trust::configuration::read(&self.environment);
            let warnings = configuration.iter().flat_map(|c| &c.warnings);
            warnings.for_each(|warning| self.warn(quiet, warning));
            if let Ok(configuration) = &configuration
                && let Some(reason) = unreachable_files(configuration)
            {
                self.warn(quiet, &reason);
            }
            configuration
        };
        let newest = self.configuration.newest(read);
        newest.as_ref().map_err(Clone::clone)
    }

    /// Says that the configuration file was changed, for the next commands of this process.
    pub fn configuration_changed(&self) {
        self.configuration.outdate();
    }

    /// Writes `omero: warning: …` unless quiet.
    pub fn warn(&self, quiet: bool, text: &str) {
        if !quiet {
            // A warning that cannot be shown is no reason to fail.
            let line = format!("omero: warning: {text}\n");
            let _ = self.streams.write(Stream::ERROR, line.as_bytes());
        }
    }

    /// Writes `omero: hint: …` unless quiet.
    pub fn hint(&self, quiet: bool, text: &str) {
        if !quiet {
            // Ignore write errors: a lost hint must not change the exit code.
            let line = format!("omero: hint: {text}\n");
            let _ = self.streams.write(Stream::ERROR, line.as_bytes());
        }
    }

    /// Says what OMERO.py says when `DEBUG` is set.
    pub fn greet_debug_variable(&self) {
        if self.environment.filled("DEBUG").is_some() {
            let level = self.default_debug_level();
            let text = format!(
                "Deprecated warning: use 'omero --debug=x [args]' to debug\n\
                 Running omero with debugging == {level}\n"
            );
            // A closed output is noticed by the command that writes results.
            let _ = self.streams.write(Stream::OUTPUT, text.as_bytes());
        }
    }

    /// The debug level that the variable `DEBUG` asks for: its number, or 1 if it is none.
    pub fn default_debug_level(&self) -> u8 {
        let level = |value: &OsStr| {
            value
                .to_str()
                .and_then(|v| v.trim().parse().ok())
                .unwrap_or(1)
        };
        self.environment.filled("DEBUG").map_or(0, level)
    }

    /// Says that commands are lines of a script or of the shell from now on.
    pub fn script_begins(&self) {
        self.runs_script.store(true, Ordering::Relaxed);
    }

    /// Whether commands are lines of a script or of the shell: all of them work on one session.
    pub fn runs_script(&self) -> bool {
        self.runs_script.load(Ordering::Relaxed)
    }

    /// Forgets what belonged to one command, before the next one of a script begins. The session
    /// provider keeps its connections and knows which of them are still good.
    pub fn between_commands(&self) {
        self.forget_sessions();
    }

    /// Lets go of the sessions that were lent so far.
    pub fn forget_sessions(&self) {
        for life in self.sessions.forget() {
            self.end(&life);
        }
    }

    /// Ends the context of a command: a thread that it left behind can do nothing with it.
    pub fn end(&self, life: &Life) {
        self.streams.end(life);
        // A thread that was left at a hidden prompt must not leave the terminal without echo.
        self.interrupt.abandon_prompt();
    }

    /// Ends what is open and returns the code of the process: that of the command, unless its
    /// output could not be delivered. The output comes first: a plugin that does not stop, or a
    /// session that cannot be left, only delays the end of the process, and not for long.
    pub fn leave(&self, code: i32) -> i32 {
        let code = match self.streams.flush() {
            Err(error) if code == 0 => {
                exit::report(&self.streams, &Speaker::default(), &error, false)
            }
            _ => code,
        };
        if self.plugins.is_any_open() {
            let leaving = Leaving::begin(&self.streams, exit::status(code).into());
            leaving.is_at("the session provider");
            self.forget_sessions();
            self.plugins
                .shut_down(|path| leaving.is_at(&format!("the plugin {}", path.display())));
        }
        code
    }
}

/// Why the user's files count as absent: one sentence for all of them, since one home directory that
/// cannot be entered hides them all.
fn unreachable_files(configuration: &Configuration) -> Option<String> {
    let records = || private_files::unreachable(&records::directory()?);
    let reason = configuration.unreachable.clone().or_else(records)?;
    Some(format!(
        "{reason}; the configuration, plugins and other files of yours there count as absent"
    ))
}

#[cfg(test)]
mod tests;
