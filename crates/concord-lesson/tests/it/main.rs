//! The lesson on the session that ships with the page, and its texts.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod texts;

use concord_align::data::{Session, read_session};
use concord_lesson::{
    Lesson, Link, Prediction, Question, Scenes, Step, Then, draw,
    misleads::find,
    result::LessonResult,
    texts::{LANGUAGES, Texts},
};

/// A file of the repository.
fn read(path: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn example() -> Session {
    read_session(&read("static/example-session.json")).unwrap()
}

fn scenes(session: &Session, link: &Link) -> Scenes {
    Scenes::of(session, link)
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
                assert!(values.len() > 2 && turned.len() == wrong.len(), "{values:?}");
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

/// A lesson on the example with the texts of a language.
fn lesson(language: &str, hash: &str) -> Lesson {
    let texts = |language: &str| Texts::read(&read(&format!("static/lesson/{language}.ftl")));
    let mut lesson = Lesson { english: texts("en"), own: texts(language), ..Lesson::default() };
    assert!(lesson.read(hash), "a fresh lesson has no scenes");
    lesson.scenes = Some(scenes(&example(), &lesson.link));
    lesson
}

/// Follows what an act asks for.
fn then(lesson: &mut Lesson, act: &str, value: &str) {
    if let Then::Go(link) = lesson.act(act, value) {
        let is_other = lesson.read(&format!("#{}", link.write()));
        assert!(!is_other, "a step needs no other scenes");
    }
}

#[test]
fn the_whole_lesson_is_drawn_in_every_language_with_all_its_texts() {
    for language in LANGUAGES {
        let mut lesson = lesson(language, &format!("#lesson=1&lang={language}"));
        for step in Step::ALL {
            then(&mut lesson, "step", &step.number().to_string());
            then(&mut lesson, "predict", "0");
            then(&mut lesson, "keep", "0");
            let before = draw::page(&lesson).as_str().to_owned();
            then(&mut lesson, "reveal", "");
            let after = draw::page(&lesson).as_str().to_owned();
            assert!(before.contains("id=\"reveal\"") && !after.contains("id=\"reveal\""), "{step:?}");
            assert!(after.contains("data-testid=\"verdict\"") && after.contains("data-figure="), "{step:?}");
            for html in [&before, &after] {
                check_marks(html);
                let missing: Vec<&str> = html
                    .split(['<', '>', '"'])
                    .filter(|text| lesson.english.get(text, &[]).is_some_and(|known| known != *text))
                    .filter(|text| !text.starts_with("term-"))
                    .collect();
                assert!(
                    missing.iter().all(|name| html.contains(&format!("=\"{name}\""))),
                    "{language}: {missing:?}"
                );
                assert!(!html.contains("{ $"), "{language} {step:?}: a value that was not filled in");
            }
        }
        assert_eq!(lesson.results.iter().flatten().count(), 10);
        for page in ["questions", "answers", "terms"] {
            then(&mut lesson, "page", page);
            check_marks(draw::page(&lesson).as_str());
        }
    }
}

/// Every element that is opened is closed, in order.
fn check_marks(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    for mark in html.split('<').skip(1) {
        let name = mark.split(['>', ' ']).next().unwrap();
        match name.strip_prefix('/') {
            Some(closed) => assert_eq!(open.pop(), Some(closed)),
            None if ["input", "link", "br"].contains(&name) => {}
            None => open.push(name),
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn the_first_prediction_counts_and_none_counts_after_the_answer() {
    let mut lesson = lesson("en", "#lesson=2");
    assert_eq!(lesson.act("reveal", ""), Then::Draw, "a teacher may show it without a prediction");
    assert!(lesson.results.iter().flatten().next().is_none());
    let mut lesson = self::lesson("en", "#lesson=2");
    let Some(Question::One { right, n_options }) = lesson.question(Step::Vote) else { panic!("no question") };
    let wrong = (0..n_options).find(|at| !right.contains(at)).unwrap();
    then(&mut lesson, "predict", &wrong.to_string());
    then(&mut lesson, "reveal", "");
    assert_eq!(lesson.act("predict", &right[0].to_string()), Then::Nothing);
    assert_eq!(lesson.act("reveal", ""), Then::Nothing);
    assert!(!lesson.results[1].as_ref().unwrap().verdict.is_right);
    let Then::Save(text) = lesson.act("save", "") else { panic!("nothing to save") };
    let result: LessonResult = serde_json::from_str(&text).unwrap();
    assert_eq!((result.schema.as_str(), result.n_right, result.steps[0].step), ("concord-lesson/1", 0, 2));
    assert_eq!(result.steps[0].right, Prediction::One(right[0]));
}

#[test]
fn it_plays_to_the_end_and_stops() {
    let mut lesson = lesson("en", "#lesson=8");
    assert_eq!(lesson.play_on(), Then::Nothing, "not before it is asked to");
    then(&mut lesson, "play", "");
    let mut n_acts = 0;
    while lesson.is_playing {
        if let Then::Go(link) = lesson.play_on() {
            lesson.read(&link.write());
        }
        n_acts += 1;
        assert!(n_acts < 20);
    }
    assert_eq!((lesson.link.step, n_acts), (Step::File, 6), "three answers, two steps, the end");
}

#[test]
fn what_is_tried_by_hand_is_kept_within_bounds() {
    let mut lesson = lesson("en", "#lesson=6");
    for at in 0..8 {
        then(&mut lesson, "arrow", &at.to_string());
    }
    assert_eq!(lesson.tried.off.len(), 6, "two arrows are left");
    assert!(draw::page(&lesson).as_str().contains("mlc-loss"));
    assert_eq!(lesson.act("turn", "55"), Then::DrawLive);
    then(&mut lesson, "turn-which", "3");
    assert_eq!(lesson.tried.turned, (3, 0.0));
    for (act, value) in [
        ("turn-which", "99"),
        ("arrow", "99"),
        ("pair", "999"),
        ("up", "99"),
        ("predict", "99"),
        ("turn", "x"),
    ] {
        lesson.act(act, value);
        for step in [6, 8, 3] {
            then(&mut lesson, "step", &step.to_string());
            check_marks(draw::page(&lesson).as_str());
        }
        lesson.read("#lesson=6");
    }
}

#[test]
fn hidden_numbers_and_controls_are_not_on_the_page() {
    let mut lesson = lesson("en", "#lesson=6&hide=controls,numbers");
    then(&mut lesson, "predict", "0");
    then(&mut lesson, "reveal", "");
    let html = draw::page(&lesson).as_str().to_owned();
    assert!(!html.contains("type=\"range\"") && !html.contains("lesson-mine"), "{html}");
    let shown = html.split("data-testid=\"figure\"").skip(1).filter_map(|rest| rest.split('>').nth(1));
    let shown: Vec<&str> = shown.filter_map(|text| text.split('<').next()).collect();
    assert!(shown.len() > 8 && shown.iter().all(|text| *text == "…"), "{shown:?}");
}

#[test]
fn only_what_decides_the_scenes_asks_for_others() {
    let mut lesson = lesson("en", "#lesson=2&seed=3");
    for (hash, is_other) in [
        ("#lesson=9&seed=3&lang=ar&view=class&hide=numbers", false),
        ("#lesson=9&seed=4", true),
        ("#lesson=9&seed=4&prompts=1", true),
        ("#lesson=9&seed=4&prompts=1&margin=0.1", true),
    ] {
        assert_eq!(lesson.read(hash), is_other, "{hash}");
        lesson.scenes.get_or_insert_default();
    }
    assert_eq!(lesson.act("mine", ""), Then::Fetch);
    assert!(lesson.is_mine && lesson.scenes.is_none());
    assert!(draw::page(&lesson).as_str().contains("data-ready=\"false\""));
}
