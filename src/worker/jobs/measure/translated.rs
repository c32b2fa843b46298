//! Translations by the model itself, greedy: the anchor's first response into each language, and each language's first
//! response into the anchor's. For LIDR.

use crate::{
    data::{Language, Response, SessionConfig},
    generate::LanguageModel,
    protocol::{Fault, MeasureRequest},
    worker::{
        jobs::{
            respond::response_of,
            translate::{How, Translation, translate_all},
        },
        task::{Host, cancelled},
    },
};

use super::{
    asker::Asker,
    rows::{Row, by_prompt},
};

/// A translation to be made.
#[derive(Debug)]
pub(super) struct Planned<'a> {
    source: &'a Response,
    into: &'a Language,
    /// Its sample: after all others of its row.
    sample: u32,
}

impl Planned<'_> {
    fn translation(&self) -> Translation<'_> {
        let Response { prompt_id, text, language: from, .. } = self.source;
        Translation { prompt_id, text, from, into: self.into, sample: self.sample }
    }
}

/// The translations that are not there yet, in the order of rows.
pub(super) fn plan<'a>(
    request: &MeasureRequest,
    rows: &[Row<'a>],
    problems: &mut Vec<String>,
) -> Vec<Planned<'a>> {
    let mut planned = Vec::new();
    for rows in by_prompt(rows) {
        let Some(anchor) = rows.iter().find(|row| row.language == &request.config.anchor) else { continue };
        let mut next_of_anchor = next_sample(anchor, request.config.n);
        for row in rows.iter().filter(|row| row.language != anchor.language) {
            let mut next = next_sample(row, request.config.n);
            for (from, into, next) in [(anchor, row, &mut next), (row, anchor, &mut next_of_anchor)] {
                let Some(source) = from.candidates().next() else { continue };
                let is_there = |response: &&Response| {
                    response.translation_of.as_ref() == Some(&(source.language.clone(), source.sample))
                };
                if into.responses.iter().any(is_there) {
                    continue;
                }
                if source.text.trim().is_empty() {
                    problems.push(format!(
                        "{}: the first response is empty, so there is nothing to translate; build with another seed",
                        from.name()
                    ));
                    continue;
                }
                planned.push(Planned { source, into: into.language, sample: *next });
                *next += 1;
            }
        }
    }
    planned
}

/// The sample of the next translation of a row: n or more, and after what is there.
fn next_sample(row: &Row<'_>, n: u32) -> u32 {
    row.responses.iter().map(|response| response.sample + 1).max().unwrap_or(0).max(n)
}

/// Makes the planned translations into `out`, in their order.
pub(super) async fn translate<M: LanguageModel, H: Host>(
    asker: &mut Asker<'_, M, H>,
    planned: &[Planned<'_>],
    config: &SessionConfig,
    out: &mut Vec<Response>,
) -> Result<(), Fault> {
    let Asker { generator, teller, problems, .. } = asker;
    let all: Vec<Translation<'_>> = planned.iter().map(Planned::translation).collect();
    let how = How { seed: config.seed, max_tokens: config.max_tokens, date: config.date };
    let mut made: Vec<Option<Response>> = vec![None; planned.len()];
    let task = teller.task;
    let ended = translate_all(generator, task, &all, how, |place, ended| {
        let Planned { source, into, sample } = &planned[place];
        match ended {
            Ok(generated) => {
                let name = (source.prompt_id.clone(), (*into).clone());
                let translation_of = Some((source.language.clone(), source.sample));
                made[place] = Some(Response { translation_of, ..response_of(name, *sample, generated) });
            }
            Err(why) => problems.push(problem(&planned[place], &why)),
        }
        teller.advance(1);
    })
    .await;
    out.extend(made.into_iter().flatten());
    if ended? { Ok(()) } else { Err(cancelled()) }
}

fn problem(planned: &Planned<'_>, why: &str) -> String {
    let Planned { source, into, .. } = planned;
    let (from, into) = (source.language.info().english, into.info().english);
    format!("prompt {}: the {from} response was not translated into {into}: {why}", source.prompt_id)
}
