//! From the text of a query to its parts.

use super::super::super::database::Datum;
use super::tokens::{Token, tokens};
use super::{Expression, Item, Query, Source};

/// Words that are no names.
const RESERVED: [&str; 22] = [
    "select", "from", "where", "group", "order", "having", "as", "join", "left", "right", "inner",
    "outer", "fetch", "and", "or", "not", "in", "is", "like", "between", "asc", "desc",
];

/// Signs of comparisons.
const COMPARISONS: [&str; 7] = ["=", "!=", "<>", "<", "<=", ">", ">="];

/// Reads a query, or tells what is wrong with it in Hibernate's manner.
pub fn parse(text: &str) -> Result<Query, String> {
    let mut parser = Parser {
        tokens: tokens(text),
        at: 0,
        text,
    };
    let query = parser.query()?;
    match parser.peek() {
        None => Ok(query),
        Some(_) => Err(parser.unexpected()),
    }
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    text: &'a str,
}

type Parsed<T = Expression> = Result<T, String>;

impl Parser<'_> {
    fn query(&mut self) -> Parsed<Query> {
        let (mut items, mut distinct) = (Vec::new(), false);
        if self.keyword("select") {
            distinct = self.keyword("distinct");
            items = self.list(Self::item)?;
        }
        if self.tokens.is_empty() {
            return Err(format!("unexpected end of subtree [{}]", self.text));
        }
        self.expect("from")?;
        let sources = self.sources()?;
        let condition = match self.keyword("where") {
            true => Some(self.expression()?),
            false => None,
        };
        let mut groups = Vec::new();
        if self.keyword("group") {
            self.expect("by")?;
            groups = self.list(Self::expression)?;
        }
        let mut order = Vec::new();
        if self.keyword("order") {
            self.expect("by")?;
            order = self.list(|parser| {
                let key = parser.expression()?;
                let descending = parser.keyword("desc");
                if !descending {
                    parser.keyword("asc");
                }
                Ok((key, descending))
            })?;
        }
        let text = self.text.to_owned();
        Ok(Query {
            items,
            distinct,
            sources,
            condition,
            groups,
            order,
            text,
        })
    }

    fn item(&mut self) -> Parsed<Item> {
        let value = if self.keyword("new") {
            let map = self.keyword("map");
            if !map {
                self.expect("list")?;
            }
            self.expect("(")?;
            let items = self.list(Self::item)?;
            self.expect(")")?;
            if map {
                Expression::Map(items)
            } else {
                Expression::List(items)
            }
        } else {
            self.expression()?
        };
        let name = match self.keyword("as") {
            true => Some(self.name()?),
            false => None,
        };
        Ok(Item { value, name })
    }

    fn sources(&mut self) -> Parsed<Vec<Source>> {
        let mut sources = vec![self.class()?];
        loop {
            if self.keyword(",") {
                sources.push(self.class()?);
                continue;
            }
            let outer = self.keyword("left");
            if outer {
                self.keyword("outer");
            }
            if !outer && !self.keyword("inner") && !self.peek().is_some_and(|t| t.is("join")) {
                return Ok(sources);
            }
            self.expect("join")?;
            let fetch = self.keyword("fetch");
            let path = self.name()?.split('.').map(str::to_owned).collect();
            let alias = self.alias()?;
            sources.push(Source::Join {
                path,
                alias,
                outer,
                fetch,
            });
        }
    }

    fn class(&mut self) -> Parsed<Source> {
        let class = self.name()?;
        let alias = self.alias()?;
        Ok(Source::Class { class, alias })
    }

    /// A name that may be missing.
    fn alias(&mut self) -> Parsed<String> {
        let named = self.keyword("as");
        let given = self
            .peek()
            .is_some_and(|token| token.is_name() && !RESERVED.iter().any(|word| token.is(word)));
        if named || given {
            self.name()
        } else {
            Ok(String::new())
        }
    }

    fn expression(&mut self) -> Parsed {
        let mut left = self.conjunction()?;
        while self.keyword("or") {
            left = Expression::Or(left.into(), self.conjunction()?.into());
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Parsed {
        let mut left = self.negation()?;
        while self.keyword("and") {
            left = Expression::And(left.into(), self.negation()?.into());
        }
        Ok(left)
    }

    fn negation(&mut self) -> Parsed {
        if self.keyword("not") {
            return Ok(Expression::Not(self.negation()?.into()));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        if let Some(operator) = self.sign(&COMPARISONS) {
            let right = self.sum()?;
            return Ok(Expression::Binary(operator, left.into(), right.into()));
        }
        if self.keyword("is") {
            let negated = self.keyword("not");
            self.expect("null")?;
            return Ok(negate(Expression::IsNull(left.into()), negated));
        }
        let negated = self.keyword("not");
        if self.keyword("like") {
            let right = self.sum()?;
            let like = Expression::Binary("like".to_owned(), left.into(), right.into());
            return Ok(negate(like, negated));
        }
        if self.keyword("between") {
            let low = self.sum()?;
            self.expect("and")?;
            let high = self.sum()?;
            let between = Expression::Between(left.into(), low.into(), high.into());
            return Ok(negate(between, negated));
        }
        if self.keyword("in") {
            let list = match self.peek().is_some_and(|token| token.is("(")) {
                true => self.parenthesis()?,
                false => vec![self.primary()?],
            };
            return Ok(negate(Expression::In(left.into(), list), negated));
        }
        if negated {
            Err(self.unexpected())
        } else {
            Ok(left)
        }
    }

    /// A list or a query in parentheses.
    fn parenthesis(&mut self) -> Parsed<Vec<Expression>> {
        self.expect("(")?;
        let inner = match self.peek().is_some_and(|t| t.is("select") || t.is("from")) {
            true => vec![Expression::Query(self.query()?.into())],
            false => self.list(Self::expression)?,
        };
        self.expect(")")?;
        Ok(inner)
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.product()?;
        while let Some(operator) = self.sign(&["+", "-", "||"]) {
            left = Expression::Binary(operator, left.into(), self.product()?.into());
        }
        Ok(left)
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.unary()?;
        while let Some(operator) = self.sign(&["*", "/"]) {
            left = Expression::Binary(operator, left.into(), self.unary()?.into());
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        if self.keyword("-") {
            let zero = Expression::Literal(Datum::Int(0));
            return Ok(Expression::Binary(
                "-".to_owned(),
                zero.into(),
                self.unary()?.into(),
            ));
        }
        self.primary()
    }

    fn primary(&mut self) -> Parsed {
        let Some(token) = self.peek().cloned() else {
            return Err(self.unexpected());
        };
        if token.is("(") {
            let mut inner = self.parenthesis()?;
            return match inner.len() {
                1 => Ok(inner.remove(0)),
                _ => Err(self.unexpected()),
            };
        }
        if let Some(text) = token.text.strip_prefix('\'') {
            self.at += 1;
            return Ok(Expression::Literal(Datum::Text(text.to_owned())));
        }
        if let Some(name) = token.text.strip_prefix(':').filter(|name| !name.is_empty()) {
            self.at += 1;
            return Ok(Expression::Parameter(name.to_owned()));
        }
        if token.text.starts_with(|c: char| c.is_ascii_digit()) {
            let number = number(&token.text).ok_or_else(|| self.unexpected())?;
            self.at += 1;
            return Ok(Expression::Literal(number));
        }
        for (word, value) in [
            ("true", Datum::Bool(true)),
            ("false", Datum::Bool(false)),
            ("null", Datum::Null),
        ] {
            if self.keyword(word) {
                return Ok(Expression::Literal(value));
            }
        }
        let name = self.name()?;
        if self.keyword("(") {
            return self.call(&name);
        }
        Ok(Expression::Path(
            name.split('.').map(str::to_owned).collect(),
        ))
    }

    fn call(&mut self, name: &str) -> Parsed {
        let distinct = self.keyword("distinct");
        let arguments = match self.keyword("*") {
            true => vec![Expression::Star],
            false => self.list(Self::expression)?,
        };
        self.expect(")")?;
        let name = name.to_lowercase();
        Ok(Expression::Call {
            name,
            distinct,
            arguments,
        })
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut all = vec![one(self)?];
        while self.keyword(",") {
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn name(&mut self) -> Parsed<String> {
        match self.peek() {
            Some(token) if token.is_name() && !RESERVED.iter().any(|word| token.is(word)) => {
                let name = token.text.clone();
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn sign(&mut self, signs: &[&str]) -> Option<String> {
        let sign = self.peek()?.text.clone();
        signs.contains(&sign.as_str()).then(|| {
            self.at += 1;
            sign
        })
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is(word));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, word: &str) -> Parsed<()> {
        match self.keyword(word) {
            true => Ok(()),
            false => Err(self.unexpected()),
        }
    }

    fn unexpected(&self) -> String {
        let text = self.text;
        match self.peek() {
            Some(Token {
                text: word,
                line,
                column,
            }) => {
                format!("unexpected token: {word} near line {line}, column {column} [{text}]")
            }
            None => format!("unexpected end of subtree [{text}]"),
        }
    }
}

fn negate(expression: Expression, negated: bool) -> Expression {
    match negated {
        true => Expression::Not(expression.into()),
        false => expression,
    }
}

/// A number as Java writes it: `1`, `1L`, `1.5`, `1.5f`.
fn number(text: &str) -> Option<Datum> {
    let digits = text.trim_end_matches(['L', 'l', 'F', 'f', 'D', 'd']);
    match text.strip_prefix(digits)? {
        "L" | "l" => digits.parse().ok().map(Datum::Long),
        "F" | "f" => digits.parse().ok().map(Datum::Float),
        "D" | "d" => digits.parse().ok().map(Datum::Double),
        _ if digits.contains('.') => digits.parse().ok().map(Datum::Double),
        _ => digits.parse().ok().map(Datum::Int),
    }
}
