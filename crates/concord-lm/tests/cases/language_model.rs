//! What every language model must hold: batch invariance, sharing by reference, log-probs that agree.
//!
//! Each case takes a model of a random Llama (see [`shape`]) with any weights.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::BTreeMap;

use concord_lm::generate::{
    Capacity, DrawKey, Forced, Job, LanguageModel, Pooling, RowEvent, RowId, SampleKey, Sampled,
    SamplingSettings, Scheduler, StopHook,
};
use concord_lm::weights::testing::RandomModel;

/// The model that the cases are written for.
pub(crate) fn shape() -> RandomModel {
    RandomModel { dim: 96, hidden_dim: 160, n_layers: 3, n_heads: 6, n_kv_heads: 2, ..RandomModel::default() }
}

/// Its pool.
pub(crate) const CAPACITY: Capacity =
    Capacity { n_slots: 3000, n_table_rows: 48, max_batch_tokens: 128, max_rows: 48 };

/// The same with places for a few rows: others wait for them.
pub(crate) const FEW: Capacity =
    Capacity { n_slots: 400, n_table_rows: 7, max_batch_tokens: 96, max_rows: 4 };

/// Largest difference of two log-probs of the same token that went through different kernels.
const LOG_PROB_TOLERANCE: f32 = 1e-3;

fn job(id: u32, n_prompt: u32, n: u32) -> Job {
    Job {
        id,
        prompt: (0..n_prompt).map(|i| (i * 7919 + id * 31) % 301).collect(),
        samples: (0..n).map(|sample| SampleKey { sample, stream: id * 1000 + sample }).collect(),
        seed: 3,
        settings: SamplingSettings {
            temperature: 0.9,
            top_k: 50,
            top_p: 0.95,
            min_p: 0.01,
            repetition_penalty: 1.1,
        },
        max_tokens: 20,
        stop_tokens: vec![id % 301],
        sampled_logprobs: true,
    }
}

type Responses = BTreeMap<RowId, Vec<Sampled>>;

async fn respond<M: LanguageModel>(model: &mut M, steps_per_call: u32, jobs: &[Job]) -> Responses {
    respond_until(model, steps_per_call, jobs, (&mut |_, _| false, u32::MAX)).await
}

