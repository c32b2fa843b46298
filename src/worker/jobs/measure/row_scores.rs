//! Forced scores of responses after one prompt per row: their own, or the anchor's with an instruction.

use crate::{
    align::instructions,
    data::{Language, RowScores},
    generate::LanguageModel,
    protocol::Fault,
    worker::task::Host,
};

use super::{asker::Asker, forced::ForcedList, rows::Row};

/// Rows that are tokenised and scored together: enough to fill batches, few enough to hold.
const ROWS_AT_ONCE: usize = 64;

/// After which prompt the responses are scored.
#[derive(Clone, Copy, Debug)]
pub(super) enum After<'a> {
    /// Their own. Translations are scored too, as pairs may hold them.
    Own,
    /// That in the anchor language, with the instruction to answer in the row's.
    Instructed(&'a Language),
}

/// A row on its way: sample, tokens and place in the list of each response.
struct Asked<'r, 'a> {
    row: &'r Row<'a>,
    responses: Vec<(u32, u32, usize)>,
}

/// Scores the responses of all rows into `out`, which gets whole rows alone.
pub(super) async fn score<M: LanguageModel, H: Host>(
    asker: &mut Asker<'_, M, H>,
    rows: &[Row<'_>],
    after: After<'_>,
    out: &mut Vec<RowScores>,
) -> Result<(), Fault> {
    for rows in rows.chunks(ROWS_AT_ONCE) {
        let mut list = ForcedList::default();
        let mut asked = Vec::new();
        for row in rows {
            match ask(asker, row, after, &mut list) {
                Ok(responses) => asked.push(Asked { row, responses }),
                Err(problem) => {
                    asker.problems.push(format!("{}: {problem}", row.name()));
                    asker.teller.advance(n_scored(row, after));
                }
            }
        }
        let ended = list.score(asker).await;
        out.extend(asked.iter().filter_map(|asked| row_scores(asked, &list)));
        ended?;
    }
    Ok(())
}

fn n_scored(row: &Row<'_>, after: After<'_>) -> usize {
    match after {
        After::Own => row.responses.len(),
        After::Instructed(_) => row.candidates().count(),
    }
}

/// Adds the responses of a row that fit to the list.
fn ask<M: LanguageModel, H: Host>(
    asker: &mut Asker<'_, M, H>,
    row: &Row<'_>,
    after: After<'_>,
    list: &mut ForcedList,
) -> Result<Vec<(u32, u32, usize)>, String> {
    let responses = match after {
        After::Own => row.responses.clone(),
        After::Instructed(_) => row.candidates().collect(),
    };
    if responses.is_empty() {
        return Ok(Vec::new());
    }
    let prompt = match after {
        After::Own => row.text.to_owned(),
        After::Instructed(anchor) => {
            let text = row.prompt.text.get(anchor).ok_or_else(|| {
                format!("the prompt has no text in {}, the anchor language; add one", anchor.info().english)
            })?;
            instructions::answer_in(text, row.language)
        }
    };
    let prompt = asker.user_tokens(&prompt).map_err(|fault| fault.message)?;
    let mut asked = Vec::new();
    let mut left_out = Vec::new();
    for response in responses {
        let tokens = asker.tokens_of(response).map_err(|fault| fault.message)?;
        if asker.fits(&prompt, &tokens) {
            asked.push((response.sample, tokens.len() as u32, list.add(&prompt, &tokens)));
        } else {
            left_out.push(response.sample.to_string());
        }
    }
    if !left_out.is_empty() {
        let problem = format!("{}: samples {} were not scored: ", row.name(), left_out.join(", "));
        asker.problems.push(problem + &asker.too_long());
        asker.teller.advance(left_out.len());
    }
    Ok(asked)
}

/// The scores of a row; `None` where one is missing, or there is none.
fn row_scores(asked: &Asked<'_, '_>, list: &ForcedList) -> Option<RowScores> {
    let Asked { row, responses } = asked;
    let logprob: Option<Vec<f32>> = responses.iter().map(|(_, _, place)| list.logprob(*place)).collect();
    Some(RowScores {
        prompt_id: row.prompt.id.clone(),
        language: row.language.clone(),
        samples: responses.iter().map(|(sample, _, _)| *sample).collect(),
        n_tokens: responses.iter().map(|(_, n_tokens, _)| *n_tokens).collect(),
        logprob: logprob.filter(|logprob| !logprob.is_empty())?,
    })
}
