//! Has the crate built again when a migration is added: the macro that embeds them only follows those it has seen.

fn main() {
    println!("cargo:rerun-if-changed=../../../migrations/sqlite");
}
