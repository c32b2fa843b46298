//! Labelled inputs.

pub mod file_button;
pub mod number_field;
pub mod switch_field;

pub use file_button::FileButton;
pub use number_field::NumberField;
pub use switch_field::SwitchField;
