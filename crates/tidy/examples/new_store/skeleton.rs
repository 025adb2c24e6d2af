//! The files of a store in which no verb is written yet.

use std::collections::{BTreeMap, BTreeSet};

use syn::UseTree;

use crate::ports::{Module, Ports, Trait};

/// The module of the ports that has the door, and the file of the store and its unit.
const DOOR: &str = "store";
/// What the manifest takes from the workspace in any case.
const DEPENDENCIES: [&str; 2] = ["vestibule_domain", "vestibule_ports"];

/// What a `use` begins with that names no dependency.
const OURS: [&str; 4] = ["crate", "self", "std", "super"];

/// A store to be written.
pub(crate) struct Skeleton<'p> {
    name: String,
    /// The beginning of its types.
    prefix: String,
    ports: &'p Ports,
}

/// A trait, and the type that implements it.
struct Implementation<'p> {
    item: &'p Trait,
    of: String,
}

impl<'p> Skeleton<'p> {
    pub(crate) fn new(name: &str, ports: &'p Ports) -> Self {
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        Self { name: name.to_owned(), prefix: name.split('-').map(capital).collect(), ports }
    }

    /// The files with their texts, to be formatted.
    pub(crate) fn files(&self) -> Result<Vec<(String, String)>, String> {
        let mut all: BTreeMap<&str, Vec<Implementation>> = BTreeMap::new();
        for (root, of) in [("Store", self.store()), ("UnitOfWork", self.unit())] {
            let mut seen = BTreeSet::new();
            self.collect(root, &mut seen)?;
            for name in seen {
                let (module, item) = self.ports.find(&name).ok_or_else(|| unknown(&name))?;
                all.entry(module).or_default().push(Implementation { item, of: of.clone() });
            }
        }
        let mut files = vec![
            ("Cargo.toml".to_owned(), self.manifest(&all)),
            ("src/lib.rs".to_owned(), self.library(&all)),
            ("tests/it/main.rs".to_owned(), self.suite()),
        ];
        for (module, implementations) in &all {
            files.push((format!("src/{module}.rs"), self.module(module, implementations)?));
        }
        Ok(files)
    }

    fn store(&self) -> String {
        format!("{}Store", self.prefix)
    }

    fn unit(&self) -> String {
        format!("{}Unit", self.prefix)
    }

    /// The traits with verbs that a type must implement to have a trait.
    fn collect(&self, name: &str, seen: &mut BTreeSet<String>) -> Result<(), String> {
        let (_, item) = self.ports.find(name).ok_or_else(|| unknown(name))?;
        if !item.verbs.is_empty() && !seen.insert(name.to_owned()) {
            return Ok(());
        }
        let given = item.verbs.iter().filter_map(|verb| verb.gives.as_ref());
        let supertraits = item.supertraits.iter().filter(|name| !["Send", "Sync"].contains(&name.as_str()));
        given.chain(supertraits).try_for_each(|name| self.collect(name, seen))
    }

    fn manifest(&self, all: &BTreeMap<&str, Vec<Implementation>>) -> String {
        let used = all.iter().flat_map(|(module, implementations)| {
            let (module, names) = (&self.ports.modules[*module], names(implementations));
            roots(module, &names)
        });
        let mut crates: BTreeSet<String> = used.filter(|root| !OURS.contains(&root.as_str())).collect();
        crates.extend(DEPENDENCIES.map(str::to_owned));
        let lines = lines(&crates, |name| format!("{}.workspace = true\n", name.replace('_', "-")));
        format!(
            "[package]\n\
             name = \"vestibule-{name}\"\n\
             description = \"Storage in {name}\"\n\
             version.workspace = true\n\
             edition.workspace = true\n\
             rust-version.workspace = true\n\
             license.workspace = true\n\
             publish.workspace = true\n\n\
             [lints]\n\
             workspace = true\n\n\
             [dependencies]\n\
             {lines}\n\
             [dev-dependencies]\n\
             vestibule-conformance.workspace = true\n",
            name = self.name,
        )
    }

