//! The progress line: shown on a terminal only, and only when the work takes longer than a second.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use omero_plugin_abi::{Progress, Stream, std_types::RStr};

use crate::{life::Life, streams::Streams};

/// Work that takes less is not worth a line.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two pictures.
const TICK: Duration = Duration::from_millis(120);
const PICTURES: [char; 4] = ['-', '\\', '|', '/'];

#[derive(Default)]
struct State {
    label: String,
    done: u64,
    total: u64,
    ended: bool,
}

struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

/// A progress line that goes away when it is dropped.
pub struct ProgressLine {
    shared: Arc<Shared>,
    painter: Option<JoinHandle<()>>,
}

impl ProgressLine {
    /// Begins; shows nothing if it is switched off, or where standard error is no terminal.
    pub fn begin(streams: &Arc<Streams>, life: &Life, off: bool, label: &str) -> Self {
        let state = State {
            label: one_line(label),
            ..State::default()
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            ended: Condvar::new(),
        });
        let shown = !off && streams.is_terminal(Stream::ERROR);
        let painter = shown.then(|| {
            let (streams, shared, life) = (Arc::clone(streams), Arc::clone(&shared), life.clone());
            thread::Builder::new()
                .name("progress".to_owned())
                .spawn(move || shared.paint(&streams, &life))
        });
        Self {
            shared,
            painter: painter.and_then(Result::ok),
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(
            &mut self
                .shared
                .state
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
    }
}

impl Progress for ProgressLine {
    fn set(&self, done: u64, total: u64) {
        self.change(|state| (state.done, state.total) = (done, total));
    }

    fn label(&self, text: RStr<'_>) {
        self.change(|state| state.label = one_line(text.as_str()));
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.change(|state| state.ended = true);
        self.shared.ended.notify_all();
        if let Some(painter) = self.painter.take() {
            let _ = painter.join();
        }
    }
}

impl Shared {
    fn paint(&self, streams: &Streams, life: &Life) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wait = PATIENCE;
        let mut shown = false;
        for picture in PICTURES.iter().cycle() {
            (state, _) = self
                .ended
                .wait_timeout_while(state, wait, |state| !state.ended)
                .unwrap_or_else(PoisonError::into_inner);
            if state.ended || life.has_ended() {
                break;
            }
            streams.draw_progress(life, &format!("{picture} {}", state.text()));
            shown = true;
            wait = TICK;
        }
        if shown && !life.has_ended() {
            streams.erase_progress();
        }
    }
}

impl State {
    fn text(&self) -> String {
        match self.total {
            0 => self.label.clone(),
            total => format!("{} {}/{total}", self.label, self.done),
        }
    }
}

/// Labels may hold names that came from a server: nothing in them may steer the terminal.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_plain_and_short() {
        assert_eq!(one_line("a\x1b[2Jb\nc"), "a[2Jbc");
        assert_eq!(one_line(&"x".repeat(100)).len(), 60);
        let state = State {
            label: "Reading".to_owned(),
            done: 2,
            total: 5,
            ended: false,
        };
        assert_eq!(state.text(), "Reading 2/5");
        assert_eq!(State { total: 0, ..state }.text(), "Reading");
    }

    #[test]
    fn nothing_is_started_where_it_would_disturb() {
        let streams = Arc::new(Streams::discarding());
        assert!(
            ProgressLine::begin(&streams, &Life::default(), false, "x")
                .painter
                .is_none()
        );
    }
}
