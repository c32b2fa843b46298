//! The second stage of a job: an encoder on a server turns its responses into vectors, from which their cosines follow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Job, RequestId, request::posted};
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

/// Why a line gives no vectors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadVectors {
    /// It is no answer to a request for vectors, or an error.
    #[error("no vectors: {0}")]
    NoVectors(String),
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
#[derive(Clone, Debug, PartialEq)]
pub struct Vectors {
    /// The encoder, as the server names it.
    pub model: Option<String>,
    /// In the order of the samples.
    pub vectors: Vec<Vec<f32>>,
}

/// Reads the answer to a request for `count` vectors. `width` is that of all vectors, set by the first.
///
/// # Errors
/// Where it gives not one usable vector for each text.
pub fn read_vectors(line: &[u8], count: u32, width: &mut Option<usize>) -> Result<Vectors, BadVectors> {
    #[derive(Deserialize)]
    struct Line {
        response: Option<Envelope>,
        #[serde(default)]
        error: serde_json::Value,
    }
    #[derive(Deserialize)]
    struct Envelope {
        status_code: Option<u16>,
        body: Option<Body>,
        #[serde(flatten)]
        bare: Body,
    }
    #[derive(Deserialize)]
    struct Body {
        model: Option<String>,
        data: Option<Vec<Entry>>,
    }
    #[derive(Deserialize)]
    struct Entry {
        index: Option<usize>,
        embedding: Vec<Option<f32>>,
    }
    let bad = |reason: String| BadVectors::NoVectors(reason);
    let line: Line = serde_json::from_slice(line).map_err(|error| bad(error.to_string()))?;
    if !line.error.is_null() {
        return Err(bad(line.error.to_string().chars().take(200).collect()));
    }
    let envelope = line.response.ok_or_else(|| bad("the server sent no body".to_owned()))?;
    if let Some(status) = envelope.status_code.filter(|status| *status != 200) {
        return Err(bad(format!("status {status}")));
    }
    let Body { model, data } = envelope.body.unwrap_or(envelope.bare);
    let data = data.unwrap_or_default();
    let mut vectors = vec![Vec::new(); count as usize];
    for (place, entry) in data.into_iter().enumerate() {
        let Some(vector) = vectors.get_mut(entry.index.unwrap_or(place)) else { continue };
        *vector = entry.embedding.into_iter().map(|x| x.unwrap_or(f32::NAN)).collect();
    }
    for vector in &vectors {
        let is_usable = vector.iter().all(|x| x.is_finite()) && vector.iter().any(|x| *x != 0.0);
        let expected = *width.get_or_insert(vector.len());
        match vector.len() {
            0 => return Err(bad("fewer than texts were sent".to_owned())),
            _ if !is_usable => return Err(BadVectors::Unusable),
            found if found != expected => return Err(BadVectors::Width { found, expected }),
            _ => {}
        }
    }
    Ok(Vectors { model, vectors })
}

impl Similarity {
    /// The cosines between the responses of a prompt that have a vector, in the order of the map; `None` for fewer than two.
    pub fn of_vectors(
        prompt_id: &str,
        vectors: BTreeMap<(usize, u32), (Language, Vec<f32>)>,
    ) -> Option<Self> {
        let (order, vectors): (Vec<_>, Vec<_>) =
            vectors.into_iter().map(|((_, sample), (language, vector))| ((language, sample), vector)).unzip();
        (order.len() > 1).then(|| Self {
            prompt_id: prompt_id.to_owned(),
            order,
            cosine: cosine_triangle(&vectors),
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

    #[test]
    fn vectors_are_read_in_every_shape_and_refused_where_they_cannot_be_compared() {
        let of =
            |line: &Value, width: &mut Option<usize>| read_vectors(line.to_string().as_bytes(), 2, width);
        let data = json!([{ "index": 1, "embedding": [0.0, 2.0] }, { "index": 0, "embedding": [1.0, 0.0] }]);
        let body = json!({ "model": "e5", "data": data });
        for response in [json!({ "status_code": 200, "body": body }), body.clone()] {
            let line = json!({ "custom_id": "c1", "response": response, "error": null });
            let found = of(&line, &mut None).unwrap();
            assert_eq!(found.vectors, [[1.0, 0.0], [0.0, 2.0]]);
            assert_eq!(found.model.as_deref(), Some("e5"));
        }
        let with = |data: Value| json!({ "response": { "status_code": 200, "body": { "data": data } } });
        let entry = |values: Value| json!({ "embedding": values });
        let refused = |line: Value| of(&line, &mut Some(2)).unwrap_err();
        assert_eq!(refused(with(json!([entry(json!([0, 0])), entry(json!([1, 0]))]))), BadVectors::Unusable);
        assert_eq!(
            refused(with(json!([entry(json!([null, 1])), entry(json!([1, 0]))]))),
            BadVectors::Unusable
        );
        assert_eq!(
            refused(with(json!([entry(json!([1, 0])), entry(json!([1, 0, 1]))]))),
            BadVectors::Width { found: 3, expected: 2 }
        );
        for (line, said) in [
            (with(json!([entry(json!([1, 0]))])), "fewer than texts were sent"),
            (json!({ "response": { "status_code": 400, "body": null } }), "status 400"),
            (json!({ "response": null, "error": { "code": "batch_expired" } }), "batch_expired"),
            (json!({ "response": null }), "sent no body"),
            (json!([]), "invalid"),
        ] {
            let error = refused(line).to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn cosines_follow_from_vectors() {
        let en = Language::from("en");
        let of = |vectors: &[[f32; 2]]| {
            let entries =
                vectors.iter().zip(0..).map(|(vector, sample)| ((0, sample), (en.clone(), vector.to_vec())));
            Similarity::of_vectors("p", entries.collect())
        };
        let found = of(&[[1.0, 0.0], [0.0, 3.0], [2.0, 2.0]]).unwrap();
        assert_eq!(found.order, [(en.clone(), 0), (en.clone(), 1), (en.clone(), 2)]);
        let expected = [0.0, 0.5_f32.sqrt(), 0.5_f32.sqrt()];
        assert!(found.cosine.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}");
        assert_eq!(of(&[[1.0, 0.0]]), None);
    }
}
