//! Whether ours does what a case expects.

use super::case::{Case, Code, Expect, Report, Words};
use super::dialogue::said;
use super::observed::Observed;
use super::text::without_ours;

/// What is not as expected, one sentence each.
pub fn broken(case: &Case, ours: &Observed) -> Vec<String> {
    let Some(expect) = &case.expect else {
        return Vec::new();
    };
    let mut broken = Vec::new();
    let mut check = |good: bool, what: String| {
        if !good {
            broken.push(what);
        }
    };
    let code = match &expect.exit_code {
        Code::Exactly(code) => ours.code == *code,
        Code::Word(_) => ours.code != 0,
    };
    check(
        code,
        format!("exit code {}, not {:?}", ours.code, expect.exit_code),
    );
    let stderr = without_ours(&ours.stderr);
    let wanted = reported(&expect.stderr, &expect.report);
    if let Some(turns) = &case.given.tty {
        let mut lines = Vec::new();
        for words in [&expect.stdout, &wanted] {
            let text = words.exact.iter().flat_map(|text| text.lines());
            lines.extend(text.map(str::to_owned));
        }
        lines.retain(|line| !line.trim().is_empty());
        lines.sort();
        let said = said(&stderr, turns);
        check(said == lines, format!("said {said:#?}\nnot {lines:#?}"));
    } else {
        check(
            fits(&expect.stdout, &ours.stdout),
            format!("stdout {:?}\nnot {:?}", ours.stdout, expect.stdout),
        );
        check(
            fits(&wanted, &stderr),
            format!("stderr {stderr:?}\nnot {wanted:?}"),
        );
    }
    check_places(expect, ours, &mut check);
    broken
}

fn check_places(expect: &Expect, ours: &Observed, check: &mut impl FnMut(bool, String)) {
    check(
        ours.store == expect.store,
        format!("store {:#?}\nnot {:#?}", ours.store, expect.store),
    );
    for (path, mode) in &expect.modes {
        let found = ours.modes.get(path);
        check(
            found == Some(mode),
            format!("mode of {path} {found:?}, not {mode}"),
        );
    }
    check(
        ours.server.iter().eq(expect.server_sessions_after.iter()),
        format!(
            "sessions {:?}\nnot {:?}",
            ours.server, expect.server_sessions_after
        ),
    );
}

fn fits(words: &Words, text: &str) -> bool {
    let place = |wanted: &String| wanted.replace("{TMP}/in", "{STORE}");
    let exact = words.exact.as_ref().map(place);
    exact.is_none_or(|exact| exact == text)
        && words
            .contains
            .iter()
            .map(place)
            .all(|part| text.contains(&part))
}

/// The words with each report line in our form.
fn reported(words: &Words, reports: &[Report]) -> Words {
    let mut words = words.clone();
    let texts = words.exact.iter_mut().chain(&mut words.contains);
    let mut reports = reports.iter().peekable();
    for text in texts {
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        for line in &mut lines {
            let begins =
                |report: &&&Report| line.starts_with(&format!("{} session for ", report.action));
            if let Some(report) = reports.next_if(|report| begins(&report)) {
                *line = report_line(report);
            }
        }
        *text = lines.concat();
    }
    words
}

fn report_line(report: &Report) -> String {
    let minutes = |milliseconds: i64| format!("{:?}", milliseconds as f64 / 60_000.0);
    let Report {
        action,
        uuid,
        user,
        host,
        port,
        group,
        ..
    } = report;
    let mut line = format!("{action} session {uuid} ({user}@{host}:{port}).");
    if report.idle_ms > 0 {
        line += &format!(" Idle timeout: {} min.", minutes(report.idle_ms));
    }
    if report.ttl_ms > 0 {
        line += &format!(" Expires in {} min.", minutes(report.ttl_ms));
    }
    line + &format!(" Current group: {group}\n")
}