/// Ends responses as `stop` says, and all of them after so many steps.
async fn respond_until<M: LanguageModel>(
    model: &mut M,
    steps_per_call: u32,
    jobs: &[Job],
    (stop, n_steps): (&mut StopHook<'_>, u32),
) -> Responses {
    let mut n_left = n_steps;
    let mut scheduler = Scheduler::new(model.shape(), steps_per_call);
    jobs.iter().for_each(|job| scheduler.add(job.clone()));
    let mut responses = Responses::new();
    let mut on_event = |event| match event {
        RowEvent::Tokens { row, tokens } => responses.entry(row).or_default().extend(tokens),
        RowEvent::Finished { row, .. } => {
            responses.entry(row).or_default();
        }
        RowEvent::Failed { job, error } => panic!("job {job}: {error}"),
    };
    let on_step = async |scheduler: &mut Scheduler, events: Vec<RowEvent>| {
        events.into_iter().for_each(&mut on_event);
        n_left = n_left.saturating_sub(1);
        if n_left == 0 {
            scheduler.cancel();
        }
    };
    scheduler.run(model, stop, on_step).await.unwrap();
    assert_eq!(scheduler.n_free_slots(), model.shape().n_slots);
    responses
}

fn bits(response: &[Sampled]) -> Vec<(u32, u32, u32)> {
    let bits = |sampled: &Sampled| {
        (sampled.id, sampled.logprob.to_bits(), sampled.sampled_logprob.unwrap().to_bits())
    };
    response.iter().map(bits).collect()
}

/// A row alone and the same row among 40: the same tokens and log-probs, bit for bit.
pub(crate) async fn a_row_alone_and_among_40_gives_the_same_bits<M: LanguageModel>(model: &mut M) {
    let jobs: Vec<Job> = (0..5).map(|id| job(id, 9 + id * 11, 8)).collect();
    let together = respond(model, 8, &jobs).await;
    assert_eq!(together.len(), 40);
    for (id, sample) in [(0, 0), (1, 7), (3, 4), (4, 2)] {
        for steps_per_call in [1, 8] {
            let mut alone = jobs[id as usize].clone();
            alone.samples.retain(|key| key.sample == sample);
            let alone = respond(model, steps_per_call, &[alone]).await;
            let row = RowId { job: id, sample };
            assert_eq!(bits(&alone[&row]), bits(&together[&row]), "{row:?} alone and among 40");
        }
    }
}

/// Rows that wait for places, rows that the host ends while the model goes on, and work that is given up midway: the same
/// bits. `few` is the same model with places for a few rows.
pub(crate) async fn few_places_and_ends_by_the_host_change_no_bit<M: LanguageModel>(
    model: &mut M,
    few: &mut M,
) {
    let jobs: Vec<Job> = (0..4).map(|id| job(id, 9 + id * 11, 6)).collect();
    let whole = respond(model, 8, &jobs).await;
    let length = |row: RowId| 1 + (row.job * 5 + row.sample * 3) as usize % 17;
    for steps_per_call in [1, 5, 16] {
        let what = format!("{steps_per_call} steps per call");
        let mut n_tokens: BTreeMap<RowId, usize> = BTreeMap::new();
        let mut stop = |row: RowId, _| {
            let n = n_tokens.entry(row).or_default();
            *n += 1;
            *n == length(row)
        };
        let cut = respond_until(few, steps_per_call, &jobs, (&mut stop, u32::MAX)).await;
        for (row, response) in &cut {
            let expected = &whole[row][..whole[row].len().min(length(*row))];
            assert_eq!(bits(response), bits(expected), "{row:?}, ended by the host, {what}");
        }
        let given_up = respond_until(few, steps_per_call, &jobs, (&mut |_, _| false, 4)).await;
        for (row, response) in &given_up {
            assert_eq!(bits(response), bits(&whole[row][..response.len()]), "{row:?}, given up, {what}");
        }
        for (row, response) in &respond(few, steps_per_call, &jobs).await {
            assert_eq!(bits(response), bits(&whole[row]), "{row:?}, {what}");
        }
    }
}

/// Vectors of a text alone and among others: the same bits.
pub(crate) async fn an_embedding_does_not_depend_on_the_batch<M: LanguageModel>(model: &mut M) {
    let mut scheduler = Scheduler::new(model.shape(), 8);
    let texts: Vec<Vec<u32>> = (0..12).map(|id| job(id, 3 + id * 4, 1).prompt).collect();
    for pooling in [Pooling::Mean, Pooling::Last] {
        let together = scheduler.embed(model, &texts, 2, pooling).await.unwrap();
        for idx in [0, 5, 11] {
            let alone = scheduler.embed(model, &texts[idx..=idx], 2, pooling).await.unwrap();
            let bits = |vector: &[f32]| vector.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&alone[0]), bits(&together[idx]), "text {idx}, {pooling:?}");
        }
        let layers: Vec<u32> = (0..=model.shape().n_layers).collect();
        let mut n_done = 0;
        while n_done < texts.len() {
            let of_layers = scheduler.embed_next(model, &texts[n_done..], &layers, pooling).await.unwrap();
            let taken = &texts[n_done..n_done + of_layers[0].len()];
            for (layer, vectors) in of_layers.iter().enumerate() {
                let alone = scheduler.embed(model, taken, layer as u32, pooling).await.unwrap();
                assert_eq!(&alone, vectors, "one pass up to layer {layer} and one through all, {pooling:?}");
            }
            n_done += taken.len();
        }
    }
}

/// Completions scored together and one by one: the same bits.
pub(crate) async fn a_forced_score_does_not_depend_on_the_batch<M: LanguageModel>(model: &mut M) {
    let prompts: Vec<Vec<u32>> = (0..3).map(|id| job(id, 9 + id * 11, 1).prompt).collect();
    let completions: Vec<Vec<u32>> = (0..4).map(|id| job(id + 3, 1 + id * 7, 1).prompt).collect();
    let pairs = prompts.iter().flat_map(|prompt| completions.iter().map(move |c| (prompt, c)));
    let forced: Vec<Forced<'_>> = pairs.map(|(prompt, completion)| Forced { prompt, completion }).collect();
    let mut together = Scheduler::new(model.shape(), 8);
    let mut scores = Vec::new();
    while scores.len() < forced.len() {
        scores.extend(together.score_next(model, &forced[scores.len()..]).await.unwrap());
    }
    for (idx, (Forced { prompt, completion }, scores)) in forced.iter().zip(&scores).enumerate() {
        let mut alone = Scheduler::new(model.shape(), 8);
        let alone = alone.score(model, prompt, completion).await.unwrap();
        assert_eq!(&alone, scores, "completion {idx}");
    }
}

