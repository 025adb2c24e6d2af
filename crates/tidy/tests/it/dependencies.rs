//! Who may use whom: the table of the crates, held against the manifests. Dev-dependencies are free.

use std::process::Command;

use serde_json::Value;

use crate::repository::assert_none;

/// What a crate may use.
struct Row {
    name: &'static str,
    /// Crates of the workspace; `*` is any.
    workspace: &'static [&'static str],
    /// Crates from outside; `*` is any.
    outside: &'static [&'static str],
}

const ANY: &[&str] = &["*"];
/// The inner crates list every outside crate: a new one is a decision.
const TABLE: &[Row] = &[
    Row {
        name: "vestibule-domain",
        workspace: &[],
        outside: &[
            "email_address",
            "hex",
            "icu_properties",
            "idna",
            "subtle",
            "thiserror",
            "time",
            "unicode-normalization",
            "uuid",
        ],
    },
    Row {
        name: "vestibule-ports",
        workspace: &["vestibule-domain"],
        // A row that cannot be read is left out, and the log is told of it, for every store in the same words.
        outside: &["async-trait", "hex", "mockall", "serde", "serde_json", "thiserror", "time", "tracing", "uuid"],
    },
    Row {
        name: "vestibule-application",
        workspace: &["vestibule-domain", "vestibule-ports"],
        // Of tokio only `sync`, to wake those who deliver mail or follow a conversation, `time`, to pause before another try,
        // and `macros`, to wait for one of several: no runtime, no network.
        outside: &[
            "async-trait",
            "base64",
            "futures-util",
            "governor",
            "hex",
            "serde_json",
            "sha2",
            "thiserror",
            "time",
            "tokio",
            "tracing",
        ],
    },
    Row {
        name: "vestibule-http",
        workspace: &["vestibule-application", "vestibule-background", "vestibule-domain"],
        // Of tokio only `sync`: large bodies wait for room.
        outside: &[
            "actix-cors",
            "actix-multipart",
            "actix-web",
            "futures-util",
            "ipnet",
            "memchr",
            "metrics",
            "serde",
            "serde_json",
            "thiserror",
            "time",
            "tokio",
            "tracing",
            "utoipa",
            "utoipa-swagger-ui",
        ],
    },
    Row {
        name: "vestibule-conformance",
        workspace: &["vestibule-domain", "vestibule-ports", "vestibule-testkit"],
        outside: ANY,
    },
    Row { name: "vestibule-background", workspace: &[], outside: &["rustix", "tokio", "tracing"] },
    Row { name: "vestibule-testkit", workspace: &["vestibule-domain", "vestibule-ports"], outside: ANY },
    Row { name: "vestibule-server", workspace: ANY, outside: ANY },
    Row { name: "vestibule-bench", workspace: ANY, outside: ANY },
    Row { name: "vestibule-tidy", workspace: &[], outside: &[] },
];
/// An adapter knows its ports and its one technology, which `deny.toml` gives to it alone, and may have threads for long work.
const ADAPTER: Row =
    Row { name: "", workspace: &["vestibule-background", "vestibule-domain", "vestibule-ports"], outside: ANY };

/// A crate of the workspace and what its manifest asks for.
struct Package {
    name: String,
    adapter: bool,
    uses: Vec<String>,
}

#[test]
fn every_crate_uses_only_what_the_table_allows() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let packages = packages(&serde_json::from_slice(&output.stdout).unwrap());
    assert!(packages.len() >= TABLE.len(), "cargo metadata lists {} crates only", packages.len());
    assert_none("a crate uses what the table of the crates does not allow", &not_allowed(&packages));
}

fn packages(metadata: &Value) -> Vec<Package> {
    let list = |value: &Value| value.as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let package = |package: Value| Package {
        name: text(&package["name"]),
        adapter: text(&package["manifest_path"]).contains("/crates/adapters/"),
        uses: list(&package["dependencies"])
            .iter()
            .filter(|uses| uses["kind"] != "dev")
            .map(|uses| text(&uses["name"]))
            .collect(),
    };
    list(&metadata["packages"]).into_iter().map(package).collect()
}

fn not_allowed(packages: &[Package]) -> Vec<String> {
    let ours = |name: &String| packages.iter().any(|package| package.name == *name);
    let mut violations = Vec::new();
    for Package { name, adapter, uses } in packages {
        let row = if *adapter { Some(&ADAPTER) } else { TABLE.iter().find(|row| row.name == name) };
        let Some(row) = row else {
            violations.push(format!("{name} is not in the table of the crates"));
            continue;
        };
        let forbidden = uses.iter().filter(|used| {
            let allowed = if ours(used) { row.workspace } else { row.outside };
            allowed != ANY && !allowed.contains(&used.as_str())
        });
        violations.extend(forbidden.map(|used| format!("{name} may not use {used}")));
    }
    violations
}

#[cfg(test)]
fn workspace(name: &str, adapter: bool, uses: &[&str]) -> Vec<Package> {
    let package = |name: &str, adapter, uses: &[&str]| Package {
        name: name.to_owned(),
        adapter,
        uses: uses.iter().copied().map(ToOwned::to_owned).collect(),
    };
    let mut packages = vec![package(name, adapter, uses)];
    packages.extend(["vestibule-domain", "vestibule-ports"].map(|name| package(name, false, &[])));
    packages
}

#[test]
fn an_inner_crate_that_reaches_outwards_is_found() {
    for (name, used) in [
        ("vestibule-domain", "vestibule-ports"),
        ("vestibule-domain", "serde"),
        ("vestibule-application", "sqlx"),
        ("vestibule-http", "vestibule-ports"),
        ("vestibule-tidy", "time"),
    ] {
        assert_eq!(not_allowed(&workspace(name, false, &[used])), [format!("{name} may not use {used}")]);
    }
}

#[test]
fn an_adapter_may_use_the_ports_and_its_technology_only() {
    let uses = ["vestibule-domain", "vestibule-ports", "redis"];
    assert_eq!(not_allowed(&workspace("vestibule-redis", true, &uses)), Vec::<String>::new());
    let mut packages = workspace("vestibule-redis", true, &["vestibule-memory"]);
    packages.extend(workspace("vestibule-memory", true, &[]));
    assert_eq!(not_allowed(&packages), ["vestibule-redis may not use vestibule-memory"]);
}

#[test]
fn a_crate_that_the_table_does_not_know_is_found() {
    let packages = workspace("vestibule-utils", false, &[]);
    assert_eq!(not_allowed(&packages), ["vestibule-utils is not in the table of the crates"]);
}

#[test]
fn dev_dependencies_are_free_and_build_dependencies_are_not() {
    let metadata = serde_json::json!({ "packages": [{
        "name": "vestibule-domain",
        "manifest_path": "/somewhere/crates/domain/Cargo.toml",
        "dependencies": [
            { "name": "proptest", "kind": "dev" },
            { "name": "time", "kind": null },
            { "name": "cc", "kind": "build" },
        ],
    }]});
    assert_eq!(not_allowed(&packages(&metadata)), ["vestibule-domain may not use cc"]);
}
