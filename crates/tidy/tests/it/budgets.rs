//! Budgets: a file, a function, a handler, a trait and a list of arguments stay small enough to be read at once.

use syn::{
    Block, FnArg, ImplItemFn, ItemFn, ItemTrait, Signature, TraitItem, TraitItemFn,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::{
    repository::{Repository, assert_none},
    source::Source,
};

/// Lines of code in a file; blank lines and comments are free.
const FILE_LINES: usize = 400;
/// Lines of code in a function, from its signature to its closing brace.
const FUNCTION_LINES: usize = 60;
/// The same in an HTTP handler: an async function of a dialect's routes.
const HANDLER_LINES: usize = 15;
/// Methods of a trait.
const TRAIT_METHODS: usize = 12;
/// Positional arguments besides `self`; then a struct.
const ARGUMENTS: usize = 4;

#[test]
fn everything_stays_within_its_budget() {
    let repository = Repository::open();
    let violations: Vec<String> = repository
        .ending(".rs")
        .filter_map(|file| Some(over_budget(file, &repository.text(file)?)))
        .flatten()
        .collect();
    assert_none("over budget", &violations);
}

fn over_budget(file: &str, text: &str) -> Vec<String> {
    let source = match Source::parse(text) {
        Ok(source) => source,
        Err(error) => return vec![format!("{file}: cannot be parsed: {error}")],
    };
    let mut budget = Budget { file, source: &source, violations: Vec::new() };
    budget.check(file, "lines of code in the file", source.code_lines(), FILE_LINES);
    budget.visit_file(&source.syntax);
    budget.violations
}

struct Budget<'a> {
    file: &'a str,
    source: &'a Source,
    violations: Vec<String>,
}

impl Budget<'_> {
    fn check(&mut self, name: &str, what: &str, count: usize, limit: usize) {
        if count > limit {
            self.violations.push(format!("{name}: {count} {what}, of at most {limit}"));
        }
    }

    fn check_signature(&mut self, signature: &Signature) {
        let name = self.name(&signature.ident.to_string(), signature);
        let arguments = signature.inputs.iter().filter(|input| matches!(input, FnArg::Typed(_))).count();
        self.check(&name, "positional arguments", arguments, ARGUMENTS);
    }

    fn check_body(&mut self, signature: &Signature, block: &Block) {
        let name = self.name(&signature.ident.to_string(), signature);
        let lines = self.source.code_lines_between(signature.span(), block.brace_token.span.close());
        if is_routes(self.file) && signature.asyncness.is_some() {
            self.check(&name, "lines of code in the handler", lines, HANDLER_LINES);
        } else {
            self.check(&name, "lines of code in the function", lines, FUNCTION_LINES);
        }
    }

    fn name(&self, ident: &str, place: &impl Spanned) -> String {
        format!("{}:{} {ident}", self.file, place.span().start().line)
    }
}

impl<'ast> Visit<'ast> for Budget<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.check_signature(&item.sig);
        self.check_body(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.check_signature(&item.sig);
        self.check_body(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        self.check_signature(&item.sig);
        if let Some(block) = &item.default {
            self.check_body(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        let methods = item.items.iter().filter(|item| matches!(item, TraitItem::Fn(_))).count();
        let name = self.name(&item.ident.to_string(), &item.ident);
        self.check(&name, "methods in the trait", methods, TRAIT_METHODS);
        visit::visit_item_trait(self, item);
    }
}

fn is_routes(file: &str) -> bool {
    file.starts_with("crates/http/src/dialects/") && (file.ends_with("/routes.rs") || file.contains("/routes/"))
}

/// A function with so many lines of code in all, and as many comments, which are free.
#[cfg(test)]
fn function(head: &str, lines: usize) -> String {
    format!("{head} {{\n{}}}\n", "    // Why.\n\n    step();\n".repeat(lines - 2))
}

#[test]
fn a_long_file_is_found() {
    let constants = |count| "/// Docs.\nconst A: u8 = 1;\n\n".repeat(count);
    assert_eq!(over_budget("a.rs", &constants(FILE_LINES)), Vec::<String>::new());
    assert_eq!(
        over_budget("a.rs", &constants(FILE_LINES + 1)),
        ["a.rs: 401 lines of code in the file, of at most 400"]
    );
}

#[test]
fn a_long_function_is_found_wherever_it_is() {
    assert_eq!(over_budget("a.rs", &function("fn f()", FUNCTION_LINES)), Vec::<String>::new());
    let long = function("fn f()", FUNCTION_LINES + 1);
    assert_eq!(over_budget("a.rs", &long), ["a.rs:1 f: 61 lines of code in the function, of at most 60"]);
    for head in ["impl S", "trait T", "mod m"] {
        assert_eq!(over_budget("a.rs", &format!("{head} {{ {long} }}")).len(), 1, "{head}");
    }
}

#[test]
fn a_long_handler_is_found_but_not_a_long_table() {
    let long = function("async fn sign_in()", HANDLER_LINES + 1);
    for file in ["crates/http/src/dialects/a/routes.rs", "crates/http/src/dialects/a/routes/codes.rs"] {
        assert_eq!(
            over_budget(file, &long),
            [format!("{file}:1 sign_in: 16 lines of code in the handler, of at most 15")]
        );
        assert_eq!(over_budget(file, &function("fn configure()", HANDLER_LINES + 1)), Vec::<String>::new());
    }
    assert_eq!(over_budget("crates/http/src/dialects/a/mapping.rs", &long), Vec::<String>::new());
}

#[test]
fn a_wide_trait_is_found() {
    let methods = |count| format!("trait T {{ const C: u8; {} }}", "fn f(&self);".repeat(count));
    assert_eq!(over_budget("a.rs", &methods(TRAIT_METHODS)), Vec::<String>::new());
    assert_eq!(over_budget("a.rs", &methods(TRAIT_METHODS + 1)), ["a.rs:1 T: 13 methods in the trait, of at most 12"]);
}

#[test]
fn a_long_list_of_arguments_is_found() {
    let trait_with = |arguments: &str| format!("trait T {{ fn f(&mut self, {arguments}); }}");
    assert_eq!(over_budget("a.rs", &trait_with("a: u8, b: u8, c: u8, d: u8")), Vec::<String>::new());
    assert_eq!(
        over_budget("a.rs", &trait_with("a: u8, b: u8, c: u8, d: u8, e: u8")),
        ["a.rs:1 f: 5 positional arguments, of at most 4"]
    );
}
