//! A small part of HQL, enough to ask for people, groups and sessions.
//!
//! ```text
//! query = [ "select" item { "," item } ] "from" class [ [ "as" ] alias ]
//!         [ "where" condition { "and" condition } ]
//!         [ "order" "by" path [ "asc" | "desc" ] { "," path [ "asc" | "desc" ] } ]
//! item = alias | path | "count" "(" ( alias | path | "*" ) ")"
//! condition = path ( "=" | "!=" | "<>" | "<" | "<=" | ">" | ">=" | "like" ) value
//! value = number | 'text' | ":name" | "true" | "false"
//! path = [ alias "." ] field
//! ```

use std::cmp::Ordering;

/// A column or a literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Long(i64),
    Text(String),
    Bool(bool),
    Time(i64),
}

impl Cell {
    /// SQL's order where there is one.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Long(a) | Self::Time(a), Self::Long(b) | Self::Time(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

/// One thing to select.
#[derive(Debug, PartialEq)]
pub enum Item {
    /// The whole object.
    Object,
    /// One of its fields.
    Field(String),
    /// How many rows there are.
    Count,
}

/// What a condition compares with.
#[derive(Debug, PartialEq)]
pub enum Operand {
    Literal(Cell),
    Parameter(String),
}

/// One condition.
#[derive(Debug, PartialEq)]
pub struct Condition {
    pub field: String,
    pub operator: String,
    pub operand: Operand,
}

/// A query that was understood.
#[derive(Debug, PartialEq)]
pub struct Query {
    pub items: Vec<Item>,
    pub class: String,
    pub conditions: Vec<Condition>,
    /// Fields and whether the order is descending.
    pub order: Vec<(String, bool)>,
}

/// Reads a query, or tells what is wrong with it in Hibernate's manner.
pub fn parse(text: &str) -> Result<Query, String> {
    let mut parser = Parser {
        tokens: tokens(text),
        at: 0,
        alias: String::new(),
        text,
    };
    let query = parser.query()?;
    match parser.peek() {
        None => Ok(query),
        Some(_) => Err(parser.unexpected()),
    }
}

fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut token = c.to_string();
        if c.is_whitespace() {
            continue;
        } else if c == '\'' {
            token.extend(chars.by_ref().take_while(|c| *c != '\''));
        } else if c.is_alphanumeric() || "_:-".contains(c) {
            while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || "_.".contains(*c)) {
                token.push(c);
            }
        } else if "<>!".contains(c) {
            token.extend(chars.next_if(|c| "=>".contains(*c)));
        }
        tokens.push(token);
    }
    tokens
}

struct Parser<'a> {
    tokens: Vec<String>,
    at: usize,
    alias: String,
    text: &'a str,
}

