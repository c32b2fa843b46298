//! Scores, logits, vectors and comparisons of given texts.

use super::*;

#[test]
fn texts_are_scored_and_embedded_in_calls_of_any_size() {
    let mut model = HashModel::new(64, 4);
    let mut scheduler = Scheduler::new(model.shape, 8);
    let text = prompt(3, 45, 0);
    let states = states(&text);
    for n_prompt in [1, 15, 16, 17, 44] {
        let scores = block_on(scheduler.score(&mut model, &text[..n_prompt], &text[n_prompt..])).unwrap();
        let expected: Vec<f32> =
            (n_prompt..45).map(|target| expected_score(states[target - 1], text[target])).collect();
        assert_eq!(scores, expected, "{n_prompt} prompt tokens");
    }
    let logits = block_on(scheduler.logits(&mut model, &text[..33])).unwrap();
    assert_eq!(logits, [expected_feature(states[32])]);

    let texts: Vec<Vec<u32>> = [3, 0, 16, 40, 5, 5, 5, 5, 5].iter().map(|&n| text[..n].to_vec()).collect();
    let means = block_on(scheduler.embed(&mut model, &texts, 1, Pooling::Mean)).unwrap();
    let lasts = block_on(scheduler.embed(&mut model, &texts, 1, Pooling::Last)).unwrap();
    for ((text, mean), last) in texts.iter().zip(means).zip(lasts) {
        let features: Vec<f32> = states[..text.len()].iter().map(|&state| expected_feature(state)).collect();
        let expected = features.iter().sum::<f32>() / features.len().max(1) as f32;
        assert!((mean[0] - expected).abs() < 1e-3, "mean of {} tokens", text.len());
        assert_eq!(last, [features.last().copied().unwrap_or(0.0)]);
    }
    assert_all_free(&scheduler);
    let too_long = block_on(scheduler.embed(&mut model, &[vec![1; 65]], 1, Pooling::Mean));
    let error = InputError::PromptTooLong { n_tokens: 65, seq_len: 64 };
    assert_eq!(too_long, Err(GenerateError::Input(error)));
}

#[test]
fn many_completions_are_scored_as_if_each_were_alone_and_shared_prompts_are_evaluated_once() {
    let shared = prompt(3, 20, 0);
    let prompts: Vec<Vec<u32>> =
        vec![shared.clone(), prompt(4, 20, 12), shared[..1].to_vec(), shared.clone()];
    let completions: Vec<Vec<u32>> = [3, 0, 1, 18, 7, 7, 40].iter().map(|&n| prompt(9, n, 2)).collect();
    for (n_slots, max_rows) in [(64, 1), (70, 4), (400, 8)] {
        let mut model = HashModel::new(n_slots, max_rows);
        let mut scheduler = Scheduler::new(model.shape, 8);
        let pairs = prompts.iter().flat_map(|prompt| completions.iter().map(move |c| (prompt, c)));
        let forced: Vec<Forced<'_>> =
            pairs.map(|(prompt, completion)| Forced { prompt, completion }).collect();
        let mut scores = Vec::new();
        while scores.len() < forced.len() {
            scores.extend(block_on(scheduler.score_next(&mut model, &forced[scores.len()..])).unwrap());
        }
        for (Forced { prompt, completion }, scores) in forced.iter().zip(scores) {
            let text = [*prompt, *completion].concat();
            let states = states(&text);
            let targets = prompt.len()..text.len();
            let expected: Vec<f32> = targets.map(|i| expected_score(states[i - 1], text[i])).collect();
            assert_eq!(scores, expected, "{n_slots} slots, {max_rows} rows");
        }
        assert!(model.largest_batch <= 16);
        assert_all_free(&scheduler);
    }
    let mut model = HashModel::new(400, 8);
    let mut scheduler = Scheduler::new(model.shape, 8);
    let forced: Vec<Forced<'_>> =
        completions[..6].iter().map(|completion| Forced { prompt: &shared, completion }).collect();
    let mut n_done = 0;
    while n_done < forced.len() {
        n_done += block_on(scheduler.score_next(&mut model, &forced[n_done..])).unwrap().len();
    }
    let n_scored: usize = completions[..6].iter().map(Vec::len).sum();
    assert_eq!(model.counters.text_tokens_evaluated as usize, 19 + n_scored);
}

