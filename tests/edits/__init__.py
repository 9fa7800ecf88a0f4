"""Random edits of real Rust files: what the product then finds, held against rustc."""