    fn library(&self, all: &BTreeMap<&str, Vec<Implementation>>) -> String {
        let modules = lines(all.keys(), |module| format!("mod {module};\n"));
        format!(
            "//! Storage in {}.\n\
             //!\n\
             //! A verb that is not written yet answers `Unavailable`. docs/adapters.md tells in which order to write them.\n\n\
             #![expect(unused_variables, reason = \"a verb that is not written yet uses no argument\")]\n\n\
             {modules}\n\
             pub use store::{};\n",
            self.name,
            self.store(),
        )
    }

    fn suite(&self) -> String {
        let (name, store) = (&self.name, self.store());
        format!(
            "//! The store in {name} keeps every promise of the ports.\n\n\
             use vestibule_conformance::Fixture;\n\
             use vestibule_{}::{store};\n\n\
             /// An empty place at each call, with a migrated store.\n\
             async fn fresh() -> Fixture {{\n    Fixture::reopening(|| async {{ {store}::new() }}).await\n}}\n\n\
             vestibule_conformance::conformance_suite!(fresh);\n",
            name.replace('-', "_"),
        )
    }

    fn module(&self, name: &str, implementations: &[Implementation]) -> Result<String, String> {
        let module = &self.ports.modules[name];
        let mut parts = vec![format!("//! {}\n\n", module.title), uses(module, implementations)];
        if name == DOOR {
            parts.push(self.types());
        } else {
            let types: BTreeSet<_> = implementations.iter().map(|one| one.of.as_str()).collect();
            parts.push(format!("\nuse crate::store::{{{}}};\n", types.into_iter().collect::<Vec<_>>().join(", ")));
        }
        for Implementation { item, of } in implementations {
            let attribute = if item.is_async { "#[async_trait]\n" } else { "" };
            parts.push(format!("\n{attribute}impl {} for {of} {{\n", item.name));
            for verb in &item.verbs {
                module.check(&verb.names)?;
                parts.push(format!("{} {{\n{}\n}}\n\n", verb.signature, self.ports.body(verb)?));
            }
            parts.push("}\n".to_owned());
        }
        Ok(parts.concat())
    }

    /// The two types that implement the traits.
    fn types(&self) -> String {
        let (name, store, unit) = (&self.name, self.store(), self.unit());
        format!(
            "\n/// Storage in {name}.\n\
             #[derive(Debug, Clone, Default)]\n\
             pub struct {store};\n\n\
             impl {store} {{\n\
             /// Opens it.\n\
             pub fn new() -> Self {{\nSelf\n}}\n\
             }}\n\n\
             /// A unit of work.\n\
             #[expect(dead_code, reason = \"`write` is not written yet\")]\n\
             pub(crate) struct {unit};\n"
        )
    }
}

/// The manifest of the workspace with a line for the crate, among those of the adapters.
pub(crate) fn with_dependency(manifest: &str, name: &str) -> String {
    let line = format!("vestibule-{name} = {{ path = \"crates/adapters/{name}\" }}");
    let is_adapter = |line: &str| line.contains("{ path = \"crates/adapters/");
    let mut lines: Vec<&str> = manifest.lines().collect();
    let next = lines.iter().position(|other| is_adapter(other) && *other > line.as_str());
    let place = next.or_else(|| Some(lines.iter().rposition(|other| is_adapter(other))? + 1));
    lines.insert(place.unwrap_or(lines.len()), &line);
    lines.join("\n") + "\n"
}

fn lines<T>(all: impl IntoIterator<Item = T>, line: impl Fn(T) -> String) -> String {
    all.into_iter().map(line).collect::<Vec<_>>().concat()
}

fn unknown(name: &str) -> String {
    format!("the ports have no trait `{name}`")
}

/// The names that the signatures and the bodies need.
fn names(implementations: &[Implementation]) -> BTreeSet<String> {
    let verbs = implementations.iter().flat_map(|one| &one.item.verbs).flat_map(|verb| verb.names.iter().cloned());
    let is_async = implementations.iter().any(|one| one.item.is_async);
    verbs.chain(is_async.then(|| "async_trait".to_owned())).collect()
}

