#![allow(warnings)]
#[path = "../../tests/it/house.rs"]
mod house;
#[path = "../../tests/it/deliveries/mod.rs"]
mod deliveries;
