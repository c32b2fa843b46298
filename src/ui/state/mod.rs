//! The state of the page: signals in one `Copy` struct, given once by context, split by what changes together.
//!
//! Per click: `view`, `setup`, `desk`, `focus`, `kept`, `shelf`. Per job: `active`, `models`, `run`, `fault`. Per progress tick:
//! `progress`. Per token: `live`.

mod compared;
mod fault;
mod focus;
mod job;
mod kept;
mod merge;
mod models;
mod prompt_import;
mod response_import;
mod review;
mod run;
mod server;
mod sheet;
mod shelf;

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::{reader::Stop, screen::View, words};
use crate::{
    align::BatchSettings,
    curation::{Cell, Desk, LiveGrid, Setup},
    data::ImportProblem,
    protocol::{BackendChoice, Environment, Fault, Progress},
};

pub use compared::Compared;
pub use fault::Place;
pub use focus::{Focus, PAGE};
pub use job::{ActiveJob, Activity};
pub use kept::{Kept, KeptBook};
pub use merge::MergeOffer;
pub use models::{KeptModel, Models, Room};
pub use prompt_import::PromptImport;
pub use response_import::ResponseImport;
pub use review::{Draft, Look, Part, Review};
pub use run::{RunState, Unfinished};
pub use server::Server;
pub use sheet::Sheet;
use sheet::sheet_of;
pub use shelf::Shelf;

/// Everything a component may read or change.
#[derive(Clone, Copy)]
pub struct Workbench {
    /// Which screen is shown.
    pub view: RwSignal<View>,
    /// The next run.
    pub setup: RwSignal<Setup>,
    /// What was wrong with the prompt set that was opened last.
    pub prompt_problems: RwSignal<Vec<ImportProblem>>,
    /// The prompt set that is being opened, or was opened last.
    pub prompt_import: RwSignal<Option<PromptImport>, LocalStorage>,
    /// Whether the dialog about it is open.
    pub is_import_open: RwSignal<bool>,
    /// How training batches are composed, on their screen and in an export.
    pub batch_settings: RwSignal<BatchSettings>,
    /// Whether the person has chosen what a batch is made of.
    pub is_composition_chosen: RwSignal<bool>,
    /// The responses that a dialog asks about.
    pub response_import: RwSignal<Option<ResponseImport>>,
    /// Their files.
    pub response_files: StoredValue<Vec<(String, Blob)>, LocalStorage>,
    /// The session under review.
    pub desk: RwSignal<Option<Desk>>,
    /// Where the person is.
    pub focus: RwSignal<Focus>,
    /// How they review.
    pub review: Review,
    /// What is kept in this browser.
    pub kept: RwSignal<Kept>,
    /// Another person's decisions that could be added.
    pub merge: RwSignal<Option<MergeOffer>>,
    /// What the machine offers, once the worker has spoken.
    pub environment: RwSignal<Option<Environment>>,
    /// The loaded models.
    pub models: RwSignal<Models>,
    /// The server that makes the responses in place of the generator.
    pub server: RwSignal<Option<Server>>,
    /// Stops a run on it.
    pub stop: StoredValue<Option<Stop>, LocalStorage>,
    /// The job under way.
    pub active: RwSignal<ActiveJob>,
    /// What happened to it, and what is done about that.
    pub interrupted: RwSignal<Option<String>>,
    /// Whether a job is under way.
    pub is_busy: Memo<bool>,
    /// The run, under way or cut short.
    pub run: RwSignal<RunState>,
    /// What the model could not be asked the last time, each with what to do.
    pub ask_problems: RwSignal<Vec<String>>,
    /// What went wrong last, and where.
    pub fault: RwSignal<Option<(Place, Fault)>>,
    /// The models kept on this device.
    pub shelf: RwSignal<Shelf>,
    /// What the person wants models to run on.
    pub backend: RwSignal<BackendChoice>,
    /// How much room models are loaded with.
    pub room: RwSignal<Room>,
    /// The file of the loaded model, where it was picked from the disk.
    pub opened_files: StoredValue<Option<JsValue>, LocalStorage>,
    /// How far the job is.
    pub progress: RwSignal<Progress>,
    /// The running grid.
    pub live: RwSignal<LiveGrid>,
    /// One sentence for everybody, screen readers included.
    pub status: RwSignal<String>,
    /// Whether the sheet of keys is open.
    pub is_key_sheet_open: RwSignal<bool>,
    /// Whether single-letter keys work.
    pub has_letter_keys: RwSignal<bool>,
    /// Grows whenever the session's record changes otherwise than by a decision.
    pub record: RwSignal<u32>,
    /// Every method on the session's responses.
    pub compared: RwSignal<Compared>,
    /// Cards, from the first on the page, that show the desk as it is now.
    pub n_cards_due: RwSignal<usize>,
    /// What the board shows.
    pub sheet: Memo<Arc<Sheet>>,
}

