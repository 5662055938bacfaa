//! The query that counts what another query finds.

/// A word at the outermost level of a query: where it stands, and its text in lower case.
struct Word {
    start: usize,
    end: usize,
    text: String,
}

/// A query for the number of rows, or `None` where that cannot be had by changing the text: with
/// `distinct`, `group by` or a set operation the rows are not those of the tables.
///
/// The result is approximate also because the server filters afterwards what the user may see.
pub fn counting(hql: &str) -> Option<String> {
    let words = outer_words(hql);
    let at = |text: &str| words.iter().position(|word| word.text == text);
    if ["distinct", "group", "having", "union"]
        .iter()
        .any(|text| at(text).is_some())
    {
        return None;
    }
    let from = words[at("from")?].start;
    let end = at("order").map_or(hql.len(), |index| words[index].start);
    let mut query = "select count(*) ".to_owned();
    let mut copied = from;
    // A query that does not select an object cannot fetch what belongs to it.
    for fetch in words
        .iter()
        .filter(|word| word.text == "fetch" && word.start < end)
    {
        query.push_str(hql.get(copied..fetch.start)?);
        copied = fetch.end;
    }
    query.push_str(hql.get(copied..end)?);
    Some(query.trim_end().to_owned())
}

/// The words outside of quotes and parentheses.
fn outer_words(hql: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut quote = None;
    let mut depth = 0_usize;
    let mut inside = false;
    for (index, c) in hql.char_indices() {
        let outside = quote.is_none() && depth == 0;
        let continues = inside && outside;
        inside = outside && (c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '$'));
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if !inside {
            continue;
        }
        let end = index + c.len_utf8();
        match words.last_mut().filter(|_| continues) {
            Some(word) => {
                word.text.extend(c.to_lowercase());
                word.end = end;
            }
            None => words.push(Word {
                start: index,
                end,
                text: c.to_lowercase().collect(),
            }),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::counting;

    #[test]
    fn what_is_selected_and_the_order_do_not_count() {
        for (hql, expected) in [
            (
                "select i.id, i.name from Image i",
                "select count(*) from Image i",
            ),
            ("from Image", "select count(*) from Image"),
            (
                "SELECT i FROM Image AS i WHERE i.name = 'order by x' ORDER BY i.id DESC",
                "select count(*) FROM Image AS i WHERE i.name = 'order by x'",
            ),
            (
                "select i from Image i left outer join fetch i.pixels p join  fetch p.type",
                "select count(*) from Image i left outer join  i.pixels p join   p.type",
            ),
            (
                "select i from Image i where i.id in (select l.child from DatasetImageLink l group by l.child)",
                "select count(*) from Image i where i.id in (select l.child from DatasetImageLink l group by l.child)",
            ),
            (
                "select (select count(*) from Pixels), i from Image i",
                "select count(*) from Image i",
            ),
            (
                "select i.from_x from Image i",
                "select count(*) from Image i",
            ),
            ("select 'ü(' from Müll ü", "select count(*) from Müll ü"),
        ] {
            assert_eq!(counting(hql).as_deref(), Some(expected), "{hql}");
        }
    }

    #[test]
    fn some_rows_are_made_not_found() {
        for hql in [
            "select distinct i.name from Image i",
            "select i.name, max(i.id) from Image i group by i.name",
            "select 1",
            "",
            "(((",
            "'from",
        ] {
            assert_eq!(counting(hql), None, "{hql}");
        }
    }
}
