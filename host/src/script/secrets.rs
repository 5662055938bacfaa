//! Finding passwords and session keys in a command line, so that neither history nor messages
//! keep them. Where it is not sure, a word counts as a secret.

/// What stands in the place of a secret.
const MASK: &str = "***";

/// Options with a value whose short names end a cluster, as the host and the session commands have
/// them.
const WITH_VALUE: &str = "spgudtef";

/// The command line without its secrets; `None` if it holds none.
pub fn masked(line: &str) -> Option<String> {
    let Some(words) = shlex::split(line) else {
        // Without its end a quote may hide anything.
        return Some(MASK.to_owned());
    };
    let mut found = false;
    let mut next_is_secret = false;
    // Behind `load`, `-k` is another option.
    let mut loads = false;
    let shown: Vec<String> = words
        .iter()
        .map(|word| {
            if std::mem::take(&mut next_is_secret) {
                found = true;
                return MASK.to_owned();
            }
            loads |= word == "load";
            match kind(word, loads) {
                Kind::Plain => word.clone(),
                Kind::Before => {
                    next_is_secret = true;
                    word.clone()
                }
                Kind::Secret => {
                    found = true;
                    MASK.to_owned()
                }
            }
        })
        .collect();
    found.then(|| shown.join(" "))
}

enum Kind {
    Plain,
    /// An option whose secret is the next word.
    Before,
    Secret,
}

fn kind(word: &str, loads: bool) -> Kind {
    if let Some(long) = word.strip_prefix("--") {
        let (name, joined) = match long.split_once('=') {
            Some((name, _)) => (name, true),
            None => (long, false),
        };
        let is = |option: &str, least: usize| name.len() >= least && option.starts_with(name);
        return match is("password", 2) || is("key", 1) {
            true if joined => Kind::Secret,
            true => Kind::Before,
            false => plain_or_nested(word),
        };
    }
    match word.strip_prefix('-') {
        Some(cluster) => of_cluster(cluster, loads),
        None => plain_or_nested(word),
    }
}

fn of_cluster(cluster: &str, loads: bool) -> Kind {
    for (at, letter) in cluster.char_indices() {
        match letter {
            'w' | 'k' if letter == 'w' || !loads => {
                let last = at + letter.len_utf8() == cluster.len();
                return if last { Kind::Before } else { Kind::Secret };
            }
            _ if WITH_VALUE.contains(letter) => return Kind::Plain,
            _ => {}
        }
    }
    Kind::Plain
}

/// A word may be a session key without an option, or a whole command of `-e`.
fn plain_or_nested(word: &str) -> Kind {
    let nested = word.contains(char::is_whitespace) && masked(word).is_some();
    if nested || is_key(word) {
        Kind::Secret
    } else {
        Kind::Plain
    }
}

/// Whether a word has the form of the keys that OMERO servers make, or ends in one after `=`.
fn is_key(word: &str) -> bool {
    let word = word.rsplit('=').next().unwrap_or(word);
    let groups: Vec<&str> = word.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups
            .iter()
            .all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn secrets_are_found_wherever_they_stand() {
        for (line, shown) in [
            ("login a@b -w secret", "login a@b -w ***"),
            ("-wsecret login a@b", "*** login a@b"),
            ("login -qw secret -s b", "login -qw *** -s b"),
            ("login --password=secret", "login ***"),
            ("login --pass secret b", "login --pass *** b"),
            ("login b -k K", "login b -k ***"),
            ("login b --key K", "login b --key ***"),
            ("-s b -k K load -k a", "-s b -k *** load -k a"),
            ("load -e 'login -w secret'", "load -e ***"),
            (
                "sessions close 0f8fad5b-d9cb-469f-a165-70867728950e",
                "sessions close ***",
            ),
            (
                "sessions timeout --session=0f8fad5b-d9cb-469f-a165-70867728950e",
                "sessions timeout ***",
            ),
            ("login 'open", "***"),
        ] {
            let expected = Some(shown.to_owned()).filter(|shown| shown != line);
            assert_eq!(masked(line), expected, "{line}");
        }
    }

    #[test]
    fn other_lines_are_left_alone() {
        for line in [
            "version",
            "group list --style json",
            "-swww.example.org login",
            "hql 'select i from Image i where i.name = -1'",
            "load -k a b",
        ] {
            assert_eq!(masked(line), None, "{line}");
        }
    }
}
