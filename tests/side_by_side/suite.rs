//! All cases, by a few workers at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, ErrorKind, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::case::{Case, Server, all};
use super::compare::Pair;
use super::differences::{Field, Row, listed, rows};
use super::expectation::broken;
use super::observed::{Observed, observe};
use super::peers::{Peer, present};
use super::program::{Installed, Program, nss_wrapper_present};
use super::world::merged;

/// How often a case is run again in which a name was not found.
const LOOKUPS: usize = 6;

/// What has come of one case.
enum Result {
    /// Both programs have run.
    Both(Box<Pair>),
    /// Ours alone has run.
    Alone(Box<Observed>),
    /// It needs a port that this user cannot have.
    Skipped,
    /// It could not be run to its end.
    Failed(String),
}

#[test]
fn both_programs_do_the_same() {
    if !present(&[Peer::OmeroPy]) || !nss_wrapper_present() {
        return;
    }
    let (cases, rows, _installed) = (all(), rows(), Installed);
    let wanted = std::env::var("SIDE_BY_SIDE").ok();
    let chosen: Vec<&Case> = cases
        .cases
        .iter()
        .filter(|case| {
            let named = |words: &String| words.split(',').any(|word| case.id.contains(word));
            wanted.as_ref().is_none_or(named)
        })
        .collect();
    let results = run_all(&chosen, &cases.default_server, &rows);
    let mut report = String::new();
    for case in &chosen {
        judge(case, &results[&case.id], &rows, &mut report);
    }
    if wanted.is_none() {
        unneeded(&results, &rows, &mut report);
    }
    assert!(report.is_empty(), "{report}");
}

#[test]
fn cases_have_names_of_their_own() {
    let cases = all().cases;
    let ids: BTreeSet<_> = cases.iter().map(|case| &case.id).collect();
    assert_eq!(ids.len(), cases.len());
    for row in rows() {
        for id in row.cases.keys() {
            assert!(ids.contains(id), "{}: there is no case {id}", row.id);
        }
    }
}

fn run_all(cases: &[&Case], default: &Server, rows: &[Row]) -> BTreeMap<String, Result> {
    let (next, results) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let workers = thread::available_parallelism().map_or(2, usize::from) + 1;
    thread::scope(|scope| {
        for worker in 0..workers.min(16) {
            let (next, results) = (&next, &results);
            let worker = u8::try_from(worker).expect("few workers");
            scope.spawn(move || {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let run = || run_one(case, default, rows, worker);
                    let result = catch_unwind(AssertUnwindSafe(run))
                        .unwrap_or_else(|panic| Result::Failed(words(panic.as_ref())));
                    let mut results = results.lock().expect("nobody panics here");
                    results.insert(case.id.clone(), result);
                }
            });
        }
    });
    results.into_inner().expect("nobody panics here")
}

fn run_one(case: &Case, default: &Server, rows: &[Row], worker: u8) -> Result {
    let server = merged(default, &case.given.server);
    let observe = |program| observe(case, &server, program, worker);
    let run = || -> io::Result<Result> {
        let mut ours = observe(Program::Ours)?;
        for _ in 0..LOOKUPS {
            if !lookup_was_lost(&ours) {
                break;
            }
            ours = observe(Program::Ours)?;
        }
        if listed(rows, &case.id).contains(&Field::Alone) {
            return Ok(Result::Alone(Box::new(ours)));
        }
        let theirs = observe(Program::Theirs)?;
        Ok(Result::Both(Box::new(Pair { ours, theirs })))
    };
    match run() {
        Ok(result) => result,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            let line = format!(
                "***** SKIPPED {}: only root may listen there *****",
                case.id
            );
            let _ = writeln!(io::stderr(), "{line}");
            Result::Skipped
        }
        Err(error) => Result::Failed(error.to_string()),
    }
}

/// Whether a server was not found. Ours asks for several names at once, and `nss_wrapper` loses some
/// of such questions: with the system's own `/etc/hosts` none of sixty listings did. A server that
/// is really away is so every time.
fn lookup_was_lost(ours: &Observed) -> bool {
    ours.stdout.contains("| Unreachable") || ours.stderr.contains("cannot find the host")
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "it panicked".to_owned())
}

/// Writes down what is wrong with a case.
fn judge(case: &Case, result: &Result, rows: &[Row], report: &mut String) {
    let mut wrong = String::new();
    let ours = match result {
        Result::Both(pair) => {
            let (found, listed) = (pair.differing(rows, None), listed(rows, &case.id));
            for field in found.difference(&listed) {
                let _ = writeln!(wrong, "{field:?} differs\n{}", pair.show(*field));
            }
            for field in listed.difference(&found).filter(|f| **f != Field::Order) {
                let _ = writeln!(wrong, "{field:?} does not differ, although a row says so");
            }
            &pair.ours
        }
        Result::Alone(ours) => ours,
        Result::Skipped => return,
        Result::Failed(words) => {
            let _ = writeln!(report, "=== {}: {}\n{words}\n", case.id, case.title);
            return;
        }
    };
    for sentence in broken(case, ours) {
        let _ = writeln!(wrong, "not as expected: {sentence}");
    }
    if !wrong.is_empty() {
        let (id, title, argv) = (&case.id, &case.title, case.given.argv.join(" "));
        let _ = writeln!(report, "=== {id}: {title}\n$ omero {argv}\n{wrong}");
    }
}

/// Writes down the rows that no case needs.
fn unneeded(results: &BTreeMap<String, Result>, rows: &[Row], report: &mut String) {
    // What was skipped may have needed them.
    if results
        .values()
        .any(|result| matches!(result, Result::Skipped))
    {
        return;
    }
    for (at, row) in rows.iter().enumerate() {
        let needs = |(id, result): (&String, &Result)| match result {
            Result::Both(pair) => !pair.differing(rows, Some(at)).is_subset(&listed(rows, id)),
            _ => false,
        };
        let needed = results.iter().any(needs);
        if (row.rewrite.is_empty() && row.cases.is_empty()) || (!row.rewrite.is_empty() && !needed)
        {
            let _ = writeln!(report, "=== no case needs the row {}", row.id);
        }
    }
}
