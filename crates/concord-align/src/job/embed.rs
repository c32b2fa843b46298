//! The second stage of a job: an encoder on a server turns its responses into vectors, from which their cosines follow.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Job, RequestId, peek_names, request::posted};
use crate::align::cosine_triangle;
use crate::data::{Language, Response, Similarity};

/// What turns responses into vectors; `embed.json` in the job's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedSettings {
    /// The encoder, by the name that its server knows.
    pub model: String,
    /// What stands before every text, such as `query: ` for the E5 encoders.
    #[serde(default)]
    pub prefix: String,
}

/// The requests for the vectors of a prompt's responses: neighbouring samples of a language together, empty texts left out.
///
/// `line` is the prompt's in `prompts.jsonl`; the responses stand language by language, in the order of their samples.
pub fn embed_requests<'r>(
    job: &Job,
    line: usize,
    responses: &'r [Response],
) -> Vec<(RequestId, Vec<&'r Response>)> {
    let mut requests: Vec<(RequestId, Vec<&Response>)> = Vec::new();
    let asked =
        responses.iter().filter(|response| response.is_candidate() && !response.text.trim().is_empty());
    for response in asked {
        match requests.last_mut() {
            Some((id, texts))
                if id.language == response.language && id.first + id.count == response.sample =>
            {
                id.count += 1;
                texts.push(response);
            }
            _ => {
                let (job, language) = (job.short().to_owned(), response.language.clone());
                let id = RequestId { job, line, language, first: response.sample, count: 1 };
                requests.push((id, vec![response]));
            }
        }
    }
    requests
}

/// A line of a file of requests for vectors, with its line feed.
pub fn embed_line(id: &RequestId, texts: &[&Response], settings: &EmbedSettings) -> String {
    #[derive(Serialize)]
    struct Body<'a> {
        model: &'a str,
        input: Vec<String>,
        encoding_format: &'static str,
    }
    let input = texts.iter().map(|response| format!("{}{}", settings.prefix, response.text)).collect();
    let body = Body { model: &settings.model, input, encoding_format: "float" };
    posted(id.embed_name(), "/v1/embeddings", body)
}

/// Which request of the job a line answers with vectors, and by which encoder; `None` where it is no such answer.
pub fn embed_answered(job: &Job, line: &[u8]) -> Option<(RequestId, Option<String>)> {
    let (name, model) = peek_names(line)?;
    let id = RequestId::of_embed_name(&name).ok()?;
    (id.job == job.short() && id.line < job.prompts.len()).then_some((id, model))
}

/// Why a line gives no vectors, or not one for each text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadVectors {
    /// It is no answer to a request for vectors, or an error.
    #[error("no vectors: {0}")]
    NoVectors(String),
    /// There are texts without a vector: some servers drop texts that are too short or too long.
    #[error("there are fewer vectors than texts")]
    Fewer,
    /// One of them cannot be compared.
    #[error("a vector is empty, all zeros, or has numbers that are not finite")]
    Unusable,
    /// One has another width than the first of all.
    #[error("a vector has {found} numbers, and others have {expected}: use one encoder for all")]
    Width {
        /// Numbers of this one.
        found: usize,
        /// Numbers of the others.
        expected: usize,
    },
}

/// The vectors of one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vectors {
    /// The encoder, as the server names it.
    pub model: Option<String>,
    /// In the order of the samples; `None` where there is no usable one.
    pub vectors: Vec<Option<Vec<f32>>>,
    /// Why not every text has one.
    pub bad: Option<BadVectors>,
}

