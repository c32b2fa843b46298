//! The components, one per file, in the order the page shows them.

pub mod app;
pub mod board;
pub mod board_cell;
pub mod candidates;
pub mod download_panel;
pub mod encoder_facts;
pub mod fault_note;
pub mod file_button;
pub mod header;
pub mod heat_map;
pub mod heat_map_table;
pub mod key_sheet;
pub mod keys;
pub mod languages_panel;
pub mod live_pane;
pub mod memory_bar;
pub mod method_fields;
pub mod model_panel;
pub mod model_shelf;
pub mod notices;
pub mod number_field;
pub mod pair_row;
pub mod pair_side;
pub mod prompts_panel;
pub mod reference_block;
pub mod result_card;
pub mod results_bar;
pub mod room_fields;
pub mod run_bar;
pub mod settings_panel;
pub mod speech;
pub mod stored_models;

pub use app::App;
