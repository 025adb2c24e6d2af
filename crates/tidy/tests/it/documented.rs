//! What other crates can use has a doc comment. A field need not: where its name and type say all, a comment repeats them.

use syn::{
    Attribute, ImplItem, Item, ItemImpl, ItemTrait, Meta, TraitItem, Variant, Visibility,
    visit::{self, Visit},
};

use crate::{
    repository::{Repository, assert_none},
    source::Source,
};

#[test]
fn whatever_is_public_has_a_doc_comment_but_for_fields() {
    let repository = Repository::open();
    let sources = repository.ending(".rs").filter(|file| file.starts_with("crates/") && file.contains("/src/"));
    let violations: Vec<String> =
        sources.filter_map(|file| Some(undocumented(file, &repository.text(file)?))).flatten().collect();
    assert_none("public and without a doc comment", &violations);
}

fn undocumented(file: &str, text: &str) -> Vec<String> {
    let source = match Source::parse(text) {
        Ok(source) => source,
        Err(error) => return vec![format!("{file}: cannot be parsed: {error}")],
    };
    let mut docs = Docs { file, violations: Vec::new() };
    docs.visit_file(&source.syntax);
    docs.violations
}

struct Docs<'a> {
    file: &'a str,
    violations: Vec<String>,
}

impl Docs<'_> {
    fn check(&mut self, attributes: &[Attribute], name: &syn::Ident) {
        if !attributes.iter().any(is_doc) {
            self.violations.push(format!("{}:{} {name}", self.file, name.span().start().line));
        }
    }
}

impl<'ast> Visit<'ast> for Docs<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, visibility, name) = match item {
            // A module has its doc inside; that of a test is none of other crates' business.
            Item::Mod(module) if module.attrs.iter().any(|attribute| attribute.path().is_ident("cfg")) => return,
            Item::Const(item) => (&item.attrs, &item.vis, &item.ident),
            Item::Enum(item) => (&item.attrs, &item.vis, &item.ident),
            Item::Fn(item) => (&item.attrs, &item.vis, &item.sig.ident),
            Item::Static(item) => (&item.attrs, &item.vis, &item.ident),
            Item::Struct(item) => (&item.attrs, &item.vis, &item.ident),
            Item::Trait(item) => (&item.attrs, &item.vis, &item.ident),
            Item::Type(item) => (&item.attrs, &item.vis, &item.ident),
            _ => return visit::visit_item(self, item),
        };
        if matches!(visibility, Visibility::Public(_)) {
            self.check(attributes, name);
            visit::visit_item(self, item);
        }
    }

    fn visit_variant(&mut self, variant: &'ast Variant) {
        self.check(&variant.attrs, &variant.ident);
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        for item in &item.items {
            match item {
                TraitItem::Fn(method) => self.check(&method.attrs, &method.sig.ident),
                TraitItem::Const(constant) => self.check(&constant.attrs, &constant.ident),
                TraitItem::Type(associated) => self.check(&associated.attrs, &associated.ident),
                _ => {}
            }
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if item.trait_.is_some() {
            return;
        }
        for item in &item.items {
            let (attributes, visibility, name) = match item {
                ImplItem::Fn(method) => (&method.attrs, &method.vis, &method.sig.ident),
                ImplItem::Const(constant) => (&constant.attrs, &constant.vis, &constant.ident),
                _ => continue,
            };
            if matches!(visibility, Visibility::Public(_)) {
                self.check(attributes, name);
            }
        }
    }
}

fn is_doc(attribute: &Attribute) -> bool {
    matches!(&attribute.meta, Meta::NameValue(meta) if meta.path.is_ident("doc"))
}

#[test]
fn what_lacks_a_doc_comment_is_found() {
    let text = "
        pub struct Bare { pub id: u8 }
        /// Told.
        pub enum Choice { /** Told. */ One, Other { field: u8 } }
        /// Told.
        pub trait Port { fn verb(); }
        struct Inner;
        impl Inner { pub fn shown(&self) {} fn hidden(&self) {} }
        impl Port for Inner { fn verb() {} }
        pub(crate) fn within() {}
        #[cfg(test)]
        mod tests { pub fn free() {} }
    ";
    assert_eq!(undocumented("a.rs", text), ["a.rs:2 Bare", "a.rs:4 Other", "a.rs:6 verb", "a.rs:8 shown"]);
}
