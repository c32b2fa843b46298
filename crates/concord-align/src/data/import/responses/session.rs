//! A session of imported responses: nothing was run, no method has picked anything, and people can decide at once.

use std::collections::{BTreeSet, HashSet};

use super::imported::{ImportedResponses, JobPart};
use crate::data::{
    AppRecord, Language, ModelRecord, SESSION_SCHEMA, Session, SessionConfig, from_json, languages_of,
};

/// The session of imported responses, with the prompts that were answered; `created` is the time in ISO 8601. It is checked
/// like any other before it opens ([`crate::data::SessionChecks`]), and answers are still to be read from its texts.
///
/// Languages, the number of samples, the task and the spellings of `config` become those of what was imported, and the anchor
/// does where nothing was answered in it.
pub fn session_of(imported: ImportedResponses, config: SessionConfig, created: String) -> Session {
    let ImportedResponses { responses, mut prompts, spellings, pairs, similarities, job, .. } = imported;
    let job: Option<JobPart> = job.and_then(|job| from_json(&job).ok());
    let (config, model, handoff) = match job {
        Some((config, model, handoff)) => (config, Some(model), Some(handoff)),
        None => (config, None, None),
    };
    let imported_pairs = !pairs.is_empty();
    let answered: HashSet<&str> = responses.iter().map(|response| response.prompt_id.as_str()).collect();
    prompts.retain(|prompt| answered.contains(prompt.id.as_str()));
    let spoken: BTreeSet<&Language> = responses.iter().map(|response| &response.language).collect();
    let mut languages = languages_of(&prompts, &config.anchor);
    languages.retain(|language| spoken.contains(language));
    let anchor = match languages.first() {
        Some(first) if !spoken.contains(&config.anchor) => first.clone(),
        _ => config.anchor.clone(),
    };
    let n_found = responses.iter().map(|response| response.sample + 1).max().unwrap_or(1);
    let models: BTreeSet<&str> = responses.iter().filter_map(|response| response.model.as_deref()).collect();
    let name = models.into_iter().collect::<Vec<_>>().join(", ");
    let n = if handoff.is_some() { config.n } else { n_found };
    let task = prompts.first().map_or(config.task, |prompt| prompt.task);
    Session {
        schema: SESSION_SCHEMA.to_owned(),
        created,
        app: AppRecord { version: env!("CARGO_PKG_VERSION").to_owned() },
        config: SessionConfig {
            task,
            anchor,
            languages,
            n,
            // Of what compared other responses nothing is true here.
            encoder: config.encoder.clone().filter(|_| !similarities.is_empty()),
            spellings,
            imported_pairs,
            ..config
        },
        model: model.unwrap_or(ModelRecord { name, ..ModelRecord::default() }),
        handoff,
        prompts,
        responses,
        pairs,
        similarities,
        ..Session::default()
    }
}
