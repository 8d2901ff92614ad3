//! `sqlx::migrate!` reads the folders at compile time but does not see files that are new.
fn main() {
    println!("cargo:rerun-if-changed=../../migrations/sqlite");
    println!("cargo:rerun-if-changed=../../migrations/postgres");
}