/// The crates of the imports that the names need.
fn roots(module: &Module, names: &BTreeSet<String>) -> Vec<String> {
    let kept = module.uses.iter().filter_map(|tree| kept(tree, names));
    kept.filter_map(|tree| Some(tree.split("::").next()?.to_owned())).collect()
}

/// The imports: those of the module of the ports that are needed, and what it defines itself.
fn uses(module: &Module, implementations: &[Implementation]) -> String {
    let names = names(implementations);
    let traits = implementations.iter().map(|one| one.item.name.clone());
    let mut of_ports: BTreeSet<String> = names.intersection(&module.own).cloned().chain(traits).collect();
    let mut lines = Vec::new();
    for tree in &module.uses {
        match tree {
            UseTree::Path(path) if path.ident == "crate" => of_ports.extend(branches(&path.tree, &names)),
            // What the files of a module in a folder have of each other is its own.
            UseTree::Path(path) if path.ident == "self" || path.ident == "super" => {}
            tree => lines.extend(kept(tree, &names).map(|kept| format!("use {kept};\n"))),
        }
    }
    lines.push(format!("use vestibule_ports::{{{}}};\n", of_ports.into_iter().collect::<Vec<_>>().join(", ")));
    lines.concat()
}

/// What is left of the branches of a `use` when only the given names are wanted.
fn branches(tree: &UseTree, names: &BTreeSet<String>) -> Vec<String> {
    match tree {
        UseTree::Group(group) => group.items.iter().filter_map(|tree| kept(tree, names)).collect(),
        tree => kept(tree, names).into_iter().collect(),
    }
}

