//! Asks the loaded model about existing responses: forced scores, translations, states.
//!
//! Every kind works in batches. It reports progress after each and can be cancelled between two; what was measured by then
//! is kept.

mod asker;
mod forced;
mod representations;
mod row_scores;
mod rows;
mod states;
mod translated;
mod translations;

use crate::{
    data::{MeasureKind, Measurements, Response},
    generate::LanguageModel,
    protocol::{Fault, FaultCode, MeasureOutcome, MeasureRequest},
    worker::{
        generator::Generator,
        task::{Host, Task},
    },
};

use super::unwritable::{listed, lost_of_responses, lost_of_texts};
use asker::{Asker, Teller};
use row_scores::After;
use rows::Row;

/// Measures what is asked for, kind by kind. When cancelled, what was measured is in the outcome.
///
/// # Errors
/// Layers that the model does not have, no chat template where all that is asked needs one, or a failure of the model.
pub(crate) async fn measure<M: LanguageModel, H: Host>(
    generator: &mut Generator<M>,
    task: &Task<H>,
    request: MeasureRequest,
) -> Result<MeasureOutcome, Fault> {
    let layers = representations::layers(&request, generator.info.n_layers)?;
    let mut problems = Vec::new();
    let kinds = feasible(&request, generator, &mut problems)?;
    let rows = rows::rows(&request);
    let planned = match kinds.contains(&MeasureKind::Translated) {
        true => translated::plan(&request, &rows, &mut problems),
        false => Vec::new(),
    };
    let total: usize = kinds.iter().map(|kind| n_texts(*kind, &request, &rows, planned.len())).sum();
    let is_same_model = request.model.as_ref() == Some(&generator.record());
    problems.extend(unwritable(&rows, generator, is_same_model));
    let mut out = MeasureOutcome {
        measurements: Measurements { model: Some(generator.record()), ..Measurements::default() },
        translated: Vec::new(),
        cancelled: false,
        problems: Vec::new(),
    };
    let teller = Teller { task, done: 0, total };
    let date = request.config.date;
    let mut asker = Asker { generator, teller, is_same_model, date, problems };
    asker.teller.advance(0);
    for kind in kinds {
        let Measurements { own, instructed, translations, states, representations, .. } =
            &mut out.measurements;
        let ended = match kind {
            MeasureKind::Own => row_scores::score(&mut asker, &rows, After::Own, own).await,
            MeasureKind::Instructed => {
                let after = After::Instructed(&request.config.anchor);
                row_scores::score(&mut asker, &rows, after, instructed).await
            }
            MeasureKind::Translations => {
                translations::score(&mut asker, &rows, &request.config.anchor, translations).await
            }
            MeasureKind::Translated => {
                translated::translate(&mut asker, &planned, &request.config, &mut out.translated).await
            }
            MeasureKind::States => states::compare(&mut asker, &rows, states).await,
            MeasureKind::Chat | MeasureKind::Plain => {
                representations::represent(&mut asker, &rows, kind, &layers, representations).await
            }
        };
        match ended {
            Ok(()) => {}
            Err(fault) if fault.code == FaultCode::Cancelled => {
                out.cancelled = true;
                break;
            }
            Err(fault) => return Err(fault),
        }
    }
    out.problems = asker.problems;
    Ok(out)
}

/// The kinds asked for, each once, that the model can give at all.
fn feasible<M: LanguageModel>(
    request: &MeasureRequest,
    generator: &Generator<M>,
    problems: &mut Vec<String>,
) -> Result<Vec<MeasureKind>, Fault> {
    let mut kinds: Vec<MeasureKind> = Vec::new();
    for &kind in &request.kinds {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let n_asked = kinds.len();
    if let Err(fault) = generator.prompter.check_template() {
        kinds.retain(|kind| matches!(kind, MeasureKind::States | MeasureKind::Plain));
        if kinds.is_empty() && n_asked > 0 {
            return Err(fault);
        }
        if kinds.len() < n_asked {
            problems.push(format!("only what needs no chat template was measured: {}", fault.message));
        }
    }
    Ok(kinds)
}

/// What the model cannot read of the prompts, and of responses that another one made.
fn unwritable<M>(rows: &[Row<'_>], generator: &Generator<M>, is_same_model: bool) -> Vec<String> {
    let tokenizer = &generator.prompter.tokenizer;
    let texts = rows.iter().map(|row| row.text);
    let mut lost = lost_of_texts(tokenizer, texts, |places| listed(places, |place| rows[place].name()));
    if !is_same_model {
        let responses: Vec<&Response> = rows.iter().flat_map(|row| row.responses.iter().copied()).collect();
        lost.extend(lost_of_responses(&generator.info.name, tokenizer, &responses));
    }
    lost
}

/// Texts that a kind takes, for the progress bar.
fn n_texts(kind: MeasureKind, request: &MeasureRequest, rows: &[Row<'_>], n_planned: usize) -> usize {
    match kind {
        MeasureKind::Own => rows.iter().map(|row| row.responses.len()).sum(),
        MeasureKind::Instructed | MeasureKind::States => {
            rows.iter().map(|row| row.candidates().count()).sum()
        }
        MeasureKind::Translations => {
            rows::by_prompt(rows).map(|rows| translations::n_cells(rows, &request.config.anchor)).sum()
        }
        MeasureKind::Translated => n_planned,
        MeasureKind::Chat | MeasureKind::Plain => rows.len(),
    }
}

#[cfg(test)]
mod tests;
