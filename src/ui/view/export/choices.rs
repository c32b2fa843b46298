//! What is to be exported: the format, which rows, and how they are written.

use leptos::prelude::*;

use super::super::{
    super::{actions::export::Preview, state::Workbench},
    disclosure::Disclosure,
    fields::{NumberField, SwitchField},
};
use crate::data::{ExportFormat, ExportOptions, ExportOrder, ExportStatuses};

/// What a format is called.
pub fn name(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Trl => "pairs for TRL",
        ExportFormat::TrlImplicit => "pairs for reward models",
        ExportFormat::Kto => "rows for KTO",
        ExportFormat::LlamaFactory => "pairs for LLaMA-Factory",
        ExportFormat::MsSwift => "pairs for ms-swift",
        ExportFormat::Ultrafeedback => "UltraFeedback rows (legacy)",
        ExportFormat::Full => "every column",
        ExportFormat::Hub => "a dataset folder",
    }
}

/// What a format is for.
fn purpose(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Trl => {
            "Explicit prompt, conversational: TRL's DPO, CPO, ORPO and BCO trainers, Unsloth, OpenRLHF and Axolotl's DPO."
        }
        ExportFormat::TrlImplicit => {
            "The prompt in both conversations: TRL's RewardTrainer, Axolotl's ORPO, OpenRLHF without a prompt key."
        }
        ExportFormat::Kto => "One response a row, labelled good or bad: KTO in TRL, Axolotl and OpenRLHF.",
        ExportFormat::LlamaFactory => {
            "LLaMA-Factory's sharegpt form with a ranking. The zip has the dataset_info.json that it needs."
        }
        ExportFormat::MsSwift => {
            "Messages and a rejected response: ms-swift's DPO, ORPO, CPO, SimPO and reward models."
        }
        ExportFormat::Ultrafeedback => {
            "The legacy shape of UltraFeedback-binarized, for code that asks for it. TRL's trainers no longer read it."
        }
        ExportFormat::Full => {
            "Prompt, chosen and rejected with scores, models, reference and who decided: to analyse or filter."
        }
        ExportFormat::Hub => {
            "A zip for a dataset repository: every column, a file a language, dataset card, Croissant, licence, log of decisions."
        }
    }
}

/// The choices.
#[component]
pub fn Choices(
    /// What is chosen.
    options: RwSignal<ExportOptions>,
    /// What that would hold.
    shown: RwSignal<Option<Preview>>,
) -> impl IntoView {
    let format = Memo::new(move |_| options.with(|options| options.format));
    let names = ExportFormat::ALL.map(|choice| {
        let name = name(choice);
        let name = name[..1].to_uppercase() + &name[1..];
        view! { <option value=choice.as_str() selected=move || format.get() == choice>{name}</option> }
    });
    let choose = move |event: web_sys::Event| {
        if let Some(choice) = ExportFormat::parse(&event_target_value(&event)) {
            options.update(|options| take(options, choice));
        }
    };
    view! {
        <div class="fields">
            <div class="field">
                <label class="field__label" for="export-format">"Export"</label>
                <select id="export-format" data-testid="export-format" class="field__input" aria-describedby="export-purpose" on:change=choose>
                    {names}
                </select>
                <p class="field__help" id="export-purpose">{move || purpose(format.get())}</p>
            </div>
            <Statuses options shown />
            <Show when=move || format.get() == ExportFormat::Kto><Threshold options /></Show>
            <Show when=move || format.get() == ExportFormat::Hub><Repository options /></Show>
            <Disclosure summary=Signal::stored("How it is written".to_owned()) testid="export-more">
                <Writing options />
            </Disclosure>
        </div>
    }
}

/// Takes another format, with what it always needs.
fn take(options: &mut ExportOptions, format: ExportFormat) {
    options.format = format;
    options.zip = format == ExportFormat::LlamaFactory;
}

/// Which rows, with how many there are.
#[component]
fn Statuses(
    /// What is chosen.
    options: RwSignal<ExportOptions>,
    /// What that would hold.
    shown: RwSignal<Option<Preview>>,
) -> impl IntoView {
    let counts =
        Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|shown| shown.counts).unwrap_or_default()));
    let choice = move |value: ExportStatuses, id: &'static str| {
        let label = move || {
            let counts = counts.get();
            match value {
                ExportStatuses::Accepted => format!("Accepted only ({})", counts.n_accepted),
                ExportStatuses::AcceptedAndUndecided => {
                    format!("Also undecided ({} and {})", counts.n_accepted, counts.n_undecided)
                }
            }
        };
        view! {
            <label class="switch">
                <input
                    type="radio"
                    name="export-statuses"
                    data-testid=id
                    prop:checked=move || options.with(|options| options.statuses == value)
                    on:change=move |_| options.update(|options| options.statuses = value)
                />
                <span>{label}</span>
            </label>
        }
    };
    view! {
        <fieldset class="switches">
            <legend class="field__label">"Which pairs"</legend>
            {choice(ExportStatuses::Accepted, "export-accepted")}
            {choice(ExportStatuses::AcceptedAndUndecided, "export-undecided")}
        </fieldset>
    }
}