/// What is left of a `use` when only the given names are wanted.
fn kept(tree: &UseTree, names: &BTreeSet<String>) -> Option<String> {
    match tree {
        UseTree::Path(path) => Some(format!("{}::{}", path.ident, kept(&path.tree, names)?)),
        UseTree::Name(name) => names.contains(&name.ident.to_string()).then(|| name.ident.to_string()),
        UseTree::Rename(rename) => {
            let is_wanted = names.contains(&rename.rename.to_string());
            is_wanted.then(|| format!("{} as {}", rename.ident, rename.rename))
        }
        UseTree::Group(_) => match branches(tree, names).as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            many => Some(format!("{{{}}}", many.join(", "))),
        },
        UseTree::Glob(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const DOOR: &str = "//! The door.\n\
        use async_trait::async_trait; use crate::{ReadPets, Pets, StoreError};\n\
        #[derive(Debug, Default)] pub struct PoolUsage;\n\
        #[async_trait] pub trait Store: Send + Sync { fn read(&self) -> &dyn ReadView; async fn close(&self);\n\
        fn usage(&self) -> PoolUsage; async fn write(&self) -> Result<Box<dyn UnitOfWork>, StoreError>; }\n\
        pub trait ReadView: ReadPets {}\n\
        #[async_trait] pub trait UnitOfWork: Pets { async fn commit(self: Box<Self>) -> Result<(), StoreError>; }";
    const PETS: &str = "//! Storage of pets.\n\
        use async_trait::async_trait; use time::{Duration, OffsetDateTime}; use crate::StoreError;\n\
        use some_domain::{Pet, Owner, pets::{Food, Toy}};\n\
        pub struct Fed;\n\
        #[async_trait] pub trait ReadPets: Send + Sync { async fn find(&self, food: Food) -> Result<Pet, StoreError>; }\n\
        #[async_trait] pub trait Pets: Send { async fn feed(&mut self, all: &[Pet], at: OffsetDateTime) -> \
        Vec<Result<Fed, StoreError>>; fn count(&self) -> u8 { 0 } }";

    fn files(pets: &str) -> Result<BTreeMap<String, String>, String> {
        let mut ports = Ports::default();
        ports.add("store", DOOR).unwrap();
        ports.add("pets", pets).unwrap();
        ports.add("letters", "//! No storage.\npub trait Letters { fn write(&self) -> u8; }").unwrap();
        Ok(Skeleton::new("card-index", &ports).files()?.into_iter().collect())
    }

    #[test]
    fn every_trait_of_the_real_ports_has_an_implementation_that_parses() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ports/src");
        let ports = Ports::read(&folder).unwrap();
        let files = Skeleton::new("new", &ports).files().unwrap();
        for (file, text) in files.iter().filter(|(file, _)| file != "Cargo.toml") {
            assert!(syn::parse_file(text).is_ok(), "{file}: {text}");
        }
        let all: String = files.into_iter().map(|(_, text)| text).collect();
        let door = &ports.modules["store"].traits;
        let supertraits =
            door.iter().flat_map(|item| &item.supertraits).filter(|name| !["Send", "Sync"].contains(&name.as_str()));
        assert!(supertraits.clone().count() > 20);
        for name in supertraits {
            let of = if name.starts_with("Read") { "NewStore" } else { "NewUnit" };
            assert!(all.contains(&format!("impl {name} for {of} {{")), "{name} is missing");
        }
    }

    #[test]
    fn a_verb_without_a_default_answers_that_the_store_is_unavailable() {
        let files = files(PETS).unwrap();
        assert_eq!(
            files["src/pets.rs"],
            "//! Storage of pets.\n\nuse async_trait::async_trait;\nuse time::OffsetDateTime;\n\
             use some_domain::{Pet, pets::Food};\nuse vestibule_ports::{Fed, Pets, ReadPets, StoreError};\n\n\
             use crate::store::{CardIndexStore, CardIndexUnit};\n\n\
             #[async_trait]\nimpl ReadPets for CardIndexStore {\n\
             async fn find(&self, food: Food) -> Result<Pet, StoreError> {\nErr(StoreError::Unavailable(None))\n}\n\n}\n\n\
             #[async_trait]\nimpl Pets for CardIndexUnit {\n\
             async fn feed(&mut self, all: &[Pet], at: OffsetDateTime) -> Vec<Result<Fed, StoreError>> {\n\
             all.iter().map(|_| Err(StoreError::Unavailable(None))).collect()\n}\n\n}\n"
        );
        let store = &files["src/store.rs"];
        assert!(store.contains("fn read(&self) -> &dyn ReadView {\nself\n}"), "{store}");
        assert!(store.contains("fn usage(&self) -> PoolUsage {\nPoolUsage::default()\n}"), "{store}");
        assert!(store.contains("async fn close(&self) {\n\n}"), "{store}");
    }

    #[test]
    fn the_crate_has_what_the_verbs_need() {
        let files = files(PETS).unwrap();
        let names: Vec<_> = files.keys().map(String::as_str).collect();
        assert_eq!(names, ["Cargo.toml", "src/lib.rs", "src/pets.rs", "src/store.rs", "tests/it/main.rs"]);
        let manifest = &files["Cargo.toml"];
        assert!(manifest.starts_with("[package]\nname = \"vestibule-card-index\"\n"), "{manifest}");
        assert!(manifest.contains("async-trait.workspace = true\nsome-domain.workspace = true\ntime."), "{manifest}");
        assert!(files["tests/it/main.rs"].contains("use vestibule_card_index::CardIndexStore;"));
    }

    #[test]
    fn what_cannot_be_answered_or_imported_is_an_error() {
        let unanswered = files(&PETS.replace("-> Vec<Result<Fed, StoreError>>;", "-> Fed;")).unwrap_err();
        assert!(unanswered.contains("-> Fed"), "{unanswered}");
        let unknown = files(&PETS.replace("&[Pet]", "&[Dog]")).unwrap_err();
        assert!(unknown.contains("`Dog`"), "{unknown}");
        assert!(files(&PETS.replace("trait ReadPets", "trait Other")).is_err());
    }

    #[test]
    fn the_line_of_the_workspace_stands_among_those_of_the_adapters() {
        let line = |name| format!("vestibule-{name} = {{ path = \"crates/adapters/{name}\" }}\n");
        let manifest = format!("a = \"1\"\n{}{}b = \"1\"\n", line("keys"), line("smtp"));
        for (name, place) in [("a", 0), ("memory", 1), ("z", 2)] {
            let mut adapters = vec![line("keys"), line("smtp")];
            adapters.insert(place, line(name));
            assert_eq!(with_dependency(&manifest, name), format!("a = \"1\"\n{}b = \"1\"\n", adapters.concat()));
        }
    }
}