/// Prompts that begin alike are evaluated once, whatever the number of samples.
pub(crate) async fn shared_prompt_tokens_are_evaluated_once<M: LanguageModel>(model: &mut M) {
    *model.counters_mut() = Default::default();
    let mut jobs: Vec<Job> = (0..4).map(|id| job(id, 30, 8)).collect();
    let common = jobs[0].prompt[..20].to_vec();
    for job in &mut jobs {
        job.prompt[..20].copy_from_slice(&common);
    }
    let responses = respond(model, 8, &jobs).await;
    assert_eq!(model.counters().prompt_tokens_evaluated, 20 + 4 * 10);
    let n_tokens: usize = responses.values().map(Vec::len).sum();
    assert!(model.counters().tokens_generated as usize >= n_tokens);
    assert!(model.counters().steps > 0);
}

/// Greedy tokens are the largest logits, raw log-probs agree with teacher-forced scores.
pub(crate) async fn greedy_tokens_logits_and_scores_agree<M: LanguageModel>(model: &mut M) {
    let mut job = job(7, 21, 1);
    job.settings = SamplingSettings { temperature: 0.0, ..SamplingSettings::default() };
    job.stop_tokens.clear();
    let response = respond(model, 8, &[job.clone()]).await.remove(&RowId { job: 7, sample: 0 }).unwrap();
    assert_eq!(response.len(), 20);
    let ids: Vec<u32> = response.iter().map(|sampled| sampled.id).collect();
    let mut scheduler = Scheduler::new(model.shape(), 8);
    let scores = scheduler.score(model, &job.prompt, &ids).await.unwrap();
    for (idx, (sampled, score)) in response.iter().zip(&scores).enumerate() {
        let difference = (sampled.logprob - score).abs();
        assert!(difference < LOG_PROB_TOLERANCE, "token {idx}: {} is scored {score}", sampled.logprob);
        let context = [&job.prompt[..], &ids[..idx]].concat();
        let logits = scheduler.logits(model, &context).await.unwrap();
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        assert_eq!(logits.iter().position(|&logit| logit == largest), Some(sampled.id as usize));
    }
}

/// Log-probs under the sampled distribution come only where a job asks for them, and all else is the same with them and
/// without.
pub(crate) async fn only_what_is_asked_for_comes_back<M: LanguageModel>(model: &mut M) {
    let mut short = job(7, 11, 3);
    let mut both = Vec::new();
    for asked in [true, false, true] {
        short.sampled_logprobs = asked;
        let bytes_before = model.counters().bytes_read_back;
        let responses = respond(model, 8, &[short.clone()]).await;
        let n_bytes = model.counters().bytes_read_back - bytes_before;
        assert!(responses.values().flatten().all(|sampled| sampled.sampled_logprob.is_some() == asked));
        let plain = |sampled: &Sampled| (sampled.id, sampled.logprob.to_bits());
        let plain: Vec<Vec<(u32, u32)>> =
            responses.values().map(|tokens| tokens.iter().map(plain).collect()).collect();
        both.push((plain, n_bytes));
    }
    assert_eq!(both[0], both[2]);
    assert_eq!(both[0].0, both[1].0);
    assert_eq!(both[0].1, both[1].1 / 2 * 3, "three words a result, or two");
}

