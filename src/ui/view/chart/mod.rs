//! The frame of every picture: title, one sentence in words, keyboard cursor with its reading, the numbers as a table, and
//! files to take away. What is drawn is decided in `pictures::chart`; here it meets the page.

pub mod export;
pub mod frame;
pub mod picture;
pub mod table;
pub mod width;

pub use frame::ChartFrame;
pub use picture::Chart;
pub use table::TableView;
