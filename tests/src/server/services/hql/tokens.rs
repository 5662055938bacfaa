//! Words of a query with their positions, as Hibernate's messages give them.

/// A word, number, quoted text or sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The text; a quoted text begins with `'` and has no mark at its end.
    pub text: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

impl Token {
    /// Whether it is this keyword or sign.
    pub fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it can be a name.
    pub fn is_name(&self) -> bool {
        self.text
            .starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// Takes a query apart.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (line, text) in (1..).zip(text.split('\n')) {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (token, length) = token(rest, first);
            if !first.is_whitespace() {
                let column = text.chars().count() - rest.chars().count() + 1;
                tokens.push(Token {
                    text: token,
                    line,
                    column,
                });
            }
            rest = rest.get(length..).unwrap_or_default();
        }
    }
    tokens
}

/// The token at the start of a text that begins with `first`, and how many bytes it takes.
fn token(text: &str, first: char) -> (String, usize) {
    let while_all = |wanted: &dyn Fn(char) -> bool| {
        let rest = &text[first.len_utf8()..];
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        first.len_utf8() + length
    };
    let length = match first {
        '\'' => return quoted(text),
        c if c.is_ascii_digit() => while_all(&|c| c.is_ascii_alphanumeric() || c == '.'),
        c if c.is_alphabetic() || "_:".contains(c) => {
            while_all(&|c| c.is_alphanumeric() || "_.$".contains(c))
        }
        _ if ["<=", ">=", "<>", "!=", "||"]
            .iter()
            .any(|sign| text.starts_with(sign)) =>
        {
            2
        }
        c => c.len_utf8(),
    };
    (text[..length].to_owned(), length)
}

/// A text in quotes, within which two marks stand for one.
fn quoted(text: &str) -> (String, usize) {
    let mut token = "'".to_owned();
    let mut at = 1;
    loop {
        let rest = &text[at..];
        let Some(mark) = rest.find('\'') else {
            token.push_str(rest);
            return (token, text.len());
        };
        token.push_str(&rest[..mark]);
        at += mark + 1;
        if !text[at..].starts_with('\'') {
            return (token, at);
        }
        token.push('\'');
        at += 1;
    }
}
