//! The traits of the ports, as their sources define them.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    fs, io,
    path::{Path, PathBuf},
};

use syn::{
    Attribute, Expr, FnArg, GenericArgument, Item, ItemTrait, Lit, Meta, Pat, PathArguments, PathSegment, ReturnType,
    Signature, TraitItem, Type, TypeParamBound, UseTree,
    spanned::Spanned,
    visit::{self, Visit},
};

/// What a verb that is not written yet answers.
pub(crate) const UNAVAILABLE: &str = "Err(StoreError::Unavailable(None))";
/// What needs no `use`.
const PRELUDE: [&str; 8] = ["Box", "Option", "Result", "Self", "Send", "String", "Sync", "Vec"];

/// The modules of the ports by name; those in folders count as the module of their folder.
#[derive(Default)]
pub(crate) struct Ports {
    pub(crate) modules: BTreeMap<String, Module>,
    /// The types that have a default.
    defaults: BTreeSet<String>,
}

/// A module of the ports.
#[derive(Default)]
pub(crate) struct Module {
    /// The first line of its documentation.
    pub(crate) title: String,
    pub(crate) uses: Vec<UseTree>,
    /// The names of the items that it defines.
    pub(crate) own: BTreeSet<String>,
    pub(crate) traits: Vec<Trait>,
}

/// A trait.
pub(crate) struct Trait {
    pub(crate) name: String,
    /// Whether its methods are made into boxed futures.
    pub(crate) is_async: bool,
    pub(crate) supertraits: Vec<String>,
    pub(crate) verbs: Vec<Verb>,
}

/// A method that a store must write.
pub(crate) struct Verb {
    /// As in the sources.
    pub(crate) signature: String,
    /// The names in it that need a `use`, unless they are of the prelude.
    pub(crate) names: BTreeSet<String>,
    /// The trait of the ports that it gives a reference to.
    pub(crate) gives: Option<String>,
    syntax: Signature,
}

impl Ports {
    /// Reads every file of a folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let mut ports = Self::default();
        for path in sources(folder)? {
            let name = path.strip_prefix(folder)?.iter().next().unwrap_or_default().to_string_lossy();
            ports.add(name.trim_end_matches(".rs"), &fs::read_to_string(&path)?)?;
        }
        Ok(ports)
    }

    /// Adds the items of a file to a module.
    pub(crate) fn add(&mut self, module: &str, text: &str) -> syn::Result<()> {
        let file = syn::parse_file(text)?;
        let module = self.modules.entry(module.to_owned()).or_default();
        if module.title.is_empty() {
            module.title = title(&file.attrs);
        }
        for item in file.items {
            let (name, attributes) = match item {
                Item::Use(item) => {
                    module.uses.push(item.tree);
                    continue;
                }
                Item::Trait(item) => {
                    module.traits.push(Trait::new(&item, text));
                    (item.ident, item.attrs)
                }
                Item::Struct(item) => (item.ident, item.attrs),
                Item::Enum(item) => (item.ident, item.attrs),
                Item::Type(item) => (item.ident, item.attrs),
                _ => continue,
            };
            if derives_default(&attributes) {
                self.defaults.insert(name.to_string());
            }
            module.own.insert(name.to_string());
        }
        Ok(())
    }

    /// The trait with a name, and its module.
    pub(crate) fn find(&self, name: &str) -> Option<(&str, &Trait)> {
        let all =
            self.modules.iter().flat_map(|(module, one)| one.traits.iter().map(move |one| (module.as_str(), one)));
        all.into_iter().find(|(_, one)| one.name == name)
    }

    /// The body of a verb that is not written yet.
    pub(crate) fn body(&self, verb: &Verb) -> Result<String, String> {
        let ReturnType::Type(_, answer) = &verb.syntax.output else { return Ok(String::new()) };
        let unknown =
            || format!("no answer is known for `{}`: teach it to crates/tidy/examples/new_store", verb.signature);
        match &**answer {
            Type::Reference(_) => Ok("self".to_owned()),
            Type::Path(path) => {
                let last = path.path.segments.last().ok_or_else(unknown)?;
                match last.ident.to_string().as_str() {
                    "Result" => Ok(UNAVAILABLE.to_owned()),
                    "Vec" if holds_results(last) => {
                        let each = slice(&verb.syntax).ok_or_else(unknown)?;
                        Ok(format!("{each}.iter().map(|_| {UNAVAILABLE}).collect()"))
                    }
                    name if self.defaults.contains(name) => Ok(format!("{name}::default()")),
                    _ => Err(unknown()),
                }
            }
            _ => Err(unknown()),
        }
    }
}

