//! What a row shows: equal texts as one, ranks, the blind order, and which rows to show a second time.

use super::*;

const CELL: Cell = Cell { prompt: 0, language: 1 };

/// Prompt `a` with these Arabic texts and scores, and the pair 0 over 1.
fn with_texts(texts: &[(&str, f32)]) -> Session {
    let mut session = fresh();
    let like = session.responses[2].clone();
    session.responses.retain(|response| response.prompt_id != "a" || response.language != ar());
    let made = texts.iter().zip(0..).map(|((text, _), sample)| Response {
        sample,
        text: (*text).to_owned(),
        ..like.clone()
    });
    session.responses.extend(made);
    session.config.n = texts.len() as u32;
    session.pairs[1].scores = texts.iter().map(|(_, score)| *score).collect();
    session
}

#[test]
fn equal_texts_are_one_candidate_with_their_samples_and_rank() {
    let texts =
        [("A\u{308}", 0.9), ("b", 0.1), (" \u{c4}\n", 0.9), ("c", 0.5), ("b", 0.1), ("d", 0.5), ("b ", 0.1)];
    let mut session = with_texts(&texts);
    let shown = |session: &Session| -> Vec<_> {
        let candidates = Desk::new(session.clone()).candidates(CELL);
        candidates.into_iter().map(|c| (c.sample, c.same, c.rank)).collect()
    };
    let wanted =
        [(0, vec![0, 2], Some(1)), (1, vec![1, 4, 6], Some(4)), (3, vec![3], Some(2)), (5, vec![5], Some(2))];
    assert_eq!(shown(&session), wanted);
    assert_eq!(Desk::new(session.clone()).row_view(CELL).unwrap().n_candidates, 7);
    // What is picked stands for its like, and the order stays.
    act(&mut session, Decision::On(("a", arabic()), Act::Choose { chosen: 6, rejected: 2 })).unwrap();
    let samples: Vec<_> = shown(&session).into_iter().map(|(sample, same, _)| (sample, same.len())).collect();
    assert_eq!(samples, [(2, 2), (6, 3), (3, 1), (5, 1)]);
    // Chosen and rejected are never one.
    act(&mut session, Decision::On(("a", arabic()), Act::Choose { chosen: 4, rejected: 1 })).unwrap();
    let samples: Vec<_> = shown(&session).into_iter().map(|(sample, same, _)| (sample, same)).collect();
    assert_eq!(samples[1..3], [(1, vec![1, 6]), (3, vec![3])]);
    assert_eq!(samples.last(), Some(&(5, vec![5])));
    assert!(samples.contains(&(4, vec![4])), "{samples:?}");
    // A rewritten text is its own.
    let edit = Act::Edit { sample: 0, text: Some("c".into()) };
    act(&mut session, Decision::On(("a", arabic()), edit)).unwrap();
    assert_eq!(shown(&session)[0].1, [0, 3]);
    assert_eq!(Desk::new(session).candidates(CELL)[0].n_chars, 1);
}

#[test]
fn responses_are_offered_in_an_order_of_the_seed_where_it_may_tell_who_wrote_them() {
    let desk = Desk::new(with_texts(&[("a", 0.1), ("b", 0.2), ("c", 0.3), ("d", 0.4), ("e", 0.5)]));
    let offered = |blind| desk.offered(CELL, blind).iter().map(|offer| offer.sample).collect::<Vec<_>>();
    assert_eq!(offered(None), [0, 1, 2, 3, 4]);
    for seed in [1, 7, 9] {
        assert_eq!(offered(Some(seed)), blind_order(seed, "a", arabic(), &[0, 1, 2, 3, 4]));
    }
    assert_ne!(offered(Some(1)), offered(Some(7)));
}

