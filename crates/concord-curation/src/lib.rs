//! What people do with the pairs of a session, for the page and the command line alike.
//!
//! It knows records and methods, and neither model, browser nor file: [`curation`] has the log, the state folded from it, how
//! people agree, and the rows that go out.

use concord_align::{align, data};

pub mod curation;
