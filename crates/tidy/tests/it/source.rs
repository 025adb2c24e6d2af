//! Rust source, parsed and counted.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream, TokenTree};

/// A parsed file that knows which of its lines hold code.
pub(crate) struct Source {
    /// Its items.
    pub(crate) syntax: syn::File,
    code: BTreeSet<usize>,
}

impl Source {
    /// Parses a file; its compilation is the compiler's matter.
    pub(crate) fn parse(text: &str) -> syn::Result<Self> {
        let tokens: TokenStream = text.parse()?;
        let mut code = BTreeSet::new();
        mark(tokens.clone(), &mut code);
        Ok(Self { syntax: syn::parse2(tokens)?, code })
    }

    /// How many lines hold code: all but blank lines, comments and doc comments.
    pub(crate) fn code_lines(&self) -> usize {
        self.code.len()
    }

    /// How many lines hold code from the start of one span to the end of another.
    pub(crate) fn code_lines_between(&self, first: Span, last: Span) -> usize {
        self.code.range(first.start().line..=last.end().line).count()
    }
}

fn mark(tokens: TokenStream, code: &mut BTreeSet<usize>) {
    let mut doc_comment = None;
    for token in tokens {
        let (start, end) = (token.span().start(), token.span().end());
        // A doc comment comes as the tokens of `#[doc = "…"]`, each of which claims the whole comment as its place:
        // a `#` that is longer than one character.
        if let TokenTree::Punct(punct) = &token
            && punct.as_char() == '#'
            && (start.line != end.line || end.column > start.column + 1)
        {
            doc_comment = Some((start, end));
        }
        if doc_comment == Some((start, end)) {
            continue;
        }
        match token {
            TokenTree::Group(group) => {
                code.extend([group.span_open().start().line, group.span_close().end().line]);
                mark(group.stream(), code);
            }
            _ => code.extend(start.line..=end.line),
        }
    }
}

#[test]
fn only_code_is_counted() {
    let text = r#"
//! Inner docs.

#![allow(dead_code)]

/// Outer docs,
/// two lines.
#[derive(Debug)] // a comment behind code
struct S {
    /// Field docs.
    a: u8,

    /* a block
       comment */
}

const TEXT: &str = "one
two

four";
"#;
    // The attributes (2), the struct (3) and every line of the text, the blank one too (4).
    assert_eq!(Source::parse(text).unwrap().code_lines(), 9);
}
