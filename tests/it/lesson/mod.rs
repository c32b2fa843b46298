//! The lesson on the session that ships with the page, and its texts.

mod texts;

use concord::{
    data::{Session, read_session},
    lesson::{Link, Prediction, Question, Scenes, Staged, Step, misleads::find},
};

fn example() -> Session {
    read_session(&std::fs::read_to_string("static/example-session.json").unwrap()).unwrap()
}

fn scenes(session: &Session, link: &Link) -> Scenes {
    let staged = Staged::new(session, link);
    let mut scenes = Scenes::new(&staged);
    Step::ALL.into_iter().for_each(|step| scenes.add(&staged, step));
    scenes
}

#[test]
fn every_step_of_the_example_can_be_predicted_right_and_wrong() {
    let scenes = scenes(&example(), &Link::default());
    for step in Step::ALL {
        let question = scenes.question(step).unwrap_or_else(|| panic!("{step:?} has nothing to show"));
        assert!(question.verdict(&question.right()).is_right, "{step:?}");
        match question {
            Question::One { n_options, right } => {
                assert!(!right.is_empty() && right.len() < n_options, "{step:?}: {right:?} of {n_options}");
                assert!(right.iter().all(|at| *at < n_options), "{step:?}");
            }
            Question::Order { values } => {
                let turned = (0..values.len()).rev();
                let Prediction::Order(mut wrong) = question_right(&values) else { unreachable!() };
                wrong.reverse();
                assert!(values.len() > 3 && turned.len() == wrong.len(), "{values:?}");
                assert!(!Question::Order { values }.verdict(&Prediction::Order(wrong)).is_right);
            }
        }
    }
}

fn question_right(values: &[f32]) -> Prediction {
    Question::Order { values: values.to_vec() }.right()
}

#[test]
fn the_example_has_all_three_ways_in_which_consistency_misleads() {
    let found = find(&example());
    assert!(!found.agreed.is_empty() && !found.foreign.is_empty() && !found.chance.is_empty(), "{found:?}");
    let marks = scenes(&example(), &Link::default()).marks.unwrap();
    assert_eq!(marks.cards.len(), 4, "one of each, and a good one");
}

#[test]
fn the_same_link_shows_the_same_and_another_seed_another_order() {
    let session = example();
    let of = |seed| scenes(&session, &Link { seed, ..Link::default() });
    assert_eq!(of(3), of(3));
    let orders =
        |seed| of(seed).marks.unwrap().cards.into_iter().map(|card| card.2.name()).collect::<Vec<_>>();
    assert!((1..9).any(|seed| orders(seed) != orders(1)));
    let few = scenes(&session, &Link { prompts: vec![2, 3, 99], ..Link::default() });
    assert_eq!(few.n_prompts, 2);
    assert!(few.batch.is_none(), "two prompts are too few for batches");
    let none = scenes(&session, &Link { prompts: vec![99], ..Link::default() });
    assert_eq!(none.n_prompts, session.prompts.len(), "a link to prompts that are not there shows all");
    let strict = scenes(&session, &Link { margin: 0.2, ..Link::default() });
    assert!(strict.file.unwrap().n_lines < few_lines(&session), "small margins are skipped");
}

fn few_lines(session: &Session) -> usize {
    scenes(session, &Link::default()).file.unwrap().n_lines
}

#[test]
fn a_session_without_what_a_step_needs_has_no_scene_for_it() {
    let whole = example();
    let shown = |session: &Session| {
        let scenes = scenes(session, &Link::default());
        Step::ALL
            .into_iter()
            .filter(|step| scenes.question(*step).is_some())
            .map(Step::number)
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(&whole), (1..=10).collect::<Vec<_>>());
    let mut stateless = whole.clone();
    stateless.measurements.representations.clear();
    assert_eq!(shown(&stateless), [1, 2, 3, 4, 5, 8, 9, 10]);
    let mut without_gold = whole.clone();
    without_gold.prompts.iter_mut().for_each(|prompt| prompt.answer = None);
    assert_eq!(shown(&without_gold), [2, 3, 4, 6, 7, 8, 9, 10]);
    let mut alone = whole.clone();
    alone.responses.retain(|response| response.language == whole.config.anchor);
    alone.config.languages.truncate(1);
    alone.similarities.clear();
    alone.measurements.representations.clear();
    assert_eq!(shown(&alone), [5], "that a majority is wrong needs no other language");
    assert_eq!(shown(&Session::default()), Vec::<usize>::new());
}
