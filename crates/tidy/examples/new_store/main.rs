//! Writes the skeleton of a store; run by `scripts/new-store`.
//!
//! The verbs are read from the sources of the ports, so the skeleton has every verb that they have now. Argument: the name
//! of the store. It runs in the root of the workspace.

mod ports;
mod skeleton;

use std::{env, error::Error, fs, path::Path};

use ports::Ports;
use skeleton::{Skeleton, with_dependency};

const MANIFEST: &str = "Cargo.toml";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [name] = arguments.as_slice() else { return Err("usage: new_store NAME".into()) };
    let ports = Ports::read(Path::new("crates/ports/src"))?;
    let files = Skeleton::new(name, &ports).files()?;
    let manifest = with_dependency(&fs::read_to_string(MANIFEST)?, name);

    let folder = Path::new("crates/adapters").join(name);
    for (file, text) in files {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        fs::write(path, text)?;
    }
    fs::write(MANIFEST, manifest)?;
    Ok(())
}