#[test]
fn a_completion_that_does_not_fit_fails_when_its_turn_comes_and_a_failed_model_leaves_nothing_behind() {
    let mut model = HashModel::new(64, 4);
    let mut scheduler = Scheduler::new(model.shape, 8);
    let (short, long) = (prompt(1, 5, 0), prompt(1, 60, 0));
    let forced =
        [(&short, &short), (&short, &long)].map(|(prompt, completion)| Forced { prompt, completion });
    assert_eq!(block_on(scheduler.score_next(&mut model, &forced)).unwrap().len(), 1);
    let error = block_on(scheduler.score_next(&mut model, &forced[1..])).unwrap_err();
    assert_eq!(error, InputError::PromptTooLong { n_tokens: 65, seq_len: 64 }.into());
    let no_prompt = block_on(scheduler.score(&mut model, &[], &short)).unwrap_err();
    assert_eq!(no_prompt, InputError::EmptyPrompt.into());
    let other = prompt(7, 9, 0);
    model.n_calls_left = Some(1);
    assert!(block_on(scheduler.score(&mut model, &other, &short)).is_err());
    assert_all_free(&scheduler);
    model.n_calls_left = None;
    let again = block_on(scheduler.score(&mut model, &other, &short)).unwrap();
    let text = [&other[..], &short].concat();
    let states = states(&text);
    let expected: Vec<f32> = (9..14).map(|i| expected_score(states[i - 1], text[i])).collect();
    assert_eq!(again, expected);
}

#[test]
fn one_call_gives_the_vectors_after_every_layer_asked() {
    let mut model = HashModel::new(64, 4);
    let mut scheduler = Scheduler::new(model.shape, 8);
    let texts: Vec<Vec<u32>> = [3, 0, 40, 5].iter().map(|&n| prompt(2, n, 0)).collect();
    for pooling in [Pooling::Mean, Pooling::Last] {
        let mut n_done = 0;
        while n_done < texts.len() {
            let of_layers =
                block_on(scheduler.embed_next(&mut model, &texts[n_done..], &[0, 1], pooling)).unwrap();
            assert_eq!(of_layers.len(), 2);
            let n_taken = of_layers[1].len();
            for (layer, vectors) in (0..).zip(of_layers) {
                let taken = &texts[n_done..n_done + n_taken];
                let alone = block_on(scheduler.embed(&mut model, taken, layer, pooling)).unwrap();
                assert_eq!(vectors, alone, "layer {layer}");
            }
            n_done += n_taken;
        }
    }
    assert_all_free(&scheduler);
}

/// By hand, of calls of 16 tokens: 10 and 6, 9 and 7, then 5; an empty text takes none, one of 20 is put together from two.
#[test]
fn texts_that_are_compared_fill_their_calls() {
    let mut model = HashModel::new(400, 8);
    let mut scheduler = Scheduler::new(model.shape, 8);
    let texts: Vec<Vec<u32>> = [7, 10, 0, 9, 6, 5].iter().map(|&n| prompt(n, n, 0)).collect();
    let with_long = [&[prompt(9, 20, 0)], &texts[..]].concat();
    for (texts, n_calls) in
        [(&texts[..], 3), (&with_long, 4), (&texts[..1], 1), (&texts[2..3], 1), (&texts[..0], 1)]
    {
        let alone = block_on(scheduler.embed(&mut model, texts, 1, Pooling::Mean)).unwrap();
        let mut comparison = block_on(scheduler.compare(&mut model, texts, (1, Pooling::Mean))).unwrap();
        let mut compared = None;
        for nth in 1..=n_calls {
            assert!(compared.is_none(), "call {nth}");
            compared = block_on(scheduler.compare_next(&mut model, &mut comparison)).unwrap();
            assert_all_free(&scheduler);
        }
        // This model's cosines are the vectors it holds.
        assert_eq!(compared, Some(alone.concat()), "{} texts", texts.len());
    }
    scheduler.set_tokens_per_call(6);
    let mut comparison = block_on(scheduler.compare(&mut model, &texts, (1, Pooling::Mean))).unwrap();
    let mut n_calls = 1;
    while block_on(scheduler.compare_next(&mut model, &mut comparison)).unwrap().is_none() {
        n_calls += 1;
    }
    assert_eq!(n_calls, 5, "each text alone");
}