/// Reads the answer to a request for `count` vectors: lists of numbers, or base64 of them, as some servers send whatever is
/// asked. `width` is that of all vectors, set by the first.
///
/// # Errors
/// Where it is no such answer.
pub fn read_vectors(line: &[u8], count: u32, width: &mut Option<usize>) -> Result<Vectors, BadVectors> {
    #[derive(Deserialize)]
    struct Line<'a> {
        #[serde(borrow)]
        response: Option<Envelope<'a>>,
        #[serde(default)]
        error: serde_json::Value,
    }
    #[derive(Deserialize)]
    struct Envelope<'a> {
        status_code: Option<u16>,
        #[serde(borrow)]
        body: Option<Body<'a>>,
        model: Option<String>,
        data: Option<Vec<Entry<'a>>>,
    }
    #[derive(Deserialize)]
    struct Body<'a> {
        model: Option<String>,
        #[serde(borrow)]
        data: Option<Vec<Entry<'a>>>,
    }
    #[derive(Deserialize)]
    struct Entry<'a> {
        index: Option<usize>,
        #[serde(borrow)]
        embedding: Option<&'a RawValue>,
    }
    let bad = |reason: String| BadVectors::NoVectors(reason);
    let line: Line<'_> = serde_json::from_slice(line).map_err(|error| bad(error.to_string()))?;
    if !line.error.is_null() {
        return Err(bad(line.error.to_string().chars().take(200).collect()));
    }
    let envelope = line.response.ok_or_else(|| bad("the server sent no body".to_owned()))?;
    if let Some(status) = envelope.status_code.filter(|status| *status != 200) {
        return Err(bad(format!("status {status}")));
    }
    let Envelope { body, model, data, .. } = envelope;
    let Body { model, data } = body.unwrap_or(Body { model, data });
    let mut found = Vectors { model, vectors: vec![None; count as usize], bad: None };
    for (place, entry) in data.unwrap_or_default().into_iter().enumerate() {
        let at = entry.index.unwrap_or(place);
        let Some(vector) = found.vectors.get_mut(at) else { continue };
        match entry.embedding.and_then(|raw| numbers_of(raw.get())) {
            Some(numbers) if numbers.iter().all(|x| x.is_finite()) && numbers.iter().any(|x| *x != 0.0) => {
                let expected = *width.get_or_insert(numbers.len());
                if numbers.len() == expected {
                    *vector = Some(numbers);
                } else {
                    found.bad = Some(BadVectors::Width { found: numbers.len(), expected });
                }
            }
            _ => found.bad = Some(BadVectors::Unusable),
        }
    }
    if found.bad.is_none() && found.vectors.iter().any(Option::is_none) {
        found.bad = Some(BadVectors::Fewer);
    }
    Ok(found)
}

/// The numbers of a vector as JSON: a list of them, such a list in a list, or a text: base64 of f32 in little-endian order.
fn numbers_of(json: &str) -> Option<Vec<f32>> {
    if json.starts_with('"') {
        let text: String = serde_json::from_str(json).ok()?;
        let bytes = STANDARD.decode(text).ok()?;
        let (numbers, rest) = bytes.as_chunks::<4>();
        return rest.is_empty().then(|| numbers.iter().map(|number| f32::from_le_bytes(*number)).collect());
    }
    let is_nested = json.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with('['));
    let list = if is_nested { json[1..json.len() - 1].trim() } else { json };
    // What JSON cannot write comes as null.
    let numbers: Vec<Option<f32>> = serde_json::from_str(list).ok()?;
    Some(numbers.into_iter().map(|x| x.unwrap_or(f32::NAN)).collect())
}

