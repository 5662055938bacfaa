//! The command line as a shell gives it: the words before the cursor, and the one that is typed.

/// A command line up to the cursor, without the program's name.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// The words before the one that is typed.
    pub words: Vec<String>,
    /// What is typed of the last one, without its quotes.
    pub current: String,
    spelling: Spelling,
}

/// What the shell makes of a candidate.
#[derive(Debug, PartialEq, Eq)]
enum Spelling {
    /// It quotes what needs it.
    Shell,
    /// bash: it replaces what stands after the last of its own word breaks, and quotes nothing.
    Bash { done: usize, quoted: bool },
}

impl Line {
    /// From the arguments of the hidden command; `None` if a script gives something else.
    ///
    /// * `bash WORDBREAKS LINE`: bash cuts words at `:`, `=` and `@` too, so its script gives the
    ///   line as it is typed, up to the cursor;
    /// * `zsh -- WORD…` and `fish -- WORD…`, the last word being the one that is typed;
    /// * `powershell =WORD…`: Windows PowerShell drops empty arguments, so each begins with `=`.
    pub fn of(asked: &[String]) -> Option<Self> {
        let (shell, rest) = asked.split_first()?;
        match (shell.as_str(), rest) {
            ("bash", [breaks, line]) => Some(Self::of_bash(breaks, line)),
            ("zsh" | "fish", [dashes, words @ ..]) if dashes == "--" => Self::of_words(words),
            ("powershell", words) => {
                let words: Option<Vec<String>> = words
                    .iter()
                    .map(|word| word.strip_prefix('=').map(str::to_owned))
                    .collect();
                Self::of_words(&words?)
            }
            _ => None,
        }
    }

    fn of_words(words: &[String]) -> Option<Self> {
        let (current, words) = words.split_last()?;
        Some(Self {
            words: words.to_vec(),
            current: current.clone(),
            spelling: Spelling::Shell,
        })
    }

    fn of_bash(breaks: &str, line: &str) -> Self {
        let (mut words, current, quoted) = split(line);
        if !words.is_empty() {
            words.remove(0);
        }
        let is_break = |c: char| breaks.contains(c) && !c.is_whitespace() && !"\"'".contains(c);
        let done = match quoted {
            true => 0,
            false => current.rfind(is_break).map_or(0, |at| at + 1),
        };
        Self {
            words,
            current,
            spelling: Spelling::Bash { done, quoted },
        }
    }

    /// A candidate that begins with the current word, as the shell wants it.
    pub fn spelled(&self, candidate: &str) -> String {
        match self.spelling {
            Spelling::Shell => candidate.to_owned(),
            Spelling::Bash { done, quoted } => {
                let rest = candidate.get(done..).unwrap_or(candidate);
                if quoted {
                    rest.to_owned()
                } else {
                    escaped(rest)
                }
            }
        }
    }
}

/// With a backslash before what the shell would not take for text.
fn escaped(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:=@%+,".contains(c);
    let mut escaped = String::new();
    for letter in text.chars() {
        if !plain(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// Splits as the shell does; the last word may be unfinished, and says whether a quote is open.
fn split(line: &str) -> (Vec<String>, String, bool) {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (Some('"') | None, '\\') => {
                let next = letters.next();
                word.get_or_insert_default().extend(next);
            }
            (Some(_), _) => word.get_or_insert_default().push(letter),
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, _) if letter.is_whitespace() => words.extend(word.take()),
            (None, _) => word.get_or_insert_default().push(letter),
        }
    }
    (words, word.unwrap_or_default(), quote.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKS: &str = " \t\n\"'@><=;|&(:";

    fn line(asked: &[&str]) -> Option<Line> {
        let asked: Vec<String> = asked.iter().map(|word| (*word).to_owned()).collect();
        Line::of(&asked)
    }

    #[test]
    fn bash_gives_the_line_as_typed() {
        for (typed, words, current) in [
            ("omero ", &[][..], ""),
            ("omero lo", &[], "lo"),
            ("omero -s 'a b' lo", &["-s", "a b"], "lo"),
            ("omero a\\ b \"c", &["a b"], "c"),
            ("omero \"\" x", &[""], "x"),
            ("omero login root@h:40", &["login"], "root@h:40"),
        ] {
            let line = line(&["bash", BREAKS, typed]).unwrap();
            assert_eq!(line.words, words, "{typed}");
            assert_eq!(line.current, current, "{typed}");
        }
    }

    #[test]
    fn bash_replaces_what_follows_its_last_break() {
        let spelled = |typed: &str, candidate: &str| {
            line(&["bash", BREAKS, typed]).unwrap().spelled(candidate)
        };
        assert_eq!(spelled("omero login root@h:4", "root@h:4064"), "4064");
        assert_eq!(spelled("omero x --style=c", "--style=csv"), "csv");
        assert_eq!(spelled("omero -g my", "my group"), "my\\ group");
        assert_eq!(spelled("omero -g 'my", "my group"), "my group");
        assert_eq!(spelled("omero lo", "login"), "login");
    }

    #[test]
    fn other_shells_give_words() {
        let zsh = line(&["zsh", "--", "login", ""]).unwrap();
        assert_eq!((zsh.words.len(), zsh.current.as_str()), (1, ""));
        assert_eq!(zsh.spelled("my group"), "my group");
        let powershell = line(&["powershell", "=-s", "="]).unwrap();
        assert_eq!(powershell.words, ["-s"]);
        assert_eq!(powershell.current, "");
        for odd in [
            &["zsh"][..],
            &["zsh", "--"],
            &["fish", "x"],
            &["powershell", "x"],
            &["bash", "x"],
            &["csh", "--", ""],
            &[],
        ] {
            assert_eq!(line(odd), None, "{odd:?}");
        }
    }
}
