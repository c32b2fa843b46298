//! What a run has brought on the Pairs screen: the board, the cards, and a row of a card.

pub mod board;
pub mod board_cell;
pub mod candidates;
pub mod heat_map;
pub mod judgement;
pub mod live_pane;
pub mod margin_panel;
pub mod pair_row;
pub mod pair_side;
pub mod prompt_pictures;
pub mod reference_block;
pub mod result_card;
pub mod results_bar;