/// Which of its three faces the page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Nothing was run yet.
    #[default]
    Setup,
    /// A run is under way.
    Running,
    /// A session is on the desk.
    Review,
}

impl Workbench {
    /// Fresh signals.
    pub fn new(has_letter_keys: bool, backend: BackendChoice) -> Self {
        let setup = RwSignal::new(Setup::default());
        let desk = RwSignal::new(None::<Desk>);
        let (active, run) = (RwSignal::new(ActiveJob::default()), RwSignal::new(RunState::default()));
        let of_run = Memo::new(move |_| run.with(|run| run.sheet.clone()));
        Self {
            view: RwSignal::new(View::of_url()),
            setup,
            prompt_problems: RwSignal::default(),
            prompt_import: RwSignal::new_local(None),
            batch_settings: RwSignal::default(),
            is_composition_chosen: RwSignal::default(),
            is_import_open: RwSignal::default(),
            response_import: RwSignal::default(),
            response_files: StoredValue::new_local(Vec::new()),
            desk,
            focus: RwSignal::default(),
            review: Review::kept(),
            kept: RwSignal::default(),
            merge: RwSignal::default(),
            environment: RwSignal::default(),
            models: RwSignal::default(),
            server: RwSignal::default(),
            stop: StoredValue::new_local(None),
            active,
            interrupted: RwSignal::default(),
            is_busy: Memo::new(move |_| active.get().activity != Activity::Idle),
            run,
            ask_problems: RwSignal::default(),
            fault: RwSignal::default(),
            shelf: RwSignal::default(),
            backend: RwSignal::new(backend),
            room: RwSignal::default(),
            opened_files: StoredValue::new_local(None),
            progress: RwSignal::default(),
            live: RwSignal::default(),
            status: RwSignal::default(),
            is_key_sheet_open: RwSignal::new(false),
            has_letter_keys: RwSignal::new(has_letter_keys),
            record: RwSignal::new(0),
            compared: RwSignal::default(),
            n_cards_due: RwSignal::new(PAGE),
            sheet: sheet_of(of_run, desk, setup),
        }
    }

    /// Changes the desk in more than a row. The cards follow one per frame: together they would hold up the page.
    pub fn change_desk(self, change: impl FnOnce(&mut Option<Desk>)) {
        self.n_cards_due.set(0);
        self.desk.update(change);
    }

    /// Puts a session on the desk, in the place of what is there. Of the rows before, the one that is looked at stays in view, if
    /// `has_same_rows` and the session has it.
    pub fn put_on_desk(self, desk: Desk, has_same_rows: bool) {
        let old = self.focus.get_untracked();
        let same = self.desk.with_untracked(|before| {
            let row = before.as_ref().filter(|_| has_same_rows)?.row(old.cell)?;
            desk.cell_of(&row.prompt_id, &row.language)
        });
        let focus = same.map_or_else(|| Focus::first_of(&desk), |cell| Focus { cell, ..old });
        self.review.begin_anew(focus.cell);
        self.focus.set(focus);
        self.change_desk(|on_desk| *on_desk = Some(desk));
    }

    /// The one of this page.
    pub fn here() -> Self {
        expect_context()
    }

    /// Whether a run is under way; tracked.
    pub fn is_building(self) -> bool {
        self.active.get().activity == Activity::Building
    }

    /// Which face the page shows; tracked.
    pub fn mode(self) -> Mode {
        if self.is_building() {
            Mode::Running
        } else if self.desk.with(Option::is_some) {
            Mode::Review
        } else {
            Mode::Setup
        }
    }

    /// Looks at a cell because the person said so.
    pub fn look_at(self, cell: Cell) {
        self.review.leave_row(cell);
        self.focus.update(|focus| {
            focus.cell = cell;
            focus.is_chosen = true;
        });
    }

    /// Shows what went wrong where it happened, and says it.
    pub fn fail(self, place: Place, fault: Fault) {
        self.status.set(words::sentence(&fault.message));
        self.fault.set(Some((place, fault)));
    }

    /// The fault to show at a place; tracked.
    pub fn fault_at(self, place: Place) -> Option<Fault> {
        self.fault.with(|fault| fault.as_ref().filter(|(at, _)| *at == place).map(|(_, fault)| fault.clone()))
    }

    /// Takes a message of a place away, before something is tried there again.
    pub fn clear_fault(self, place: Place) {
        if untrack(|| self.fault_at(place)).is_some() {
            self.fault.set(None);
        }
    }
}