impl Similarity {
    /// The cosines between the responses of a prompt that have a vector, in this order; `None` for fewer than two.
    pub fn of_vectors(prompt_id: &str, order: Vec<(Language, u32)>, vectors: &[Vec<f32>]) -> Option<Self> {
        (order.len() > 1).then(|| Self {
            prompt_id: prompt_id.to_owned(),
            order,
            cosine: cosine_triangle(vectors),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::data::{Prompt, SessionConfig};
    use crate::job::Growing;

    fn job() -> Job {
        let text = [("en", "Two?"), ("de", "Zwei?")];
        let text = text.into_iter().map(|(tag, text)| (Language::from(tag), text.to_owned())).collect();
        let prompt = Prompt { id: "p".to_owned(), text, ..Prompt::default() };
        let languages = vec![Language::from("en"), Language::from("de")];
        let config = SessionConfig { languages, n: 4, ..SessionConfig::default() };
        Job::new("m", &config, vec![prompt]).unwrap()
    }

    fn response(language: &str, sample: u32, text: &str) -> Response {
        let grown = Growing { text: text.to_owned(), reason: Some("stop".to_owned()), ..Growing::default() };
        grown.choice(0).response("p", &Language::from(language), sample).unwrap()
    }

    #[test]
    fn neighbouring_samples_share_a_request_and_empty_texts_are_left_out() {
        let job = job();
        let texts = [("en", 0, "a"), ("en", 1, "b"), ("en", 3, "d"), ("de", 4, "e"), ("de", 5, " ")];
        let responses: Vec<Response> = texts.iter().map(|(l, s, t)| response(l, *s, t)).collect();
        let requests = embed_requests(&job, 0, &responses);
        let names: Vec<String> = requests.iter().map(|(id, _)| id.embed_name()).collect();
        let short = job.short();
        let name = |rest: &str| format!("c1_{short}_e_000000_{rest}");
        assert_eq!(names, [name("en_0_2"), name("en_3_1"), name("de_4_1")]);
        let settings = EmbedSettings { model: "e5".to_owned(), prefix: "query: ".to_owned() };
        let line = embed_line(&requests[0].0, &requests[0].1, &settings);
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["url"], "/v1/embeddings");
        assert_eq!(
            line["body"],
            json!({ "model": "e5", "input": ["query: a", "query: b"], "encoding_format": "float" })
        );
    }

    fn answer(data: &Value) -> Value {
        json!({ "response": { "status_code": 200, "body": { "model": "e5", "data": data } } })
    }

    fn entry(embedding: &Value) -> Value {
        json!({ "embedding": embedding })
    }

    fn of(line: &Value) -> Result<Vectors, BadVectors> {
        read_vectors(line.to_string().as_bytes(), 2, &mut Some(2))
    }

    #[test]
    fn vectors_are_read_in_every_shape() {
        // As f32 in little-endian order: 0 and 2; 1 and 0.
        let data = json!([{ "index": 1, "embedding": [0.0, 2.0] }, { "index": 0, "embedding": [1.0, 0.0] }]);
        let bare = json!({ "custom_id": "c1", "response": { "model": "e5", "data": data }, "error": null });
        let nested = json!([entry(&json!([[1.0, 0.0]])), entry(&json!([[0.0, 2.0]]))]);
        let packed = json!([entry(&json!("AACAPwAAAAA=")), entry(&json!("AAAAAAAAAEA="))]);
        for line in [answer(&data), bare, answer(&nested), answer(&packed)] {
            let found = of(&line).unwrap();
            assert_eq!(found.vectors, [Some(vec![1.0, 0.0]), Some(vec![0.0, 2.0])], "{line}");
            assert_eq!((found.model.as_deref(), found.bad), (Some("e5"), None));
        }
    }

    #[test]
    fn a_text_without_a_usable_vector_costs_the_others_nothing() {
        let good = entry(&json!([0, 1]));
        for (other, reason) in [
            (entry(&json!([0, 0])), BadVectors::Unusable),
            (entry(&json!([null, 1])), BadVectors::Unusable),
            (entry(&json!(null)), BadVectors::Unusable),
            (entry(&json!([])), BadVectors::Unusable),
            (entry(&json!("AACAPwAA")), BadVectors::Unusable),
            (entry(&json!([1, 0, 1])), BadVectors::Width { found: 3, expected: 2 }),
        ] {
            let found = of(&answer(&json!([other, good]))).unwrap();
            assert_eq!(found.vectors, [None, Some(vec![0.0, 1.0])], "{other}");
            assert_eq!(found.bad, Some(reason), "{other}");
        }
        let dropped = answer(&json!([{ "index": 1, "embedding": [0, 1] }]));
        let found = of(&dropped).unwrap();
        assert_eq!((&found.vectors[0], found.bad), (&None, Some(BadVectors::Fewer)));
        for (line, said) in [
            (json!({ "response": { "status_code": 400, "body": null } }), "status 400"),
            (json!({ "response": null, "error": { "code": "batch_expired" } }), "batch_expired"),
            (json!({ "response": null }), "sent no body"),
            (json!([]), "invalid"),
        ] {
            let error = of(&line).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn cosines_follow_from_vectors() {
        let en = Language::from("en");
        let of = |vectors: &[[f32; 2]]| {
            let order = (0..vectors.len() as u32).map(|sample| (en.clone(), sample)).collect();
            let vectors: Vec<Vec<f32>> = vectors.iter().map(|vector| vector.to_vec()).collect();
            Similarity::of_vectors("p", order, &vectors)
        };
        let found = of(&[[1.0, 0.0], [0.0, 3.0], [2.0, 2.0]]).unwrap();
        assert_eq!(found.order, [(en.clone(), 0), (en.clone(), 1), (en.clone(), 2)]);
        let expected = [0.0, 0.5_f32.sqrt(), 0.5_f32.sqrt()];
        assert!(found.cosine.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}");
        assert_eq!(of(&[[1.0, 0.0]]), None);
    }
}
