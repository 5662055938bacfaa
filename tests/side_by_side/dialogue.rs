//! A program in a terminal, and what is typed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use omero_tests::pty::{Apart, Terminal};

use super::case::Turn;

/// Runs a command in a terminal and answers its questions; gives the exit code and the screen.
pub fn hold(command: &Command, turns: &[Turn], scratch: &Path) -> (i32, String) {
    let mut terminal =
        Terminal::start(command, Apart::Nothing, scratch).expect("a terminal can be had");
    for turn in turns {
        terminal.expect(&turn.prompt);
        // What is typed before that is lost. The comparison of the screens tells whether a password
        // was shown.
        if turn.prompt.starts_with("Password") {
            until_hidden(&terminal);
        }
        match turn.send.as_str() {
            "^C" => {
                // A signal between the question and Python's wait for the answer would be forgotten.
                thread::sleep(Duration::from_secs(1));
                until_it_waits(&terminal);
                terminal.interrupt();
            }
            "^D" => terminal.end_of_input(),
            word => terminal.send(word),
        }
    }
    let ended = terminal.finish();
    let code = i32::try_from(ended.code).expect("exit codes are small");
    (code, ended.screen)
}

fn until_hidden(terminal: &Terminal) {
    let end = Instant::now() + Duration::from_secs(600);
    while terminal.echoes() {
        assert!(
            Instant::now() < end,
            "the terminal still shows what is typed"
        );
        thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until the program sleeps: a program that is about to wait but has not got the processor yet is
/// runnable, however long that takes.
fn until_it_waits(terminal: &Terminal) {
    let Some(id) = terminal.process_id() else {
        return;
    };
    let end = Instant::now() + Duration::from_secs(600);
    let (mut last, mut same) = (None, 0);
    while same < 10 && Instant::now() < end {
        thread::sleep(Duration::from_millis(20));
        let now = fs::read_to_string(format!("/proc/{id}/stat"))
            .ok()
            .and_then(|text| {
                // After the name: the state, and as the 12th and 13th the times in user and system mode.
                let fields: Vec<_> = text.rsplit_once(')')?.1.split_whitespace().collect();
                let field = |number: usize| fields.get(number).map(|text| (*text).to_owned());
                Some((field(0)?, field(11)?, field(12)?))
            });
        let sleeps = now.as_ref().is_some_and(|(state, _, _)| state == "S");
        same = if sleeps && now == last { same + 1 } else { 0 };
        last = now;
    }
}

/// The lines of a screen without questions, typed answers and empty lines, in the order of the
/// alphabet: what came from standard output and what from standard error cannot be told apart.
pub fn said(screen: &str, turns: &[Turn]) -> Vec<String> {
    let mut rest = screen.to_owned();
    for turn in turns {
        let shown = !turn.prompt.starts_with("Password") && !turn.send.starts_with('^');
        let typed = if shown { turn.send.as_str() } else { "" };
        for ending in ["", " "] {
            let asked = format!("{}{ending}{typed}\n", turn.prompt);
            if rest.contains(&asked) {
                rest = rest.replacen(&asked, "", 1);
                break;
            }
        }
        rest = rest.replacen(&turn.prompt, "", 1);
    }
    let mut lines: Vec<_> = rest.replace("^C", "").lines().map(str::to_owned).collect();
    lines.retain(|line| !line.trim().is_empty());
    lines.sort();
    lines
}
