//! Picking pairs among responses that nothing has compared yet: their texts are embedded by the loaded encoder, else by the
//! loaded model, and the session's method picks on their cosines. Nothing is written by a model.

use leptos::prelude::*;

use super::{
    super::{
        client,
        slices::in_slices,
        state::{Activity, Place, Workbench},
        words,
    },
    keep, method, model,
};
use crate::{
    align::cosine,
    data::{Language, Session, Similarity},
    protocol::{Answer, EmbedRequest, Fault, FaultCode, ModelRequest, Progress, Role, Stage},
};

/// About how many texts one request holds, so that Cancel is quick.
const TEXTS_AT_ONCE: usize = 256;

/// The responses of a prompt, to be embedded.
struct Asked {
    prompt_id: String,
    order: Vec<(Language, u32)>,
    texts: Vec<String>,
}

/// Embeds the session's responses, and picks pairs.
pub async fn pick_pairs(page: Workbench) {
    if page.is_busy.get_untracked() || !has_model(page).await {
        return;
    }
    page.clear_fault(Place::Results);
    let Some(requests) = page.desk.with_untracked(|desk| desk.as_ref().map(|desk| requests(desk.session())))
    else {
        return;
    };
    let created = keep::created(page);
    let total: usize = requests.iter().flatten().map(|asked| asked.texts.len()).sum();
    page.status.set("Comparing the responses.".to_owned());
    let (mut similarities, mut problems, mut done) = (Vec::new(), Vec::new(), 0);
    for part in requests {
        page.progress.set(Progress::of(Stage::Embed, done as f64, total as f64));
        done += part.iter().map(|asked| asked.texts.len()).sum::<usize>();
        match embedded(page, part, &mut similarities).await {
            Ok(unreadable) => problems.extend(unreadable),
            Err(fault) if fault.code == FaultCode::Cancelled => {
                return page.status.set("Stopped. No pairs are picked.".to_owned());
            }
            Err(fault) => return page.fail(Place::Results, fault),
        }
    }
    // Another session may have been opened meanwhile.
    if keep::created(page) != created {
        return;
    }
    let scored_by = scored_by(page);
    page.desk.update(|desk| {
        if let Some(desk) = desk {
            desk.take_similarities(similarities, scored_by);
        }
    });
    page.run.update(|run| run.problems = problems);
    if method::pick_again_as_it_is(page).await {
        let story = page.desk.with_untracked(|desk| {
            desk.as_ref().map(|desk| words::story(&crate::curation::story(desk.session())))
        });
        page.status.set(format!("Done. {}", story.unwrap_or_default()));
    }
}

/// Whether a model is loaded; where none is, the teaching model is.
pub(super) async fn has_model(page: Workbench) -> bool {
    page.models.with_untracked(|models| models.encoder.is_some() || models.generator.is_some())
        || model::load(page, Role::Generator, model::teaching(), None).await
}

/// What embeds, as a run records it.
pub(super) fn scored_by(page: Workbench) -> String {
    page.models.with_untracked(|models| match (&models.encoder, &models.generator) {
        (Some(encoder), _) => {
            let profile = encoder.encoder.clone().unwrap_or_default();
            let prefix = match profile.prefix.as_str() {
                "" => String::new(),
                prefix => format!(", texts after \"{prefix}\""),
            };
            format!("{}, {}{prefix}", encoder.name, profile.pooling.as_str())
        }
        (None, Some(generator)) => {
            format!("{}, layer {}, mean", generator.name, generator.n_layers.div_ceil(2))
        }
        (None, None) => String::new(),
    })
}

/// The responses by prompt, a few prompts in each request.
fn requests(session: &Session) -> Vec<Vec<Asked>> {
    let mut out: Vec<Vec<Asked>> = Vec::new();
    let mut n_texts = TEXTS_AT_ONCE;
    for responses in session.responses.chunk_by(|a, b| a.prompt_id == b.prompt_id) {
        let asked = Asked {
            prompt_id: responses.first().map(|first| first.prompt_id.clone()).unwrap_or_default(),
            order: responses.iter().map(|response| (response.language.clone(), response.sample)).collect(),
            texts: responses.iter().map(|response| response.text.clone()).collect(),
        };
        if n_texts >= TEXTS_AT_ONCE {
            out.push(Vec::new());
            n_texts = 0;
        }
        n_texts += responses.len();
        if let Some(last) = out.last_mut() {
            last.push(asked);
        }
    }
    out
}

/// The cosines of some prompts' responses; what of their texts could not be read is given back.
async fn embedded(
    page: Workbench,
    part: Vec<Asked>,
    similarities: &mut Vec<Similarity>,
) -> Result<Vec<String>, Fault> {
    let texts = part.iter().flat_map(|asked| asked.texts.iter().cloned()).collect();
    let request = EmbedRequest { texts, cuts: true, ..EmbedRequest::default() };
    let answer = page.job(Activity::Asking, ModelRequest::Embed(request).into(), None, |_| {}).await;
    let (mut vectors, problems) = match answer {
        Ok(Answer::Vectors(..)) if page.active.get_untracked().is_cancelling => {
            return Err(Fault::new(FaultCode::Cancelled, "it was stopped"));
        }
        Ok(Answer::Vectors(vectors, problems)) => (vectors.into_iter(), problems),
        other => return Err(client::fault_of(other)),
    };
    for Asked { prompt_id, order, texts } in part {
        let own: Vec<Vec<f32>> = vectors.by_ref().take(texts.len()).collect();
        let mut similarity = Similarity { prompt_id, order, cosine: Vec::new() };
        let mut rows = 0..own.len();
        in_slices(|| {
            let Some(at) = rows.next() else { return false };
            similarity.cosine.extend(own[at + 1..].iter().map(|other| cosine(&own[at], other)));
            true
        })
        .await;
        similarities.push(similarity);
    }
    Ok(problems)
}
