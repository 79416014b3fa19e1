//! Parts of the executable that the stories of `tests/` reach too; everything else of it
//! starts in `main.rs`.

pub mod demo;
