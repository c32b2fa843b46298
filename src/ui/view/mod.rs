//! The components, one per file; a folder for each screen, and for what the screens are made of.

pub mod agreement;
pub mod app;
pub mod batches;
pub mod chart;
pub mod compare;
pub mod disclosure;
pub mod empty;
pub mod evidence;
pub mod example;
pub mod export;
pub mod fault_note;
pub mod fields;
pub mod header;
pub mod key_sheet;
pub mod keys;
pub mod later;
pub mod lesson;
pub mod modal;
pub mod notice;
pub mod notices;
pub mod pairs;
pub mod representations;
pub mod run_bar;
pub mod screen;
pub mod sessions;
pub mod setup;
pub mod speech;
pub mod why;

pub use app::App;
