//! Makes the build notice a new migration, which no source file names.

fn main() {
    println!("cargo::rerun-if-changed=../../../migrations/postgres");
}
