//! The state of the page: signals in one `Copy` struct, given once by context, split by how often they change.
//!
//! Per click: `view`, `setup`, `desk`, `focus`, `kept`, `shelf`. Per progress tick: `engine`, `progress`. Per token: `live`.

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::{kept::Kept, route::View};
use crate::{
    align::ComparisonTable,
    curation::{Cell, Desk, Filter, LiveGrid, Setup, next_to_judge},
    data::{Language, MeasureKind, ModelRecord, Prompt, RowProblem, SessionConfig},
    protocol::{
        BackendChoice, BuildRequest, Environment, Fault, JobId, ModelInfo, ModelSource, Progress, Role,
        StoredModel, TemplateChoice,
    },
};

/// Prompts on one page of the board and of the cards.
pub const PAGE: usize = 8;

/// Everything a component may read or change.
#[derive(Clone, Copy)]
pub struct Workbench {
    /// Which screen is shown.
    pub view: RwSignal<View>,
    /// The next run.
    pub setup: RwSignal<Setup>,
    /// What was wrong with the prompt set that was opened last.
    pub prompt_problems: RwSignal<Vec<RowProblem>>,
    /// The session under review.
    pub desk: RwSignal<Option<Desk>>,
    /// Where the person is.
    pub focus: RwSignal<Focus>,
    /// What is kept in this browser.
    pub kept: RwSignal<Kept>,
    /// The worker, the model and the job.
    pub engine: RwSignal<Engine>,
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

/// Responses written at once, and tokens of room for each; 0 is left to the worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Rows.
    pub rows: u32,
    /// Tokens of each.
    pub row_tokens: u32,
}

/// Where the person is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Focus {
    /// The cell they look at.
    pub cell: Cell,
    /// Which rows they look at.
    pub filter: Filter,
    /// Whether the cell was picked by the person rather than by the page.
    pub is_chosen: bool,
}

impl Focus {
    /// The first row of a session that asks for a judgement, else the first after the anchor.
    pub fn first_of(desk: &Desk) -> Self {
        let first = next_to_judge(desk, Cell::default(), Filter::All);
        first.map_or_else(
            || Self::first(desk.session().config.languages.len()),
            |cell| Self { cell, ..Self::default() },
        )
    }

    /// The first cell of a run after the anchor's.
    pub fn first(n_languages: usize) -> Self {
        let cell = Cell { prompt: 0, language: 1.min(n_languages.saturating_sub(1)) };
        Self { cell, ..Self::default() }
    }

    /// The page of prompts that is shown.
    pub fn page(self) -> usize {
        self.cell.prompt / PAGE
    }
}

/// What the page is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activity {
    /// Nothing.
    #[default]
    Idle,
    /// Loading a model.
    Loading,
    /// Building pairs.
    Building,
    /// Asking the model about responses.
    Asking,
}

/// Where on the page something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The model panel.
    Model,
    /// The prompts panel.
    Prompts,
    /// The run.
    Run,
    /// The results.
    Results,
    /// The files.
    Files,
    /// Asking the model about responses.
    Ask,
}

/// A run that was cut short, as found in this browser.
#[derive(Clone, Debug, PartialEq)]
pub struct Unfinished {
    /// The run, with the responses that were saved.
    pub request: BuildRequest,
    /// The model it was made with.
    pub model: KeptModel,
    /// Responses the whole run makes.
    pub n_responses: usize,
}

/// A model as a run remembers it.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KeptModel {
    /// Its name.
    pub name: String,
    /// Its SHA-256.
    pub sha256: String,
    /// Where it came from, when that can be opened again without the person.
    pub source: Option<ModelSource>,
    /// The chat template that it was asked with.
    pub template: TemplateChoice,
}

/// The worker, the model and the job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Engine {
    /// What the machine offers, once the worker has spoken.
    pub environment: Option<Environment>,
    /// The loaded model.
    pub model: Option<ModelInfo>,
    /// Where it came from.
    pub source: Option<ModelSource>,
    /// The chat template that was picked for it.
    pub template: TemplateChoice,
    /// The loaded encoder.
    pub encoder: Option<ModelInfo>,
    /// What the page is doing.
    pub activity: Activity,
    /// The job, for cancelling.
    pub job: Option<JobId>,
    /// `created` of the run that is under way or was the last one.
    pub run_created: Option<String>,
    /// Whether the person asked to stop.
    pub is_cancelling: bool,
    /// What went wrong last, and where.
    pub fault: Option<(Place, Fault)>,
    /// Prompts the last run left out, each with what to do.
    pub run_problems: Vec<String>,
    /// What the model could not be asked the last time, each with what to do.
    pub ask_problems: Vec<String>,
    /// A run found in this browser that can go on.
    pub unfinished: Option<Unfinished>,
    /// The run under way, for the board.
    pub sheet: Option<Arc<Sheet>>,
    /// Whether the person must first agree that the next run replaces the session.
    pub asks_to_replace: bool,
}

