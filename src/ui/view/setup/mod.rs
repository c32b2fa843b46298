//! The panels of the Pairs screen that say what the next run is of.

pub mod encoder_facts;
pub mod hand_off;
pub mod languages_panel;
pub mod memory_bar;
pub mod method_fields;
pub mod model_panel;
pub mod model_shelf;
pub mod presets;
pub mod prompts;
pub mod room_fields;
pub mod server_panel;
pub mod setting;
pub mod settings_panel;
pub mod stored_models;
pub mod template_field;