impl Module {
    /// Fails for a name that is neither defined nor imported here.
    pub(crate) fn check(&self, names: &BTreeSet<String>) -> Result<(), String> {
        let mut imported = BTreeSet::new();
        for tree in &self.uses {
            leaves(tree, &mut imported);
        }
        let known = |name: &str| PRELUDE.contains(&name) || self.own.contains(name) || imported.contains(name);
        match names.iter().find(|name| name.starts_with(char::is_uppercase) && !known(name)) {
            Some(name) => Err(format!("`{name}` is neither defined nor imported in the module \"{}\"", self.title)),
            None => Ok(()),
        }
    }
}

impl Trait {
    fn new(item: &ItemTrait, text: &str) -> Self {
        let supertraits = item.supertraits.iter().filter_map(|bound| match bound {
            TypeParamBound::Trait(bound) => Some(bound.path.segments.last()?.ident.to_string()),
            _ => None,
        });
        let verbs = item.items.iter().filter_map(|item| match item {
            TraitItem::Fn(item) if item.default.is_none() => Some(Verb::new(&item.sig, text)),
            _ => None,
        });
        Self {
            name: item.ident.to_string(),
            is_async: item.attrs.iter().any(|attribute| attribute.path().is_ident("async_trait")),
            supertraits: supertraits.collect(),
            verbs: verbs.collect(),
        }
    }
}

impl Verb {
    fn new(signature: &Signature, text: &str) -> Self {
        let mut names = Names::default();
        names.visit_signature(signature);
        Self {
            signature: text[signature.span().byte_range()].to_owned(),
            names: names.0,
            gives: given(&signature.output),
            syntax: signature.clone(),
        }
    }
}

/// The first name of each path.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.extend(path.segments.first().map(|segment| segment.ident.to_string()));
        visit::visit_path(self, path);
    }
}

fn sources(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(sources(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            all.push(path);
        }
    }
    // The root of a module in a folder says what the module is.
    all.sort_by_key(|path| (!path.ends_with("mod.rs"), path.clone()));
    Ok(all)
}

fn title(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(doc) if doc.path.is_ident("doc") => match &doc.value {
            Expr::Lit(text) => match &text.lit {
                Lit::Str(text) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    lines.take(1).collect()
}

fn derives_default(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("derive")).any(|derive| {
        let mut found = false;
        // What cannot be read is not the default.
        let _ = derive.parse_nested_meta(|meta| {
            found |= meta.path.is_ident("Default");
            Ok(())
        });
        found
    })
}

/// The `T` of an answer of the type `&dyn T`.
fn given(output: &ReturnType) -> Option<String> {
    let ReturnType::Type(_, answer) = output else { return None };
    let Type::Reference(reference) = &**answer else { return None };
    let Type::TraitObject(object) = &*reference.elem else { return None };
    object.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => Some(bound.path.segments.last()?.ident.to_string()),
        _ => None,
    })
}

fn holds_results(segment: &PathSegment) -> bool {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return false };
    arguments.args.iter().any(|argument| match argument {
        GenericArgument::Type(Type::Path(path)) => path.path.segments.last().is_some_and(|last| last.ident == "Result"),
        _ => false,
    })
}

/// The name of the argument that is a slice.
fn slice(signature: &Signature) -> Option<String> {
    signature.inputs.iter().find_map(|input| match input {
        FnArg::Typed(input) => match (&*input.pat, &*input.ty) {
            (Pat::Ident(name), Type::Reference(reference)) if matches!(*reference.elem, Type::Slice(_)) => {
                Some(name.ident.to_string())
            }
            _ => None,
        },
        FnArg::Receiver(_) => None,
    })
}

/// The names that a `use` brings in.
fn leaves(tree: &UseTree, names: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(path) => leaves(&path.tree, names),
        UseTree::Name(name) => drop(names.insert(name.ident.to_string())),
        UseTree::Rename(rename) => drop(names.insert(rename.rename.to_string())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, names)),
        UseTree::Glob(_) => {}
    }
}