#[test]
fn the_blind_order_depends_on_seed_and_row_and_on_nothing_else() {
    let order = |seed, prompt: &str, samples: &[u32]| blind_order(seed, prompt, &ar(), samples);
    assert_eq!(order(1, "a", &[0, 1, 2, 3]), order(1, "a", &[3, 1, 0, 2]));
    let mut sorted = order(7, "a", &[5, 9, 2]);
    sorted.sort_unstable();
    assert_eq!(sorted, [2, 5, 9]);
    // The order is the same where a session is opened again, on whatever machine.
    assert_eq!([1, 2, 3].map(|seed| order(seed, "a", &[0, 1, 2])), PINNED);
    let eight = blind_order(7, "apples", &"zh-Hans".into(), &[0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(eight, [6, 0, 2, 1, 5, 7, 4, 3]);
    let first = |prompt: usize| order(3, &format!("p{prompt}"), &[0, 1])[0];
    let n_first: usize = (0..1_000).filter(|prompt| first(*prompt) == 0).count();
    // 1000 draws at p = 1/2: standard deviation 16.
    assert!((436..=564).contains(&n_first), "{n_first}");
    assert_eq!((order(1, "a", &[]), order(1, "a", &[4])), (vec![], vec![4]));
}

/// Made from the description of [`blind_order`] by a program of its own.
const PINNED: [[u32; 3]; 3] = [[1, 2, 0], [1, 0, 2], [2, 0, 1]];

#[test]
fn about_one_decided_row_in_ten_is_shown_again_the_other_way_round() {
    let like = fresh();
    let n = 500;
    let mut session =
        Session { prompts: vec![], responses: vec![], pairs: vec![], references: vec![], ..like.clone() };
    for i in 0..n {
        let id = format!("p{i}");
        session.prompts.push(crate::data::Prompt { id: id.clone(), ..like.prompts[0].clone() });
        session.pairs.push(crate::data::Pair { prompt_id: id.clone(), ..like.pairs[1].clone() });
        let responses = like.responses[2..4].iter().cloned();
        session.responses.extend(responses.map(|response| Response { prompt_id: id.clone(), ..response }));
    }
    let mut desk = Desk::new(session);
    assert_eq!(desk.due_repeats("ana", 1, 0), []);
    for prompt in 0..n {
        let shown = Stamp { shown_order: Some(vec![1, 0]), ..stamp("ana") };
        let act = if prompt % 2 == 0 { Act::Accept } else { Act::Judge(RowStatus::Tie) };
        let event = desk.event(Decision::On(Cell { prompt, language: 1 }, act), shown).unwrap();
        desk.take(event);
    }
    let due = desk.due_repeats("ana", 1, 0);
    // 500 draws at p = 1/10: mean 50, standard deviation 6.7.
    assert!((24..=76).contains(&due.len()), "{}", due.len());
    assert!(due.iter().all(|plan| plan.shown_order == [0, 1]), "they were shown 1, 0");
    assert_eq!(desk.due_repeats("bo", 1, 0), []);
    assert_ne!(desk.due_repeats("ana", 2, 0), due);
    assert!(desk.due_repeats("ana", 1, n / 2).len() < due.len(), "none of the latest");
    let cell = desk.cell_of(&due[0].prompt_id, &due[0].language).unwrap();
    let again = Decision::On(cell, Act::Repeat(Box::new(Act::Swap)));
    let event = desk.event(again, stamp("ana")).unwrap();
    desk.take(event);
    assert_eq!(desk.due_repeats("ana", 1, 0), due[1..], "each once");
}

#[test]
fn drafts_that_are_confirmed_after_the_run_are_confirmed_in_its_session() {
    let mut session = fresh();
    let drafts = || [(ar(), "Tiny".to_owned())].into();
    session.prompts.iter_mut().for_each(|prompt| prompt.drafts = drafts());
    let (set, export) = (session.prompts.clone(), |desk: &Desk| {
        let mut writer = PairWriter::new(ExportOptions::default());
        let mut at = 0;
        while desk.write_row(at, &mut writer) {
            at += 1;
        }
        writer.finish()
    });
    let mut desk = Desk::new(session);
    let before = export(&desk);
    assert!(before.n_drafts > 0 && before.n_drafts == before.n_pairs);
    assert!(!desk.confirm_drafts(&set), "nobody has confirmed anything");
    let mut edited = set.clone();
    edited[0].drafts.clear();
    edited[1].drafts.clear();
    edited[1].text.insert(ar(), "other words".into());
    assert!(desk.confirm_drafts(&edited));
    let left: Vec<bool> = desk.session().prompts.iter().map(|prompt| prompt.drafts.is_empty()).collect();
    assert_eq!(left, [true, false], "other words are no answer to what was asked");
    edited[1].text = set[1].text.clone();
    assert!(desk.confirm_drafts(&edited));
    assert_eq!((desk.has_drafts(), export(&desk).n_drafts), (false, 0));
    assert!(!export(&desk).into_text().contains("concord_prompt_draft"));
}
