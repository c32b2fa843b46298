//! Forced scores of the anchor's responses as translations of each response of every other language, for MAPO.

use crate::{
    align::instructions,
    data::{Language, TranslationScores},
    generate::LanguageModel,
    protocol::Fault,
    worker::task::Host,
};

use super::{
    asker::Asker,
    forced::ForcedList,
    rows::{Row, by_prompt},
};

/// Prompts that are tokenised and scored together: enough to fill batches, few enough to hold.
const PROMPTS_AT_ONCE: usize = 8;

/// A response by sample, as tokens: a source is the whole instruction to translate it.
type Side = (u32, Vec<u32>);

/// A row on its way: the places of its cells, `[sources, targets]`.
struct Asked {
    scores: TranslationScores,
    places: Vec<Vec<usize>>,
}

/// Cells of a prompt's matrices.
pub(super) fn n_cells(rows: &[Row<'_>], anchor: &Language) -> usize {
    let count = |is_anchor: bool| -> usize {
        let rows = rows.iter().filter(|row| (row.language == anchor) == is_anchor);
        rows.map(|row| row.candidates().count()).sum()
    };
    count(true) * count(false)
}

/// Scores all rows but the anchor's into `out`, which gets whole rows alone.
pub(super) async fn score<M: LanguageModel, H: Host>(
    asker: &mut Asker<'_, M, H>,
    rows: &[Row<'_>],
    anchor: &Language,
    out: &mut Vec<TranslationScores>,
) -> Result<(), Fault> {
    let prompts: Vec<&[Row<'_>]> = by_prompt(rows).collect();
    for prompts in prompts.chunks(PROMPTS_AT_ONCE) {
        let mut list = ForcedList::default();
        let mut asked = Vec::new();
        for rows in prompts {
            let Some(targets) = targets(asker, rows, anchor)? else { continue };
            for row in rows.iter().filter(|row| row.language != anchor && row.candidates().next().is_some()) {
                asked.extend(ask(asker, row, anchor, &targets, &mut list)?);
            }
        }
        let ended = list.score(asker).await;
        out.extend(asked.into_iter().filter_map(|asked| scored(asked, &list)));
        ended?;
    }
    Ok(())
}

/// The anchor's candidates; `None`, with a problem where it is one, when there are none to translate into.
fn targets<M: LanguageModel, H: Host>(
    asker: &mut Asker<'_, M, H>,
    rows: &[Row<'_>],
    anchor: &Language,
) -> Result<Option<Vec<Side>>, Fault> {
    let mut targets = Vec::new();
    for response in rows.iter().filter(|row| row.language == anchor).flat_map(Row::candidates) {
        targets.push((response.sample, asker.tokens_of(response)?));
    }
    if targets.is_empty() {
        if let Some(row) = rows.iter().find(|row| row.candidates().next().is_some()) {
            asker.problems.push(format!(
                "prompt {} has no responses in {}, the anchor language, to translate into; pick another anchor or build with it",
                row.prompt.id,
                anchor.info().english
            ));
        }
        return Ok(None);
    }
    Ok(Some(targets))
}

/// Adds the cells of a row to the list. Targets that fit after no source are left out, and then sources that do not fit
/// before all others.
fn ask<M: LanguageModel, H: Host>(
    asker: &mut Asker<'_, M, H>,
    row: &Row<'_>,
    anchor: &Language,
    targets: &[Side],
    list: &mut ForcedList,
) -> Result<Option<Asked>, Fault> {
    let mut sources: Vec<Side> = Vec::new();
    for response in row.candidates() {
        let instruction = instructions::translate(&response.text, row.language, anchor);
        match asker.user_tokens(&instruction) {
            Ok(tokens) => sources.push((response.sample, tokens)),
            Err(fault) => {
                let (name, sample) = (row.name(), response.sample);
                asker.problems.push(format!("{name}: sample {sample} was not translated: {}", fault.message));
            }
        }
    }
    let n_all = row.candidates().count() * targets.len();
    let shortest = sources.iter().min_by_key(|(_, tokens)| tokens.len()).cloned().unwrap_or_default();
    let mut targets = targets.to_vec();
    let long_targets = take_out(&mut targets, |target| asker.fits(&shortest.1, target));
    let longest = targets.iter().max_by_key(|(_, tokens)| tokens.len()).cloned().unwrap_or_default();
    let long_sources = take_out(&mut sources, |source| asker.fits(source, &longest.1));
    for (language, samples) in [(anchor, long_targets), (row.language, long_sources)] {
        if !samples.is_empty() {
            let (name, language) = (row.name(), language.info().english);
            let problem = format!("{name}: samples {samples} in {language} were left out: ");
            asker.problems.push(problem + &asker.too_long());
        }
    }
    asker.teller.advance(n_all - sources.len() * targets.len());
    if sources.is_empty() || targets.is_empty() {
        return Ok(None);
    }
    let places = sources.iter().map(|(_, source)| targets.iter().map(|(_, t)| list.add(source, t)).collect());
    Ok(Some(Asked {
        places: places.collect(),
        scores: TranslationScores {
            prompt_id: row.prompt.id.clone(),
            language: row.language.clone(),
            samples: sources.iter().map(|(sample, _)| *sample).collect(),
            targets: targets.iter().map(|(sample, _)| *sample).collect(),
            n_tokens: targets.iter().map(|(_, tokens)| tokens.len() as u32).collect(),
            logprob: Vec::new(),
        },
    }))
}

/// Takes out what does not fit; gives the samples, for a problem.
fn take_out(sides: &mut Vec<Side>, fits: impl Fn(&[u32]) -> bool) -> String {
    let (kept, out): (Vec<Side>, Vec<Side>) = sides.drain(..).partition(|(_, tokens)| fits(tokens));
    *sides = kept;
    out.iter().map(|(sample, _)| sample.to_string()).collect::<Vec<_>>().join(", ")
}

fn scored(Asked { mut scores, places }: Asked, list: &ForcedList) -> Option<TranslationScores> {
    let cells = |places: &Vec<usize>| places.iter().map(|place| list.logprob(*place)).collect();
    scores.logprob = places.iter().map(cells).collect::<Option<Vec<Vec<f32>>>>()?;
    Some(scores)
}
