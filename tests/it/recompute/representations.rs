//! MLC, AlignX and the projection against an independent recomputation in Python (tests/recompute): random representations
//! must agree with it, and results with one number changed must not.

use concord::align::alignx::align_layer;
use concord::align::cosine_triangle;
use concord::align::mlc::{LossForm, MlcSettings, mlc_of_set, prompt_cosines};
use concord::align::projection::project_similarity;
use concord::data::{Language, Measurements, Representations, Session, Similarity};
use serde_json::{Value, json};

use super::{check_agrees, recompute};
use crate::numbers::{Numbers, blank_session};

const LANGUAGES: [&str; 4] = ["en", "de", "zh-Hans", "sw"];
const N_PROMPTS: usize = 21;

/// A layer in which a vector is a sum of what its prompt says, what its language adds, and noise. The first prompt has one
/// language, the second lacks one, the third has equal vectors, the fourth a zero one.
fn layer(layer: u32, dim: usize, numbers: &mut Numbers) -> Representations {
    let of_language: Vec<Vec<f32>> = LANGUAGES.iter().map(|_| numbers.vector(dim)).collect();
    let (mut order, mut values) = (Vec::new(), Vec::new());
    for prompt in 0..N_PROMPTS {
        let of_prompt = numbers.vector(dim);
        for (language, of_language) in LANGUAGES.iter().zip(&of_language) {
            let is_missing = match prompt {
                0 => *language != "de",
                1 => *language == "zh-Hans",
                _ => false,
            };
            let value = |(a, b): (&f32, &f32)| match prompt {
                2 => *a,
                3 if *language == "sw" => 0.0,
                _ => (a + 0.4 * b + 0.3 * numbers.unit()) * 20.0,
            };
            if !is_missing {
                order.push((format!("p{prompt}"), Language::from(*language)));
                values.extend(of_prompt.iter().zip(of_language).map(value));
            }
        }
    }
    Representations { layer, n_layers: 6, dim: dim as u32, order, values, ..Representations::default() }
}

fn session(seed: u64) -> Session {
    let mut numbers = Numbers::new(seed);
    // The last has fewer dimensions than there are languages.
    let representations = [(0, 16), (3, 11), (6, 3)].map(|(at, dim)| layer(at, dim, &mut numbers)).to_vec();
    let similarities = (0..3).map(|at| {
        let vectors: Vec<Vec<f32>> = (0..12).map(|_| numbers.vector(6)).collect();
        let order = (0..12).map(|i| (Language::from(LANGUAGES[i / 3]), i as u32 % 3)).collect();
        Similarity { prompt_id: format!("p{at}"), order, cosine: cosine_triangle(&vectors) }
    });
    Session {
        similarities: similarities.collect(),
        measurements: Measurements { representations, ..Measurements::default() },
        ..blank_session()
    }
}

fn mlc(at: usize, representations: &Representations, form: LossForm, tau: f64) -> Value {
    let set = mlc_of_set(&prompt_cosines(representations), None, MlcSettings { form, tau });
    let means = set.means.unwrap();
    let prompts = set.prompts.iter().map(|p| {
        json!({
            "promptId": p.prompt_id, "languages": p.languages, "singularValues": p.singular_values,
            "loss": p.loss.value, "minCosine": p.min_cosine, "meanCosine": p.mean_cosine,
            "effectiveRank": p.effective_rank,
        })
    });
    json!({
        "at": at, "form": form, "tau": tau,
        "prompts": prompts.collect::<Vec<_>>(),
        "leftOut": set.left_out.iter().map(|p| &p.prompt_id).collect::<Vec<_>>(),
        "mean": {
            "loss": means.loss, "minCosine": means.min_cosine, "meanCosine": means.mean_cosine,
            "effectiveRank": means.effective_rank,
        },
    })
}

fn alignx(at: usize, representations: &Representations, tau: f64) -> Value {
    let found = align_layer(representations, tau);
    let pairs = found.pairs.iter().map(|p| {
        json!({
            "source": p.source, "target": p.target, "nPrompts": p.n_prompts, "loss": p.loss,
            "retrieval": p.retrieval, "matched": p.matched, "unmatched": p.unmatched,
        })
    });
    json!({ "at": at, "tau": tau, "pairs": pairs.collect::<Vec<_>>() })
}

fn results(session: &Session) -> Value {
    let layers = || session.measurements.representations.iter().enumerate();
    let forms = [(LossForm::Code, 0.2), (LossForm::Paper, 0.2), (LossForm::Code, 0.7)];
    let project =
        |s: &Similarity| json!({ "promptId": s.prompt_id, "explained": project_similarity(s).explained });
    json!({
        "mlc": layers().flat_map(|(at, layer)| forms.map(|(form, tau)| mlc(at, layer, form, tau))).collect::<Vec<_>>(),
        "alignx": layers().map(|(at, layer)| alignx(at, layer, 0.1)).collect::<Vec<_>>(),
        "projection": session.similarities.iter().map(project).collect::<Vec<_>>(),
    })
}

#[test]
fn random_representations_agree_with_the_recomputation() {
    for seed in 0..4 {
        let session = session(seed);
        let results = results(&session);
        let (n_mlc, n_pairs) = (&results["mlc"][0]["prompts"], &results["alignx"][0]["pairs"]);
        assert_eq!((n_mlc.as_array().unwrap().len(), n_pairs.as_array().unwrap().len()), (N_PROMPTS - 1, 12));
        check_agrees(&format!("representations-agree-{seed}"), &session, &results);
    }
}

#[test]
fn one_number_changed_is_found() {
    let session = session(1);
    let results = results(&session);
    for (i, pointer) in [
        "/mlc/0/prompts/3/loss",
        "/mlc/1/prompts/0/singularValues/1",
        "/mlc/2/mean/effectiveRank",
        "/mlc/3/prompts/5/minCosine",
        "/alignx/0/pairs/2/loss",
        "/alignx/1/pairs/7/retrieval",
        "/alignx/2/pairs/11/unmatched",
        "/projection/2/explained/1",
    ]
    .into_iter()
    .enumerate()
    {
        let mut changed = results.clone();
        let number = changed.pointer_mut(pointer).unwrap();
        *number = json!(number.as_f64().unwrap() + 1e-5);
        let (agrees, said) = recompute(&format!("representations-changed-{i}"), &session, &changed);
        assert!(!agrees && said.contains("differences: 1"), "{pointer} was changed and not found: {said}");
    }
    let (agrees, said) = recompute("representations-unknown", &session, &json!({ "mlc": [], "other": [] }));
    assert!(!agrees && said.contains("nothing checks it"), "{said}");
}
