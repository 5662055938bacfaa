//! Looks at every key before the line editor does: a secret never enters the editor's line, history
//! or kill ring, and a carriage return with a newline is one end of a line.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rustyline::{
    Cmd, ConditionalEventHandler, Event, EventContext, KeyCode, KeyEvent, Modifiers, RepeatCount,
};

/// Room for any password, so that growing leaves no copies of one in memory.
const CAPACITY: usize = 1024;

/// What the keys are read for.
#[derive(Clone, Default)]
pub struct Keys(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Whether a command asks.
    asking: bool,
    /// What was typed of a secret; `None` while a line is edited.
    secret: Option<String>,
    /// Whether the end of the input was the answer. As an error of the editor it would cost what
    /// was typed ahead.
    ended: bool,
    /// Whether the last key was a carriage return.
    after_return: bool,
}

impl Keys {
    /// Reads keys for a command's question until [`Keys::end_question`]; those of a secret are
    /// collected without being shown.
    pub fn begin_question(&self, secret: bool) {
        let mut state = self.lock();
        state.asking = true;
        state.ended = false;
        state.secret = secret.then(|| String::with_capacity(CAPACITY));
    }

    /// Returns whether the end of the input was the answer, and what was typed of a secret.
    pub fn end_question(&self) -> (bool, Option<String>) {
        let mut state = self.lock();
        state.asking = false;
        (state.ended, state.secret.take())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConditionalEventHandler for Keys {
    fn handle(
        &self,
        event: &Event,
        _: RepeatCount,
        _: bool,
        context: &EventContext<'_>,
    ) -> Option<Cmd> {
        let KeyEvent(code, modifiers) = *event.get(0)?;
        let mut state = self.lock();
        let line_is_empty = match &state.secret {
            Some(secret) => secret.is_empty(),
            None => context.line().is_empty(),
        };
        let is_newline = (code, modifiers) == (KeyCode::Char('J'), Modifiers::CTRL);
        let after_return = mem::replace(&mut state.after_return, code == KeyCode::Enter);
        // Text with the line ends of Windows was pasted: the newline ends no second line.
        if after_return && is_newline && line_is_empty {
            return Some(Cmd::Noop);
        }
        let is_end = (code, modifiers) == (KeyCode::Char('D'), Modifiers::CTRL);
        if state.asking && is_end && line_is_empty {
            state.ended = true;
            return Some(Cmd::AcceptLine);
        }
        state
            .secret
            .as_mut()
            .and_then(|secret| add(secret, code, modifiers))
    }
}

/// What a key does to a secret; `None` for the terminal's own keys.
fn add(secret: &mut String, code: KeyCode, modifiers: Modifiers) -> Option<Cmd> {
    match (code, modifiers) {
        (KeyCode::Enter, _) | (KeyCode::Char('J' | 'M'), Modifiers::CTRL) => {
            return Some(Cmd::AcceptLine);
        }
        // Interrupt, suspend, quit.
        (KeyCode::Char('C' | 'Z' | '\\'), Modifiers::CTRL) => return None,
        (KeyCode::Char('U'), Modifiers::CTRL) => secret.clear(),
        (KeyCode::Backspace, _) | (KeyCode::Char('H'), Modifiers::CTRL) => {
            secret.pop();
        }
        (KeyCode::Char(letter), Modifiers::NONE | Modifiers::SHIFT) => secret.push(letter),
        _ => {}
    }
    Some(Cmd::Noop)
}