/// Cosines of known vectors; then of texts whose vectors stay with the model, among them an empty one and one that is
/// longer than a call.
pub(crate) async fn cosines_are_right<M: LanguageModel>(model: &mut M) {
    let dim = model.shape().dim as usize;
    let known = [vec![3.0, 4.0, 0.0], vec![0.0; 3], vec![-3.0, -4.0, 0.0], vec![0.0, 1.0, 0.0]];
    model.hold_vectors(4).await.unwrap();
    for (place, mut vector) in (0..).zip(known) {
        vector.resize(dim, 0.0);
        model.set_vector(place, &vector).unwrap();
    }
    let cosines = model.cosines(4).await.unwrap();
    check_cosines(&cosines, &[0.0, -1.0, 0.8, 0.0, 0.0, -0.8]);
    let mut broken = vec![0.0; dim];
    broken[1] = f32::NAN;
    model.set_vector(2, &broken).unwrap();
    let cosines = model.cosines(4).await.unwrap();
    let is_finite: Vec<bool> = cosines.iter().map(|cosine| cosine.is_finite()).collect();
    assert_eq!(is_finite, [true, false, true, false, true, false], "{cosines:?}");
    assert!(model.set_vector(0, &broken[1..]).is_err() || dim == 1, "too few numbers");
    assert!(model.cosines(1 << 14).await.is_err(), "more than are held");

    let mut scheduler = Scheduler::new(model.shape(), 8);
    let longest = model.shape().max_batch_tokens as usize + 3;
    let text = |seed: usize, n: usize| (0..n).map(|i| (seed * 7 + i * 13) as u32 % 50).collect::<Vec<u32>>();
    let texts = [text(1, 5), text(2, 9), Vec::new(), text(3, 4), text(1, 5), text(4, longest), text(5, 2)];
    for (layer, pooling) in [(1, Pooling::Mean), (model.shape().n_layers, Pooling::Last)] {
        let vectors = scheduler.embed(model, &texts, layer, pooling).await.unwrap();
        let expected = concord_lm::reference::cosine(&vectors.concat(), dim);
        check_cosines(&compare(model, &mut scheduler, &texts, (layer, pooling)).await, &expected);
        assert!((expected[3] - 1.0).abs() < 1e-5, "the same text: {expected:?}");
    }
}

/// Compares texts to the end.
pub(crate) async fn compare<M: LanguageModel>(
    model: &mut M,
    scheduler: &mut Scheduler,
    texts: &[Vec<u32>],
    states: (u32, Pooling),
) -> Vec<f32> {
    let mut comparison = scheduler.compare(model, texts, states).await.unwrap();
    loop {
        if let Some(cosines) = scheduler.compare_next(model, &mut comparison).await.unwrap() {
            return cosines;
        }
    }
}

fn check_cosines(got: &[f32], expected: &[f32]) {
    assert_eq!(got.len(), expected.len());
    for (cosine, expected) in got.iter().zip(expected) {
        assert!((cosine - expected).abs() < 1e-5, "{got:?}, expected {expected:?}");
    }
}

/// Broken contracts are refused, never undefined.
pub(crate) async fn bad_requests_are_refused<M: LanguageModel>(model: &mut M) {
    use concord_lm::generate::{DecodeRow, Draw, ModelError, TokenInput};
    let shape = model.shape();
    let refused = |result: Result<(), ModelError>| matches!(result, Err(ModelError::BadRequest { .. }));
    let token = TokenInput { id: 0, position: 0, table_row: 0 };
    let settings = SamplingSettings::default();
    assert!(refused(model.set_slots(shape.n_table_rows, 0, &[0])), "a table row too far");
    assert!(refused(model.set_slots(0, 0, &[shape.n_slots])), "a slot too far");
    assert!(refused(model.set_slots(0, shape.seq_len, &[0])), "a position past the context");
    model.set_slots(0, 0, &[0]).unwrap();
    let unknown = TokenInput { id: shape.vocab_size, ..token };
    assert!(refused(model.prefill(&[unknown], &[]).await.map(drop)), "an unknown token");
    let draw = Draw { token_idx: 1, table_row: 0, key: DrawKey::default(), settings };
    assert!(refused(model.prefill(&[token], &[draw]).await.map(drop)), "a draw after no token");
    let too_many = vec![token; shape.max_batch_tokens as usize + 1];
    assert!(refused(model.prefill(&too_many, &[]).await.map(drop)), "a batch too large");
    let row = DecodeRow { input: token, key: DrawKey::default(), settings };
    let too_many = vec![row; shape.max_rows as usize + 1];
    assert!(refused(model.decode(&too_many, 1).await.map(drop)), "too many rows");
    assert!(refused(model.score(&[token], &[shape.vocab_size]).await.map(drop)), "an unknown target");
    assert!(
        refused(model.embed_layers(&[token], &[1], &[shape.n_layers + 1], Pooling::Mean).await.map(drop)),
        "a layer too far"
    );
    assert!(
        refused(model.embed_layers(&[token], &[2], &[0], Pooling::Mean).await.map(drop)),
        "groups that do not add up"
    );
}
