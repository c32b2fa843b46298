//! A response that was cut at the token limit is neither reference nor chosen while a whole one could be (**ours**).

use super::*;

/// Cuts some samples of a language.
fn cut(responses: &mut [Response], language: &str, samples: &[u32]) {
    for response in responses.iter_mut().filter(|r| r.language.as_str() == language) {
        if samples.contains(&response.sample) {
            response.finish_reason = FinishReason::Length;
        }
    }
}

fn picked(selection: &Selection) -> (Option<u32>, Option<u32>, Option<u32>) {
    let pair = pair(selection, "de");
    (selection.references[0].sample, pair.chosen, pair.rejected)
}

#[test]
fn a_whole_response_goes_before_a_cut_one_in_math() {
    let config = config(&["en", "de"]);
    let run = |en: &[u32], de: &[u32]| {
        let mut responses =
            [answers("en", &["7", "7", "7", "8"]), answers("de", &["7", "7", "8", ""])].concat();
        cut(&mut responses, "en", en);
        cut(&mut responses, "de", de);
        let similarity = by_place(&responses, |r| r.sample as f32);
        run(TaskKind::Math, &responses, Some(&similarity), &config)
    };
    assert_eq!(picked(&run(&[], &[])), (Some(1), Some(1), Some(3)));
    assert_eq!(picked(&run(&[1], &[])), (Some(0), Some(0), Some(3)));
    assert_eq!(picked(&run(&[0, 1], &[1])), (Some(2), Some(0), Some(3)));
    // A whole one with an answer that fewer gave goes before cut ones of the majority.
    assert_eq!(picked(&run(&[0, 1, 2], &[])).0, Some(3));
    // Where no whole one could be, a cut one is: there is none, or it has no answer, or it is not better.
    assert_eq!(picked(&run(&[0, 1, 2, 3], &[])).0, Some(1));
    assert_eq!(picked(&run(&[], &[0, 1])), (Some(1), Some(1), Some(3)));
    assert_eq!(picked(&run(&[], &[0, 1, 2, 3])), (Some(1), Some(1), Some(3)));
    // A cut one may be rejected, and it counts in the vote.
    assert_eq!(picked(&run(&[], &[3])), (Some(1), Some(1), Some(3)));
    assert_eq!(run(&[1], &[]).references[0].vote_share, Some(0.75));
}

#[test]
fn a_cut_response_without_a_whole_answer_beside_it_is_still_the_reference() {
    let mut responses = [answers("en", &["7", "7", ""]), answers("de", &["7", "8"])].concat();
    cut(&mut responses, "en", &[0, 1]);
    let selection = run(TaskKind::Math, &responses, None, &config(&["en", "de"]));
    assert_eq!(picked(&selection), (Some(0), Some(0), Some(1)));
}

#[test]
fn a_whole_response_goes_before_a_cut_one_by_similarity() {
    let text = |language: &str, sample| response(language, sample, &format!("{language} {sample}"), None);
    let all: Vec<Response> = ["en", "de"].iter().flat_map(|l| (0..3).map(|i| text(l, i))).collect();
    let similarity = by_place(&all, |r| r.sample as f32);
    let run = |en: &[u32], de: &[u32]| {
        let mut responses = all.clone();
        cut(&mut responses, "en", en);
        cut(&mut responses, "de", de);
        run(TaskKind::General, &responses, Some(&similarity), &config(&["en", "de"]))
    };
    assert_eq!(picked(&run(&[], &[])), (Some(1), Some(1), Some(0)));
    assert_eq!(picked(&run(&[1], &[])), (Some(0), Some(0), Some(2)));
    assert_eq!(picked(&run(&[2], &[1])).0, Some(1));
    // The whole ones of the row are both farthest away, so the cut one is all there is to choose.
    assert_eq!(picked(&run(&[], &[1])), (Some(1), Some(1), Some(0)));
    assert_eq!(picked(&run(&[0, 1, 2], &[0, 1, 2])), (Some(1), Some(1), Some(0)));
}

#[test]
fn the_random_reference_is_drawn_among_whole_responses() {
    let text = |language: &str, sample| response(language, sample, &format!("{language} {sample}"), None);
    let mut responses: Vec<Response> = ["en", "de"].iter().flat_map(|l| (0..6).map(|i| text(l, i))).collect();
    cut(&mut responses, "en", &[0, 2, 3, 5]);
    let similarity = by_place(&responses, |r| r.sample as f32);
    let mut drawn: Vec<u32> = (0..40)
        .filter_map(|seed| {
            let config = SessionConfig { method: Method::RandomReference, seed, ..config(&["en", "de"]) };
            run(TaskKind::General, &responses, Some(&similarity), &config).references[0].sample
        })
        .collect();
    drawn.sort_unstable();
    drawn.dedup();
    assert_eq!(drawn, [1, 4]);
}
