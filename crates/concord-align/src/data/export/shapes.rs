//! The shape of a row in each format.
//!
//! Columns of ours begin with `concord_`, which no trainer reads: `margin` alone would change the loss of OpenRLHF and of
//! TRL's reward trainer. `prompt_id` and `language` are the prompt set's own. Every row has every column, with one type, and
//! none is null: a loader that sees only nulls in one language's file refuses the next file.

use super::guards::Texts;
use super::line::{BatchColumns, Line, Message};
use super::{ExportFormat, ExportOptions, PairRecord, PairSide};
use crate::data::RowStatus;

/// What a KTO row says of a side.
pub(super) type Labelled<'a> = (&'a str, bool);

/// Writes the line of a pair; of a side of it for KTO.
pub(super) fn write_row(
    mut line: Line<'_>,
    options: &ExportOptions,
    record: &PairRecord<'_>,
    texts: Texts<'_>,
    labelled: Option<Labelled<'_>>,
    place: Option<BatchColumns>,
) {
    let Texts { prompt, chosen, rejected, .. } = texts;
    let user: Message<'_> = ("user", prompt);
    let assistant = |text| ("assistant", text);
    match options.format {
        ExportFormat::Trl | ExportFormat::Full | ExportFormat::Hub => {
            line.messages("prompt", &[user]);
            line.messages("chosen", &[assistant(chosen)]);
            line.messages("rejected", &[assistant(rejected)]);
        }
        ExportFormat::TrlImplicit => {
            line.messages("chosen", &[user, assistant(chosen)]);
            line.messages("rejected", &[user, assistant(rejected)]);
        }
        ExportFormat::Kto => {
            let (completion, label) = labelled.unwrap_or((chosen, true));
            line.messages("prompt", &[user]);
            line.messages("completion", &[assistant(completion)]);
            line.flag("label", label);
        }
        ExportFormat::LlamaFactory => {
            line.turns("conversations", &[("human", prompt)]);
            line.turn("chosen", ("gpt", chosen));
            line.turn("rejected", ("gpt", rejected));
        }
        ExportFormat::MsSwift => {
            line.messages("messages", &[user, assistant(chosen)]);
            line.text("rejected_response", rejected);
        }
        ExportFormat::Ultrafeedback => {
            line.text("prompt", prompt);
            line.messages("chosen", &[user, assistant(chosen)]);
            line.messages("rejected", &[user, assistant(rejected)]);
            line.messages("messages", &[user, assistant(chosen)]);
        }
    }
    line.text("prompt_id", record.prompt_id);
    line.text("language", record.written_language());
    let [chosen_score, rejected_score] = record.scores().unwrap_or_default();
    let is_full = matches!(options.format, ExportFormat::Full | ExportFormat::Hub);
    if is_full || options.format == ExportFormat::Ultrafeedback {
        line.number("score_chosen", chosen_score);
        line.number("score_rejected", rejected_score);
    }
    if options.metadata || is_full {
        line.number("concord_margin", chosen_score - rejected_score);
        line.flag("concord_has_scores", record.scores().is_some());
        line.text("concord_status", record.status.as_str());
        line.text("concord_method", record.method);
        line.text("concord_model", &models(record));
        if let Some(model) = record.prompt_draft {
            line.text("concord_prompt_draft", model);
        }
    }
    if is_full {
        write_all(&mut line, record);
    }
    if let Some(place) = place {
        line.integer("concord_epoch", place.epoch);
        line.integer("concord_step", place.step);
        line.integer("concord_batch", place.batch);
        line.integer("concord_group", place.group);
    }
    line.end();
}

/// The columns that only the full rows have.
fn write_all(line: &mut Line<'_>, record: &PairRecord<'_>) {
    let sides = [record.chosen, record.rejected];
    let [chosen, rejected] = sides.map(|side| side.map_or("", |side| side.model));
    line.text("chosen_model", chosen);
    line.text("rejected_model", rejected);
    let [chosen, rejected] = sides.map(|side| side.map_or(0, |side| side.sample));
    line.integer("concord_chosen_sample", chosen);
    line.integer("concord_rejected_sample", rejected);
    let [chosen, rejected] = sides.map(|side| side.is_some_and(|side| side.is_edited));
    line.flag("concord_chosen_edited", chosen);
    line.flag("concord_rejected_edited", rejected);
    let is_persons = record.status != RowStatus::Undecided || record.is_changed || chosen || rejected;
    line.text("concord_decided_by", if is_persons { "person" } else { "method" });
    line.flag("concord_changed", record.is_changed);
    line.text("concord_reasons", &record.reasons.join("; "));
    let (language, text) = record.reference.map_or(("", ""), |(language, text)| (language.as_str(), text));
    line.text("concord_reference", text);
    line.text("concord_reference_language", language);
    line.text("concord_licence", record.licence.unwrap_or_default());
}

/// Who wrote the pair: one name where both sides have the same.
fn models(record: &PairRecord<'_>) -> String {
    let name = |side: Option<PairSide<'_>>| side.map(|side| side.model.to_owned()).unwrap_or_default();
    let (chosen, rejected) = (name(record.chosen), name(record.rejected));
    if chosen == rejected { chosen } else { format!("{chosen}; {rejected}") }
}
