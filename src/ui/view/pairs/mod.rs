//! What a run has brought on the Pairs screen: one row at a time, the table of rows, the board and the cards.

pub mod action_bar;
pub mod board;
pub mod board_cell;
pub mod bulk_dialog;
pub mod candidates;
pub mod desk_bar;
pub mod desk_view;
pub mod edit_field;
pub mod filters;
pub mod focus_view;
pub mod heat_map;
pub mod judgement;
pub mod live_pane;
pub mod long_field;
pub mod margin_panel;
pub mod note_field;
pub mod offers;
pub mod pair_row;
pub mod pair_side;
pub mod pick_note;
pub mod prompt_pictures;
pub mod reasons;
pub mod reference_block;
pub mod result_card;
pub mod row_sets;
pub mod row_table;
