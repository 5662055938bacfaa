//! The progress line: shown on a terminal only, and only when the work takes longer than a second.
//!
//! Several displays share the line: the oldest one draws all of them.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use omero_plugin_abi::{
    Progress, ProgressUnit, Stream,
    std_types::{ROption, RStr},
};

use crate::{life::Life, streams::Streams};

/// Work that takes less is not worth a line.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two pictures.
const TICK: Duration = Duration::from_millis(120);
const PICTURES: [char; 4] = ['-', '\\', '|', '/'];
/// Where the width of the terminal is unknown.
const USUAL_WIDTH: u16 = 80;

struct State {
    label: String,
    unit: ProgressUnit,
    done: u64,
    total: Option<u64>,
    ended: bool,
}

/// The displays of this process that are shown, the oldest first.
static SHOWN: Mutex<Vec<Arc<Shared>>> = Mutex::new(Vec::new());

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
    pub fn begin(
        streams: &Arc<Streams>,
        life: &Life,
        off: bool,
        label: &str,
        unit: ProgressUnit,
    ) -> Self {
        let state = State {
            label: one_line(label),
            unit,
            done: 0,
            total: None,
            ended: false,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            ended: Condvar::new(),
        });
        let shown = !off && streams.is_terminal(Stream::ERROR);
        let painter = shown.then(|| {
            let (streams, shared, life) = (Arc::clone(streams), Arc::clone(&shared), life.clone());
            all_shown().push(Arc::clone(&shared));
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
    fn set(&self, done: u64, total: ROption<u64>) {
        self.change(|state| (state.done, state.total) = (done, total.into_option()));
    }

    fn label(&self, text: RStr<'_>) {
        self.change(|state| state.label = one_line(text.as_str()));
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.change(|state| state.ended = true);
        self.shared.ended.notify_all();
        all_shown().retain(|shown| !Arc::ptr_eq(shown, &self.shared));
        if let Some(painter) = self.painter.take() {
            let _ = painter.join();
        }
    }
}

impl Shared {
    fn paint(self: &Arc<Self>, streams: &Streams, life: &Life) {
        let mut wait = PATIENCE;
        let mut shown = false;
        for picture in PICTURES.iter().cycle() {
            let state = self.lock();
            let (state, _) = self
                .ended
                .wait_timeout_while(state, wait, |state| !state.ended)
                .unwrap_or_else(PoisonError::into_inner);
            if state.ended || life.has_ended() {
                break;
            }
            // The locks of the displays are taken one after the other.
            drop(state);
            let all = all_shown().clone();
            if all.first().is_some_and(|oldest| Arc::ptr_eq(oldest, self)) {
                let texts: Vec<String> = all.iter().map(|one| one.lock().text()).collect();
                let width = streams.width(Stream::ERROR).unwrap_or(USUAL_WIDTH);
                streams.draw_progress(life, &line(*picture, &texts, usize::from(width)));
                shown = true;
            }
            wait = TICK;
        }
        if shown && !life.has_ended() {
            streams.erase_progress();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn all_shown() -> MutexGuard<'static, Vec<Arc<Shared>>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What fits on one line: a line that wraps could not be erased.
fn line(picture: char, texts: &[String], width: usize) -> String {
    let all = format!("{picture} {}", texts.join(" | "));
    all.chars().take(width.saturating_sub(1)).collect()
}

impl State {
    fn text(&self) -> String {
        let label = &self.label;
        let percent = |total: u64| match total {
            0 => 100,
            total => u128::from(self.done.min(total)) * 100 / u128::from(total),
        };
        match (self.unit, self.total) {
            (ProgressUnit::PERCENT, Some(total)) => format!("{label} {} %", percent(total)),
            (ProgressUnit::PERCENT, None) => label.clone(),
            (ProgressUnit::BYTES, Some(total)) => {
                let (unit, name) = unit_of(total);
                let (done, all) = (in_unit(self.done, unit), in_unit(total, unit));
                format!("{label} {done} of {all} {name} ({} %)", percent(total))
            }
            (ProgressUnit::BYTES, None) => {
                let (unit, name) = unit_of(self.done);
                format!("{label} {} {name}", in_unit(self.done, unit))
            }
            (_, Some(total)) => format!("{label} {}/{total}", self.done),
            (_, None) if self.done > 0 => format!("{label} {}", self.done),
            (_, None) => label.clone(),
        }
    }
}

/// The largest unit that is not larger than a number of bytes.
fn unit_of(bytes: u64) -> (u64, &'static str) {
    match bytes {
        0..1_000 => (1, "B"),
        1_000..1_000_000 => (1_000, "kB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    }
}

/// A number of bytes in a unit, with one decimal where it has any.
fn in_unit(bytes: u64, unit: u64) -> String {
    match unit {
        1 => bytes.to_string(),
        unit => format!("{}.{}", bytes / unit, bytes % unit * 10 / unit),
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
    }

    #[test]
    fn each_unit_has_its_text() {
        let text = |unit, done, total| {
            let label = "Reading".to_owned();
            State {
                label,
                unit,
                done,
                total,
                ended: false,
            }
            .text()
        };
        for (unit, done, total, shown) in [
            (ProgressUnit::ITEMS, 2, Some(5), "Reading 2/5"),
            (ProgressUnit::ITEMS, 2, None, "Reading 2"),
            (ProgressUnit::ITEMS, 0, None, "Reading"),
            (ProgressUnit(77), 2, Some(5), "Reading 2/5"),
            (ProgressUnit::PERCENT, 1, Some(8), "Reading 12 %"),
            (ProgressUnit::PERCENT, 9, Some(8), "Reading 100 %"),
            (ProgressUnit::PERCENT, 1, None, "Reading"),
            (
                ProgressUnit::BYTES,
                1_550_000,
                Some(3_000_000),
                "Reading 1.5 of 3.0 MB (51 %)",
            ),
            (ProgressUnit::BYTES, 999, None, "Reading 999 B"),
            (ProgressUnit::BYTES, 0, Some(0), "Reading 0 of 0 B (100 %)"),
        ] {
            assert_eq!(text(unit, done, total), shown);
        }
    }

    #[test]
    fn several_share_one_line_that_does_not_wrap() {
        let texts = ["a 1/2".to_owned(), "b 30 %".to_owned()];
        assert_eq!(line('-', &texts, 80), "- a 1/2 | b 30 %");
        assert_eq!(line('-', &texts, 10), "- a 1/2 |");
    }

    #[test]
    fn nothing_is_started_where_it_would_disturb() {
        let streams = Arc::new(Streams::discarding());
        assert!(
            ProgressLine::begin(&streams, &Life::default(), false, "x", ProgressUnit::ITEMS)
                .painter
                .is_none()
        );
    }
}
