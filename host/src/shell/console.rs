//! The shell's terminal. One line editor reads all of it, for commands and for the questions that
//! commands ask: what arrives in one piece but belongs to later lines waits in the editor's buffer,
//! and another reader would miss it.

use std::{collections::VecDeque, sync::Arc};

use omero_plugin_api::Error;
use rustyline::{
    Behavior, CompletionType, Config, Editor, Event, EventHandler, ExternalPrinter,
    error::ReadlineError, history::FileHistory,
};

use super::{Lines, completion::Completion, history::LONGEST, keys::Keys, unusable};
use crate::{host::Host, terminal};

/// Terminals that the line editor reads like a file, without its keys.
const WITHOUT_KEYS: [&str; 3] = ["dumb", "cons25", "emacs"];

/// The terminal and what was read ahead of it.
pub struct Console {
    host: Arc<Host>,
    editor: Lines,
    keys: Keys,
    /// Further lines of a paste, which is read as one text.
    pasted: VecDeque<String>,
}

impl Console {
    /// Opens the terminal.
    ///
    /// # Errors
    ///
    /// The terminal cannot be used.
    pub fn open(host: &Arc<Host>) -> Result<Self, Error> {
        let keys = Keys::default();
        let history = FileHistory::with_config(&config()?);
        Ok(Self {
            host: Arc::clone(host),
            editor: editor(host, &keys, history)?,
            keys,
            pasted: VecDeque::new(),
        })
    }

    /// The line editor, for its history.
    pub fn editor(&mut self) -> &mut Lines {
        &mut self.editor
    }

    /// Whether commands may ask through this console: the editor sees every key.
    pub fn answers_questions(&mut self) -> bool {
        let term = self.host.environment.get("TERM").unwrap_or_default();
        let without_keys = WITHOUT_KEYS.iter().any(|t| term.eq_ignore_ascii_case(t));
        !without_keys && self.editor.dimensions().is_some()
    }

    /// Reads the next line that was typed or pasted.
    ///
    /// # Errors
    ///
    /// Ctrl-C, Ctrl-D; the terminal cannot be read.
    pub fn line(&mut self, prompt: &str) -> Result<String, ReadlineError> {
        if let Some(line) = self.pasted.pop_front() {
            self.show(&format!("{prompt}{line}\n"))?;
            return Ok(line);
        }
        let text = self.editor.readline(prompt)?;
        let mut lines = text.lines().map(str::to_owned);
        let first = lines.next().unwrap_or_default();
        self.pasted.extend(lines);
        Ok(first)
    }

    /// Forgets what was typed ahead, as a terminal does at Ctrl-C.
    ///
    /// # Errors
    ///
    /// The terminal cannot be used.
    pub fn forget_typed_ahead(&mut self) -> Result<(), Error> {
        self.pasted.clear();
        let history = std::mem::take(self.editor.history_mut());
        self.editor = editor(&self.host, &self.keys, history)?;
        Ok(())
    }

    fn complete(&mut self, whether: bool) {
        if let Some(completion) = self.editor.helper_mut() {
            completion.enabled = whether;
        }
    }

    fn show(&mut self, text: &str) -> Result<(), ReadlineError> {
        self.editor
            .create_external_printer()?
            .print(text.to_owned())
    }

    /// Reads an answer, with neither history nor completion, which are about commands.
    fn ask(
        &mut self,
        secret: bool,
        read: impl FnOnce(&mut Self) -> Result<String, ReadlineError>,
    ) -> Result<Option<String>, Error> {
        let history = std::mem::take(self.editor.history_mut());
        self.complete(false);
        self.keys.begin_question(secret);
        let read = read(self);
        let (ended, secret) = self.keys.end_question();
        self.complete(true);
        *self.editor.history_mut() = history;
        match read {
            Ok(_) if ended => Ok(None),
            Ok(line) => Ok(Some(secret.unwrap_or(line))),
            Err(ReadlineError::Eof) => Ok(None),
            Err(ReadlineError::Interrupted) => {
                self.pasted.clear();
                Err(Error::cancelled())
            }
            Err(reason) => Err(unusable(&reason)),
        }
    }
}

impl terminal::Console for Console {
    fn line(&mut self, prompt: &str) -> Result<Option<String>, Error> {
        self.ask(false, |console| console.line(prompt))
    }

    fn secret(&mut self, prompt: &str) -> Result<Option<String>, Error> {
        match self.pasted.pop_front() {
            Some(line) => self.ask(false, |console| {
                console.show(&format!("{prompt}\n"))?;
                Ok(line)
            }),
            None => self.ask(true, |console| console.editor.readline(prompt)),
        }
    }
}

fn config() -> Result<Config, Error> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .history_ignore_space(true)
        .max_history_size(LONGEST)
        .and_then(|config| config.history_ignore_dups(true))
        .map_err(|reason| unusable(&reason))?
        // Where standard output goes elsewhere, people still type on the terminal.
        .behavior(Behavior::PreferTerm)
        .build();
    Ok(config)
}

fn editor(host: &Arc<Host>, keys: &Keys, history: FileHistory) -> Result<Lines, Error> {
    let mut editor =
        Editor::with_history(config()?, history).map_err(|reason| unusable(&reason))?;
    editor.set_helper(Some(Completion::new(host)));
    let keys = EventHandler::Conditional(Box::new(keys.clone()));
    editor.bind_sequence(Event::Any, keys);
    Ok(editor)
}