impl Engine {
    /// The fault to show at a place.
    pub fn fault_at(&self, place: Place) -> Option<Fault> {
        self.fault.as_ref().filter(|(at, _)| *at == place).map(|(_, fault)| fault.clone())
    }

    /// Whether the loaded model is the one of a session, asked in the same way.
    pub fn has_model_of(&self, record: &ModelRecord) -> bool {
        let picked = TemplateChoice::named(record.template.as_deref().unwrap_or("file"));
        self.model.as_ref().is_some_and(|model| {
            model.sha256 == record.sha256 && (model.template.is_none() || model.template == picked)
        })
    }

    /// Whether a run is under way.
    pub fn is_building(&self) -> bool {
        self.activity == Activity::Building
    }
}

/// The models kept on this device.
#[derive(Clone, Debug, PartialEq)]
pub struct Shelf {
    /// By name; `None` until the worker has said.
    pub stored: Option<Vec<StoredModel>>,
    /// Whether a file that is fetched from now on stays here.
    pub keeps: bool,
    /// Whether the browser has promised not to clear them on its own.
    pub is_persistent: bool,
    /// What a model is opened for from now on.
    pub role: Role,
}

impl Default for Shelf {
    fn default() -> Self {
        Self { stored: None, keeps: true, is_persistent: false, role: Role::Generator }
    }
}

/// Every method on the session's responses, as far as it is computed.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// [`Workbench::record`] of the session that it is of.
    pub of: Option<u32>,
    /// How far it is.
    pub percent: usize,
    /// Texts that the model is still to be asked about, by need.
    pub missing: Vec<(MeasureKind, usize)>,
    /// The table, once it is there.
    pub table: Option<Arc<ComparisonTable>>,
}

/// What the board shows: the run under way, else the session, else the next run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its prompts.
    pub prompts: Vec<Prompt>,
    /// Its languages, anchor first.
    pub languages: Vec<Language>,
    /// The anchor.
    pub anchor: Language,
    /// Samples per cell.
    pub n: u32,
}

impl Sheet {
    /// The sheet of a run.
    pub fn new(prompts: &[Prompt], config: &SessionConfig) -> Self {
        Self {
            prompts: prompts.to_vec(),
            languages: config.languages.clone(),
            anchor: config.anchor.clone(),
            n: config.n,
        }
    }

    /// Whether it would be the same of these.
    fn is_of(&self, prompts: &[Prompt], config: &SessionConfig) -> bool {
        (self.n, &self.anchor, &self.languages) == (config.n, &config.anchor, &config.languages)
            && self.prompts == prompts
    }
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
        let engine = RwSignal::new(Engine::default());
        let run_sheet = Memo::new(move |_| engine.with(|engine| engine.sheet.clone()));
        let sheet = Memo::new(move |old: Option<&Arc<Sheet>>| {
            if let Some(sheet) = run_sheet.get() {
                return sheet;
            }
            // Decisions and picks change the desk and not the sheet, and a large one takes long to make.
            let kept_or_new = |prompts: &[Prompt], config: &SessionConfig| {
                let kept = old.filter(|old| old.is_of(prompts, config));
                kept.map_or_else(|| Arc::new(Sheet::new(prompts, config)), Arc::clone)
            };
            let of_desk = desk.with(|desk| {
                desk.as_ref().map(|desk| kept_or_new(&desk.session().prompts, &desk.session().config))
            });
            of_desk.unwrap_or_else(|| setup.with(|setup| kept_or_new(setup.prompts(), setup.config())))
        });
        Self {
            view: RwSignal::new(View::of_url()),
            setup,
            prompt_problems: RwSignal::default(),
            desk,
            focus: RwSignal::default(),
            kept: RwSignal::default(),
            engine,
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
            sheet,
        }
    }

    /// Changes the desk in more than a row. The cards follow one per frame: together they would hold up the page.
    pub fn change_desk(self, change: impl FnOnce(&mut Option<Desk>)) {
        self.n_cards_due.set(0);
        self.desk.update(change);
    }

    /// The one of this page.
    pub fn here() -> Self {
        expect_context()
    }

    /// Which face the page shows; tracked.
    pub fn mode(self) -> Mode {
        if self.engine.with(Engine::is_building) {
            Mode::Running
        } else if self.desk.with(Option::is_some) {
            Mode::Review
        } else {
            Mode::Setup
        }
    }

    /// Looks at a cell because the person said so.
    pub fn look_at(self, cell: Cell) {
        self.focus.update(|focus| {
            focus.cell = cell;
            focus.is_chosen = true;
        });
    }

    /// Shows what went wrong where it happened, and says it.
    pub fn fail(self, place: Place, fault: Fault) {
        self.status.set(super::words::sentence(&fault.message));
        self.engine.update(|engine| engine.fault = Some((place, fault)));
    }

    /// Takes a message of a place away, before something is tried there again.
    pub fn clear_fault(self, place: Place) {
        self.engine.update(|engine| {
            if engine.fault.as_ref().is_some_and(|(at, _)| *at == place) {
                engine.fault = None;
            }
        });
    }
}
