//! The page: Leptos components, and `window.concord` on the same client.
//!
//! `state` holds the signals, `actions` what users can make happen, `job` how one request runs, `view` the components,
//! `words` what they say. What the end-to-end test drives carries a `data-testid`:
//!
//! | test id | what |
//! |---|---|
//! | `nav-lesson`, `nav-pairs`, `nav-compare`, `nav-representations`, `nav-batches`, `nav-agreement` | the screens; `aria-current` |
//! | `ask-panel`, `ask-all`, `ask-own`, `ask-instructed`, … | what the model is still to be asked, and the buttons |
//! | `method-table`, `measure`, `sort-all`, `sort-en`, …, `method-row`, `method-cell`, `unmeasured-methods` | methods by languages; `data-method`, `data-column` |
//! | `use-method`, `own-method`, `confirm-method`, `confirm-use` | making a method the session's |
//! | `pair-list`, `listed-pairs`, …, `picked-row`, `picked-chosen`, `picked-rejected`, `show-row` | the pairs behind a cell; `data-sample` |
//! | `agreement-table`, `agreement-cell`, `differences`, `difference` | how far two methods agree, and where they do not |
//! | `band-table`, `skip-table`, `measures`, `method-facts` | below them |
//! | `groups-per-batch`, `batch-seed`, `epochs`, `composition`, `complete-groups`, `add-anchor-pairs` | how batches are composed |
//! | `batch-facts`, `batch-step`, `remainder`, `download-batches`, `download-guide`, `losses` | the batches; `data-step`, `data-rows` |
//! | `conflicts`, `conflict-count`, `conflict`, `conflict-response`, `conflict-vote`, `settle`, `choose-other`, `conflict-back`, `conflict-later`, `undo-settled` | rows on which people disagree; `data-prompt`, `data-language`, `data-sample`, `data-actor` |
//! | `with-method`, `with-method-facts`, `kept-share`, `margin-cut-words`, `with-method-table`, `with-method-row`, `nothing-decided` | people against the method; `data-language` |
//! | `people`, `people-table`, `people-row`, `pairs-table`, `annotator-pair`, `annotators`, `annotator`, `one-annotator`, `people-computing` | people among themselves; `data-language` |
//! | `repeats`, `repeats-on`, `self-table`, `self-row`, `no-repeats` | people with themselves |
//! | `screen-status`, `empty-screen` | on every screen but Pairs and the lesson |
//! | `lesson`, `lesson-fault`, `retry-lesson` | where the lesson shows itself; that it did not come, and another try |
//! | `look-at-example` | opens the example session, where there is no session yet |
//! | `build-button`, `cancel-button`, `progress` | the run |
//! | `status-message` | one sentence on what the page does; it says "Done." at the end of a run |
//! | `backend-label` | what runs the model; `data-backend` is `webgpu` or `cpu` once one is loaded |
//! | `backend` | the choice of what runs models: `auto`, `webgpu`, `cpu` |
//! | `shelf`, `offer`, `load-offer` | the models on offer; `data-address` |
//! | `stored-model`, `load-stored`, `delete-model`, `persist` | the models kept on this device; `data-id`, `data-complete` |
//! | `model-address`, `open-address`, `keep-file` | a model by address, and whether what is fetched stays here |
//! | `model-notes` | what users should know about how the model was loaded |
//! | `resume-button`, `discard-button`, `replace-button` | a run that was cut short; a session that would be replaced |
//! | `open-model`, `open-prompts`, `open-responses`, `open-session` | file inputs |
//! | `responses-dialog`, `responses-summary`, `responses-refusal`, `response-problems`, `responses-kind`, …, `use-responses`, `cancel-responses` | what would come of opened responses |
//! | `pick-note`, `pick-pairs` | above a session that has responses and no pairs |
//! | `prompt-count`, `anchor`, `n`, `temperature`, `top-k`, `top-p`, `min-p`, `repetition-penalty`, `seed`, `max-tokens`, `method` | settings |
//! | `max-tokens-auto`, `thinking`, `thinks-always` | whether the token limit is measured; whether the model thinks first, or that it always does |
//! | `run-cost` | what a run takes at most |
//! | `live-samples`, `thought` | while a run is under way: the samples of a cell, and the end of what one is thinking |
//! | `board-cell` | one per prompt of the shown page and language; `data-state` after a run |
//! | `cards` | around the cards; `aria-busy` is `true` until every card of the page is there (one comes per frame) |
//! | `result-card` | one per prompt of the shown page; `data-prompt` |
//! | `pair-row` | one per row of a card that passes the filter; the anchor has one only with anchor pairs: `data-prompt`, `data-language`, `data-chosen`, `data-rejected`, `data-margin`, `data-skip`, `data-state` |
//! | `reference` | the reference of a card; `data-sample` |
//! | `accept`, `swap`, `leave-out`, `reset`, `candidate` | in the row that is looked at; in a card, or as below |
//! | `desk`, `look-focus`, `look-table`, `look-overview`, `fold-rail` | the review; `data-look` |
//! | `focus-row`, `focus-question`, `focus-reference`, `focus-chosen`, `focus-rejected`, `focus-side`, `offers`, `equal` | one row at a time; attributes as of `pair-row` |
//! | `action-bar`, `tie`, `both-good`, `both-bad`, `cannot-judge`, `harmful`, `flag`, `note`, `edit`, `reasons`, `next`, `previous` | the acts on it; each is a command of `keymap` |
//! | `edited`, `edit-response`, `edit-text`, `save-edit`, `restore-text`, `note-text`, `save-note`, `reason-wrong-answer`, … | what is said besides |
//! | `said`, `row-problem`, `all-decided`, `progress-words` | what was decided last, why an act could not be done, how far the review is |
//! | `row-table`, `table-row` | the table of rows |
//! | `more-filters`, `filter-search`, `filter-language`, `filter-similar`, `filter-similar-responses`, …, `clear-filters`, `no-rows`, `show-all-rows` | which rows are shown |
//! | `bulk`, `bulk-dialog`, `bulk-act`, `bulk-count`, `bulk-confirm` | an act on all of them |
//! | `review-options`, `blind`, `differences`, `annotator-name` | how they are shown, and who decides |
//! | `key-accept`, …, `key-refused`, `reset-keys`, `close-keys` | the sheet of keys |
//! | `reasoning`, `still-reasoning` | with a response: what was thought before it; why there is none |
//! | `cut-note`, `rerun-cut` | responses that were cut short or have no text, and the press that runs the cut ones again, longer |
//! | `undo`, `redo`, `min-margin`, `summary`, `filter-all`, `filter-undecided`, … | above the cards |
//! | `open-heat-map`, `heat-map`, `heat-map-reading` | the similarity of a prompt's responses |
//! | `picture-all`, `picture-siblings`, `picture-targets`, `picture-points` | which picture of a prompt's responses is shown |
//! | `chart-frame`, `chart`, `chart-reading`, `chart-summary`, `chart-as-table`, `chart-table`, `chart-svg`, `chart-png`, `chart-csv` | a picture (`data-chart` is its name), the reading under its cursor, its table and its files |
//! | `open-margins`, `margins`, `margin-slider`, `margin-cut`, `margin-counts` | margins by language and the cut through them |
//! | `unmeasured`, `measure-states`, `study-source`, `study-layer`, `study-prompt`, `study-form`, `study-tau` | the Representations screen: measuring, and what is looked at |
//! | `spectrum-languages`, `spectrum-facts`, `metric-loss`, …, `choose-pairs`, `pair-table`, `matching-pair`, `matching-seed`, `matching-train`, `study-notes` | its parts |
//! | `download-trl`, `download-session`, `export-summary`, `export-problems` | files out |
//! | `fault`, `load-again` | a message of something that failed; `data-code`; the way back where the model is gone |
//! | `sessions`, `session-here`, `session-name`, `session-facts`, `save-zip`, `persistence`, `annotator` | the list of sessions, and the open one |
//! | `kept-others`, `kept-other`, `open-other`, `save-other`, `rename-session`, `session-new-name`, `duplicate-session`, `delete-other` | sessions and runs that are kept besides the open one |
//! | `deleted-note`, `restore-last`, `deleted-sessions`, `deleted-session`, `restore-session`, `remove-session` | what was deleted |
//! | `open-merge`, `merge-offer`, `merge-facts`, `merge-name`, `merge-blocker`, `merge`, `cancel-merge` | another person's decisions |
//! | `preset`, `preset-name`, `save-preset`, `use-preset`, `delete-preset`, `copy-settings`, `settings-link` | settings with a name, and in a link |
//! | `no-webgpu`, `unfinished`, `interrupted`, `storage-problem`, `run-problems`, `setup-warnings`, `prompt-problems`, `kept` | notices |
//! | `works-offline`, `new-version`, `reload` | all of the page is kept in this browser; a newer version is, too, and waits |
//!
//! Sample indices in `data-` attributes count from 0, as in the session file; on screen they count from 1.

pub mod actions;
pub mod api;
pub mod client;
pub mod due;
pub mod job;
pub mod keymap;
pub mod latest;
pub mod method_words;
pub mod model_source;
pub mod reader;
pub mod route;
pub mod row_focus;
pub mod screen;
pub mod session_words;
pub mod slices;
pub mod state;
pub mod today;
pub mod view;
pub mod words;

/// Starts the page: the worker, `window.concord`, and the screen.
pub fn main() {
    console_error_panic_hook::set_once();
    client::start();
    // The window of a fresh page takes new properties.
    let _installed = api::install();
    crate::browser::preferences::apply_theme(&crate::browser::preferences::get("theme").unwrap_or_default());
    if let Some(loading) = leptos::prelude::document().get_element_by_id("loading") {
        loading.remove();
    }
    leptos::mount::mount_to_body(view::App);
}
