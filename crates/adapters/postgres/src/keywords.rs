//! Databases as libpq names them without a URL: `host=/run/postgresql dbname=vestibule` (PostgreSQL, "Keyword/Value
//! Connection Strings").

use std::{iter::Peekable, str::Chars};

use url::Url;

/// The same as a URL with the keywords as parameters; none if the text has another form. The last value of a repeated
/// keyword wins, as in libpq.
pub fn url_of_keywords(text: &str) -> Option<String> {
    let mut url = Url::parse("postgres://").ok()?;
    let mut rest = text.chars().peekable();
    let mut pairs: Vec<(String, String)> = Vec::new();
    loop {
        skip_blanks(&mut rest);
        if rest.peek().is_none() {
            break;
        }
        let (name, value) = pair(&mut rest)?;
        pairs.retain(|(other, _)| *other != name);
        pairs.push((name, value));
    }
    if pairs.is_empty() {
        return None;
    }
    url.query_pairs_mut().extend_pairs(pairs);
    Some(url.into())
}

type Rest<'a> = Peekable<Chars<'a>>;

fn pair(rest: &mut Rest<'_>) -> Option<(String, String)> {
    let mut name = String::new();
    while let Some(letter) = rest.next_if(|letter| letter.is_ascii_alphanumeric() || *letter == '_') {
        name.push(letter);
    }
    skip_blanks(rest);
    rest.next_if_eq(&'=')?;
    skip_blanks(rest);
    let value = if rest.next_if_eq(&'\'').is_some() { quoted(rest)? } else { bare(rest)? };
    (!name.is_empty()).then_some((name, value))
}

/// Up to the closing quotation mark.
fn quoted(rest: &mut Rest<'_>) -> Option<String> {
    let mut value = String::new();
    loop {
        match rest.next()? {
            '\'' => return Some(value),
            '\\' => value.push(rest.next()?),
            letter => value.push(letter),
        }
    }
}

/// Up to a blank.
fn bare(rest: &mut Rest<'_>) -> Option<String> {
    let mut value = String::new();
    while let Some(letter) = rest.next_if(|letter| !letter.is_ascii_whitespace()) {
        value.push(if letter == '\\' { rest.next()? } else { letter });
    }
    Some(value)
}

fn skip_blanks(rest: &mut Rest<'_>) {
    while rest.next_if(char::is_ascii_whitespace).is_some() {}
}

#[cfg(test)]
mod tests {
    use super::url_of_keywords;

    #[test]
    fn keywords_become_the_parameters_of_a_url() {
        for (text, expected) in [
            ("host=/run/postgresql dbname=accounts", "postgres://?host=%2Frun%2Fpostgresql&dbname=accounts"),
            (" host = db.test\tport= 5433\n", "postgres://?host=db.test&port=5433"),
            ("user=jo password='a \\'b\\' \\\\ =c&d'", "postgres://?user=jo&password=a+%27b%27+%5C+%3Dc%26d"),
            (r"password=a\ b\\", "postgres://?password=a+b%5C"),
            ("dbname=one dbname=two", "postgres://?dbname=two"),
            ("dbname='' host=x", "postgres://?dbname=&host=x"),
        ] {
            assert_eq!(url_of_keywords(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_of_this_form_is_none() {
        for text in [
            "",
            "  ",
            "host",
            "host db",
            "=x",
            "host=db 'x'",
            "host='db",
            "password=a\\",
            "postgres://h/db",
            "sqlite:x",
        ] {
            assert_eq!(url_of_keywords(text), None, "{text}");
        }
    }
}