impl Parser<'_> {
    fn query(&mut self) -> Result<Query, String> {
        self.find_alias()?;
        let items = if self.keyword("select") {
            self.items()?
        } else {
            vec![Item::Object]
        };
        self.expect("from")?;
        let class = self.next()?;
        self.keyword("as");
        if self.peek().is_some_and(|token| token == self.alias) {
            self.at += 1;
        }
        let conditions = if self.keyword("where") {
            self.conditions()?
        } else {
            Vec::new()
        };
        let order = if self.keyword("order") {
            self.order()?
        } else {
            Vec::new()
        };
        Ok(Query {
            items,
            class,
            conditions,
            order,
        })
    }

    /// The alias is declared after its first use.
    fn find_alias(&mut self) -> Result<(), String> {
        let from = self
            .tokens
            .iter()
            .position(|token| token.eq_ignore_ascii_case("from"));
        let Some(from) = from else {
            return Err(if self.tokens.is_empty() {
                "unexpected end of subtree []".to_owned()
            } else {
                self.unexpected()
            });
        };
        let mut rest = self.tokens[from + 1..].iter().skip(1).peekable();
        let _ = rest.next_if(|token| token.eq_ignore_ascii_case("as"));
        let keyword = |token: &&String| ["where", "order"].contains(&token.to_lowercase().as_str());
        self.alias = rest
            .next()
            .filter(|token| !keyword(token))
            .cloned()
            .unwrap_or_default();
        Ok(())
    }

    fn items(&mut self) -> Result<Vec<Item>, String> {
        let mut items = vec![self.item()?];
        while self.keyword(",") {
            items.push(self.item()?);
        }
        Ok(items)
    }

    fn item(&mut self) -> Result<Item, String> {
        if self.keyword("count") {
            self.expect("(")?;
            self.next()?;
            self.expect(")")?;
            return Ok(Item::Count);
        }
        if self.peek().is_some_and(|token| token == self.alias) {
            self.at += 1;
            return Ok(Item::Object);
        }
        self.path().map(Item::Field)
    }

    fn path(&mut self) -> Result<String, String> {
        let token = self.next()?;
        if !token.starts_with(|c: char| c.is_alphabetic()) {
            self.at -= 1;
            return Err(self.unexpected());
        }
        match token.split_once('.') {
            None => Ok(token),
            Some((alias, field)) if alias == self.alias => Ok(field.to_owned()),
            Some((alias, _)) => Err(format!(
                "Invalid path: '{token}': unknown alias {alias} [{}]",
                self.text
            )),
        }
    }

    fn conditions(&mut self) -> Result<Vec<Condition>, String> {
        let mut conditions = vec![self.condition()?];
        while self.keyword("and") {
            conditions.push(self.condition()?);
        }
        Ok(conditions)
    }

    fn condition(&mut self) -> Result<Condition, String> {
        let field = self.path()?;
        let operator = self.next()?.to_lowercase();
        if !["=", "!=", "<>", "<", "<=", ">", ">=", "like"].contains(&operator.as_str()) {
            self.at -= 1;
            return Err(self.unexpected());
        }
        let token = self.next()?;
        let operand = match (token.strip_prefix(':'), token.strip_prefix('\'')) {
            (Some(name), _) => Operand::Parameter(name.to_owned()),
            (_, Some(text)) => Operand::Literal(Cell::Text(text.to_owned())),
            _ => Operand::Literal(match (token.parse(), token.parse()) {
                (Ok(number), _) => Cell::Long(number),
                (_, Ok(flag)) => Cell::Bool(flag),
                _ => {
                    self.at -= 1;
                    return Err(self.unexpected());
                }
            }),
        };
        Ok(Condition {
            field,
            operator,
            operand,
        })
    }

    fn order(&mut self) -> Result<Vec<(String, bool)>, String> {
        self.expect("by")?;
        let mut keys = Vec::new();
        loop {
            let field = self.path()?;
            let descending = self.keyword("desc");
            if !descending {
                self.keyword("asc");
            }
            keys.push((field, descending));
            if !self.keyword(",") {
                return Ok(keys);
            }
        }
    }

    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(String::as_str)
    }

    fn next(&mut self) -> Result<String, String> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token.ok_or_else(|| format!("unexpected end of query [{}]", self.text))
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = self
            .peek()
            .is_some_and(|token| token.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, word: &str) -> Result<(), String> {
        if self.keyword(word) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn unexpected(&self) -> String {
        let token = self.peek().unwrap_or("end of query");
        format!("unexpected token: {token} [{}]", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_taken_apart() {
        let text = "select e.id, count(*), e from Experimenter as e where e.omeName like 'te%' \
                    and id >= :low order by e.omeName desc, e.id";
        let field = |name: &str| Item::Field(name.to_owned());
        let query = parse(text).unwrap();
        assert_eq!(query.items, [field("id"), Item::Count, Item::Object]);
        assert_eq!(query.class, "Experimenter");
        assert_eq!(query.conditions.len(), 2);
        assert_eq!(
            query.conditions[0].operand,
            Operand::Literal(Cell::Text("te%".to_owned()))
        );
        assert_eq!(
            query.conditions[1].operand,
            Operand::Parameter("low".to_owned())
        );
        assert_eq!(
            query.order,
            [("omeName".to_owned(), true), ("id".to_owned(), false)]
        );
        assert_eq!(
            parse("from ExperimenterGroup").unwrap().items,
            [Item::Object]
        );
        assert!(parse("from Experimenter e where e.id = 1").is_ok());
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "select",
            "drop table",
            "select x.id from Experimenter e",
            "from E e or",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        let text = "select e from Experimenter e where e.id is null";
        assert_eq!(parse(text), Err(format!("unexpected token: is [{text}]")));
    }
}
