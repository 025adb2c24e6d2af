//! Schemathesis against the server: every answer, to any client, is what `/openapi.json` says.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{PASSWORD, Server, Setup, rococoins::ROOT};

/// The last one is ours: the run is not hollow.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
                      reaches_success";
/// How many requests of an operation are made up, beside its examples and those at the bounds of its schemas.
const MADE_UP: &str = "5";

/// The settings of all runs, and who calls.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/system/openapi")
}

/// The operations without authentication: a token makes no difference to them.
fn public(server: &Server) -> Vec<String> {
    let document = server.get("/openapi.json").json();
    let items = document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let takes_no_token = |operation: &&Value| operation["security"].is_null();
    items.filter(takes_no_token).map(|operation| operation["operationId"].as_str().unwrap().to_owned()).collect()
}

/// Runs all checks as an actor of `actors.py`, and fails with what they find.
fn assert_is_true_for(actor: &str) {
    let program = env::var("VESTIBULE_TEST_SCHEMATHESIS").unwrap_or_else(|_| {
        panic!("not run: VESTIBULE_TEST_SCHEMATHESIS names no Schemathesis. `scripts/test` installs it and sets it")
    });
    let server = Setup::sqlite().with_staff().start();
    let (base, directory) = (format!("http://{}", server.address()), TempDir::new().unwrap());
    // It does not outlive a test that is killed.
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", &program])
        .arg("--config-file")
        .arg(folder().join("schemathesis.toml"))
        .args(["run", &format!("{base}/openapi.json"), "--no-color"])
        .args(["--checks", CHECKS, "--max-examples", MADE_UP])
        .env("SCHEMATHESIS_HOOKS", folder().join("actors.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .envs([("ACTOR", actor), ("BASE", &base), ("ROOT_EMAIL", ROOT), ("PASSWORD", PASSWORD)])
        .current_dir(directory.path());
    if actor != "nobody" {
        command.args(public(&server).iter().flat_map(|id| ["--exclude-operation-id", id]));
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}\n{said}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_nobody_in_particular_is_answered_is_what_is_told() {
    assert_is_true_for("nobody");
}

#[test]
fn what_a_user_of_each_dialect_is_answered_is_what_is_told() {
    assert_is_true_for("user");
}

#[test]
fn what_a_root_of_each_dialect_is_answered_is_what_is_told() {
    assert_is_true_for("root");
}