/// From which score on a response is good.
#[component]
fn Threshold(
    /// What is chosen.
    options: RwSignal<ExportOptions>,
) -> impl IntoView {
    let page = Workbench::here();
    let method =
        Memo::new(move |_| page.desk.with(|desk| desk.as_ref().map(|desk| desk.session().config.method)));
    // Scores of the methods with a reference are similarities; those of the others have no common middle.
    let usual =
        move || if method.get_untracked().is_some_and(|method| method.has_reference()) { 0.5 } else { 0.0 };
    let is_on = Memo::new(move |_| options.with(|options| options.threshold.is_some()));
    let value = Signal::derive(move || f64::from(options.with(|options| options.threshold.unwrap_or(0.5))));
    view! {
        <SwitchField label="Only what the score agrees with" testid="export-has-threshold"
            help="A chosen response may still be bad. With a threshold, chosen goes out as good only from that score on, and rejected as bad only below it."
            is_on
            on_change=move |on| options.update(|options| options.threshold = on.then(usual)) />
        <Show when=move || is_on.get()>
            <NumberField label="Score from which a response is good" name="export-threshold" min=-1e6 max=1e6 step=0.05
                help="In the method's own unit."
                value
                on_change=move |value| options.update(|options| {
                    #[expect(clippy::cast_possible_truncation, reason = "scores are f32")]
                    let threshold = value as f32;
                    options.threshold = Some(threshold);
                }) />
        </Show>
    }
}

/// What a dataset repository must say.
#[component]
fn Repository(
    /// What is chosen.
    options: RwSignal<ExportOptions>,
) -> impl IntoView {
    let field = move |label, id: &'static str, hint, read: fn(&mut ExportOptions) -> &mut String| {
        let value = move || options.with(|options| read(&mut options.clone()).clone());
        let change = move |event: web_sys::Event| {
            let text = event_target_value(&event).trim().to_owned();
            options.update(|options| *read(options) = text);
        };
        view! {
            <div class="field">
                <label class="field__label" for=id>{label}</label>
                <input class="field__input" id=id data-testid=id type="text" placeholder=hint autocomplete="off" spellcheck="false" prop:value=value on:change=change />
            </div>
        }
    };
    view! {
        {field("Repository", "export-name", "you/your-pairs", |options| &mut options.name)}
        {field("Licence of the data", "export-licence", "cc-by-4.0", |options| &mut options.licence)}
        <p class="field__help">"Both go into the card. The prompts' own licence decides which you may give."</p>
    }
}

/// Order, kind of file, columns and zip.
#[component]
fn Writing(
    /// What is chosen.
    options: RwSignal<ExportOptions>,
) -> impl IntoView {
    let read = move |of: fn(&ExportOptions) -> bool| Signal::derive(move || options.with(of));
    let is_folder = read(|options| options.format == ExportFormat::Hub);
    view! {
        <div class="fields">
            <SwitchField label="With its provenance" testid="export-metadata"
                help="Margin, status, method and model in every row, in columns that begin with concord_, which no trainer reads."
                is_on=read(|options| options.metadata)
                on_change=move |on| options.update(|options| options.metadata = on) />
            <SwitchField label="In training batches" testid="export-batches"
                help="Whole groups of a prompt's pairs, composed as the Batches screen says. Do not shuffle such a file."
                is_on=read(|options| options.order == ExportOrder::Batches)
                on_change=move |on| options.update(|options| {
                    options.order = if on { ExportOrder::Batches } else { ExportOrder::Session };
                }) />
            <SwitchField label="As Parquet" testid="export-parquet"
                help="The same rows with their types, smaller and quicker to load; no loader takes a text for a date."
                is_on=read(|options| options.parquet)
                on_change=move |on| options.update(|options| options.parquet = on) />
            <Show when=move || !is_folder.get()>
                <SwitchField label="As a zip with settings" testid="export-zip"
                    help="Beside the rows: settings for the trainers that read them, what the run was, and the rows left out."
                    is_on=read(|options| options.zip)
                    on_change=move |on| options.update(|options| options.zip = on) />
            </Show>
        </div>
    }
}
