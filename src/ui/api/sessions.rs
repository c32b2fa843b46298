//! Prompt sets and sessions: build, measure, pick again, files in and out.

use std::collections::{BTreeMap, BTreeSet};

use js_sys::{Object, Reflect};
use serde::{Deserialize, de::IgnoredAny};
use wasm_bindgen::prelude::*;

use super::{
    job::{answer, answer_of_server},
    values::{bad_input, config, from_js, option, refuse, to_js},
};
use crate::{
    align,
    browser::clock,
    curation::{cut, longer_limit},
    data::{
        self, MeasureKind, Prompt, Session, Spellings, check_languages, check_run, check_session,
        check_settings,
    },
    protocol::{BuildRequest, MeasureRequest, ModelRequest},
};

pub(super) async fn build(settings: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let prompts: Vec<Prompt> = option(&settings, "prompts")?
        .ok_or_else(|| bad_input("build needs `prompts`; concord.starterPrompts() gives some"))?;
    let mut config = config(&settings)?;
    note_spellings(&settings, &mut config.spellings)?;
    if config.languages.is_empty() {
        config.languages = data::languages_of(&prompts, &config.anchor);
    }
    refuse("settings", check_run(&prompts, &config))?;
    let finished = option(&settings, "finished")?.unwrap_or_default();
    let request = BuildRequest { prompts, config, finished, finished_by: None, created: clock::iso_now() };
    if let Some(server) = option(&options, "server")? {
        return answer_of_server(server, request, &options).await;
    }
    answer(ModelRequest::Build(Box::new(request)).into(), None, &options).await
}

/// `rerunCut(session, { maxTokens })`: makes the cut responses of a session again with a higher limit, twice the old one unless
/// it is given. What is whole stays, and so do decisions about pairs that did not change.
pub(super) async fn rerun_cut(session: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let old = session_of(session)?;
    let limit = option(&options, "maxTokens")?.unwrap_or_else(|| longer_limit(&old));
    let (finished, config) = cut::again(&old, limit);
    let (prompts, created) = (old.prompts.clone(), old.created.clone());
    let finished_by = Some(old.model.clone());
    let request = BuildRequest { prompts, config, finished, finished_by, created };
    let built = answer(ModelRequest::Build(Box::new(request)).into(), None, &options).await?;
    let mut problems: Vec<String> = option(&built, "problems")?.unwrap_or_default();
    let new: Session = from_js(built, "session")?;
    problems.extend(cut::other_encoder(&old, &new));
    let session = to_js(&cut::merged(&old, new, &clock::iso_now()))?;
    Reflect::set(&session, &"problems".into(), &to_js(&problems)?)?;
    Ok(session)
}

/// A session that a script gave, checked as one of a file is; reasoning in the texts of an old one is taken out of them.
fn session_of(value: JsValue) -> Result<Session, JsValue> {
    let mut session = checked_session(value)?;
    align::separate_reasoning(&mut session);
    Ok(session)
}

/// A session that a script gave, checked and otherwise as it is.
pub(super) fn checked_session(value: JsValue) -> Result<Session, JsValue> {
    let session: Session = from_js(value, "session")?;
    refuse("session", check_session(&session))?;
    Ok(session)
}

/// Takes note of how a script writes the languages of its prompts, which have become canonical tags on the way in.
fn note_spellings(settings: &JsValue, spellings: &mut Spellings) -> Result<(), JsValue> {
    #[derive(Deserialize)]
    struct Written {
        id: String,
        text: BTreeMap<String, IgnoredAny>,
    }
    let written: Vec<Written> = option(settings, "prompts")?.unwrap_or_default();
    for prompt in written {
        let mut seen = BTreeSet::new();
        for spelling in prompt.text.keys() {
            let language = spellings.note(spelling);
            if !seen.insert(language.clone()) {
                let tag = language.as_str();
                return Err(bad_input(&format!(
                    "prompt {} has two texts in {tag}; keep one of them",
                    prompt.id
                )));
            }
        }
    }
    Ok(())
}

/// `measure(session, { kinds, layers })`.
pub(super) async fn measure(session: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let session = session_of(session)?;
    let kinds: Vec<MeasureKind> = option(&options, "kinds")?
        .filter(|kinds: &Vec<MeasureKind>| !kinds.is_empty())
        .ok_or_else(|| bad_input("measure needs `kinds`, such as [\"own\", \"instructed\"]"))?;
    let layers = option(&options, "layers")?.unwrap_or_default();
    let request = MeasureRequest { layers, ..MeasureRequest::of(&session, kinds) };
    answer(ModelRequest::Measure(Box::new(request)).into(), None, &options).await
}

/// `select(session, config)`: picks again on the responses that are there; what `config` leaves out is the session's.
/// Runs in the page, without a model.
pub(super) async fn select(session: JsValue, changes: JsValue) -> Result<JsValue, JsValue> {
    let mut session = session_of(session)?;
    if changes.is_object() {
        let merged = to_js(&session.config)?;
        Object::assign(merged.unchecked_ref::<Object>(), changes.unchecked_ref::<Object>());
        session.config = from_js(merged, "config")?;
        refuse("config", check_settings(&session.config))?;
        refuse("config", check_languages(&session.config))?;
    }
    to_js(&align::select(align::Material::of(&session), &session.config))
}
