//! What can be set up, what keeps it from running, and what a set brings with it.

use super::*;
use crate::data::TaskKind;

fn prompt(id: &str, languages: &[&str]) -> Prompt {
    let text = languages.iter().map(|tag| (Language::from(*tag), format!("{id} in {tag}"))).collect();
    Prompt { id: id.to_owned(), task: TaskKind::Math, text, ..Prompt::default() }
}

fn tags(languages: &[Language]) -> Vec<&str> {
    languages.iter().map(Language::as_str).collect()
}

#[test]
fn starter_prompts_run_eight_and_the_anchor_comes_first() {
    let mut setup = Setup::default();
    let all: Vec<Prompt> = (0..20).map(|i| prompt(&i.to_string(), &["ar", "de", "en", "sw"])).collect();
    setup.set_prompts(all, PromptOrigin::default());
    assert_eq!((setup.prompts().len(), setup.n_available()), (8, 20));
    assert_eq!(tags(&setup.config().languages), ["en", "de", "ar", "sw"]);
    assert_eq!(setup.n_responses(), 8 * 4 * 8);
    assert!(setup.blockers().is_empty());
    setup.set_count(100);
    assert_eq!(setup.prompts().len(), 20);
    setup.set_count(0);
    assert_eq!(setup.prompts().len(), 1);
}

#[test]
fn languages_are_toggled_in_place_and_the_anchor_stays() {
    let mut setup = Setup::default();
    setup.set_prompts(vec![prompt("a", &["ar", "de", "en"])], PromptOrigin::File("x".into()));
    setup.toggle_language(&"ar".into());
    setup.toggle_language(&"en".into());
    assert_eq!(tags(&setup.config().languages), ["en", "de"]);
    setup.toggle_language(&"ar".into());
    setup.set_anchor("de".into());
    assert_eq!(tags(&setup.config().languages), ["de", "en", "ar"]);
}

#[test]
fn what_is_known_of_a_set_is_of_that_set_alone() {
    let mut setup = Setup::default();
    setup.set_prompts(vec![prompt("a", &["en", "de"])], PromptOrigin::default());
    assert_eq!(setup.config().prompt_set.licence, "MIT OR Apache-2.0");
    setup.set_prompts(vec![prompt("a", &["en", "de"])], PromptOrigin::File("mine.csv".into()));
    assert_eq!(setup.config().prompt_set, PromptSource::named("mine.csv"));
    setup.change(|config| config.prompt_set.licence = "CC0-1.0".into());
    setup.set_config(SessionConfig { n: 4, ..SessionConfig::default() });
    let known = &setup.config().prompt_set;
    assert_eq!((known.name.as_str(), known.licence.as_str()), ("mine.csv", "CC0-1.0"));
    let config = SessionConfig { prompt_set: PromptSource::named("theirs"), ..SessionConfig::default() };
    setup.set_session(vec![prompt("a", &["en", "de"])], config);
    assert_eq!(setup.config().prompt_set.name, "theirs");
}

#[test]
fn an_edited_set_keeps_what_was_chosen_and_answers_its_new_languages() {
    let mut setup = Setup::default();
    let all = (0..20).map(|i| prompt(&i.to_string(), &["en", "de", "sw"])).collect();
    setup.set_prompts(all, PromptOrigin::default());
    setup.toggle_language(&"de".into());
    let mut edit = setup.edit();
    edit.set_text(1, &"bn".into(), "?".into());
    edit.delete(0);
    setup.take_edit(edit);
    assert_eq!((setup.prompts().len(), setup.n_available()), (8, 19));
    assert_eq!(tags(&setup.config().languages), ["en", "bn", "sw"]);
    assert_eq!(setup.config().prompt_set.name, "Starter prompts, edited");
    assert_eq!(setup.prompts()[0].text.len(), 4);
    let mut edit = setup.edit();
    edit.delete_all();
    setup.take_edit(edit);
    assert_eq!((setup.prompts().len(), setup.blockers().len()), (0, 1));
}

#[test]
fn a_set_without_the_anchor_takes_another() {
    let mut setup = Setup::default();
    setup.set_prompts(vec![prompt("a", &["sw", "de"])], PromptOrigin::File("x".into()));
    assert_eq!(setup.config().anchor.as_str(), "de");
}

#[test]
fn responses_count_only_texts_that_exist() {
    let mut setup = Setup::default();
    setup.set_prompts(vec![prompt("a", &["en", "de"]), prompt("b", &["en"])], PromptOrigin::Session);
    assert_eq!(setup.n_responses(), 3 * 8);
}

#[test]
fn a_run_costs_its_responses_times_their_limit() {
    let mut setup = Setup::default();
    setup.set_prompts(vec![prompt("a", &["en", "de"])], PromptOrigin::Session);
    assert_eq!(setup.most_tokens(4_096, false), 16.0 * 1_024.0);
    assert_eq!((setup.most_tokens(4_096, true), setup.most_tokens(500, true)), (16.0 * 4_096.0, 8_000.0));
    setup.change(|config| config.max_tokens = Some(100));
    assert_eq!(setup.most_tokens(4_096, true), 1_600.0);
}

#[test]
fn prompts_without_the_anchor_are_named_with_anchors_that_all_have() {
    let mut setup = Setup::default();
    let set = vec![
        prompt("a", &["de", "en", "sw"]),
        prompt("b", &["de", "sw"]),
        prompt("c", &["de", "sw", "zh-Hans"]),
    ];
    assert_eq!(tags(&anchors_of_all(&set)), ["de", "sw"]);
    setup.set_prompts(set, PromptOrigin::File("x".into()));
    let warnings = setup.warnings();
    assert!(warnings[0].contains("2 of 3 prompts have no English text"), "{warnings:?}");
    assert!(warnings[0].contains(": b, c.") && warnings[0].contains("German, Swahili"), "{warnings:?}");
    assert!(setup.blockers().is_empty());
    setup.set_anchor("de".into());
    assert_eq!(setup.warnings(), Vec::<String>::new());
    setup.set_anchor("fr".into());
    assert_eq!((setup.warnings().len(), setup.blockers().len()), (0, 1));
    let many = (0..9).map(|i| prompt(&format!("p{i}"), &["de", "sw"]));
    let many = many.chain([prompt("q", &["en", "sw"])]).collect();
    setup.set_anchor("en".into());
    setup.set_prompts(many, PromptOrigin::File("y".into()));
    assert!(setup.warnings()[0].contains("p4, …. As the anchor"), "{:?}", setup.warnings());
    assert_eq!(anchors_of_all(&[]), []);
}

#[test]
fn a_run_says_how_many_of_its_texts_are_drafts() {
    let mut setup = Setup::default();
    let drafted = |id: &str, tags: &[&str]| {
        let drafts = tags.iter().map(|tag| (Language::from(*tag), "Tiny".to_owned())).collect();
        Prompt { drafts, ..prompt(id, &["en", "de", "sw"]) }
    };
    let set = vec![prompt("a", &["en", "de"]), drafted("b", &["de", "sw"]), drafted("c", &["sw"])];
    setup.set_prompts(set, PromptOrigin::File("x".into()));
    assert_eq!(setup.n_drafts(), 3);
    let warnings = setup.warnings();
    assert!(warnings[0].starts_with("3 texts in 2 of 3 prompts are drafts"), "{warnings:?}");
    assert!(setup.blockers().is_empty());
    setup.toggle_language(&"sw".into());
    assert!(setup.warnings()[0].starts_with("1 text in 1 of 3 prompts is a draft"), "{:?}", setup.warnings());
    setup.set_count(1);
    assert_eq!((setup.n_drafts(), setup.warnings().len()), (0, 0));
    let mut edit = setup.edit();
    edit.confirm_all();
    setup.take_edit(edit);
    setup.set_count(3);
    assert_eq!((setup.n_drafts(), setup.n_available()), (0, 3));
}

#[test]
fn code_prompts_can_run() {
    let mut setup = Setup::default();
    let code = Prompt { task: TaskKind::Code, ..prompt("a", &["en", "de"]) };
    setup.set_prompts(vec![code], PromptOrigin::File("x".into()));
    assert_eq!((setup.config().task, setup.blockers().len()), (TaskKind::Code, 0));
}

#[test]
fn each_blocker_is_named() {
    let mut setup = Setup::default();
    assert_eq!(setup.blockers().len(), 1);
    setup.set_prompts(vec![prompt("a", &["en", "de"])], PromptOrigin::Session);
    setup.toggle_language(&"de".into());
    setup.change(|config| {
        config.n = 1;
        config.max_tokens = Some(0);
    });
    assert_eq!(setup.blockers().len(), 3);
}
#[test]
fn settings_of_a_file_that_no_run_could_have_block_it() {
    let mut setup = Setup::default();
    let prompts: Vec<Prompt> = (0..600).map(|i| prompt(&i.to_string(), &["en", "de"])).collect();
    setup.set_prompts(prompts, PromptOrigin::Session);
    assert_eq!(setup.blockers().len(), 0);
    for (n, wanted) in
        [(u32::MAX, "n: the number is 4294967295; it must be 1 to 1024"), (1_024, "1228800 responses")]
    {
        setup.change(|config| config.n = n);
        let blockers = setup.blockers();
        assert!(blockers.len() == 1 && blockers[0].contains(wanted), "{blockers:?}");
    }
}

#[test]
fn languages_are_asked_in_the_order_that_scripts_ask_them() {
    let mut setup = Setup::default();
    let prompts = vec![prompt("a", &["ar", "sw", "zz"]), prompt("b", &["sw", "de", "en"])];
    setup.set_prompts(prompts.clone(), PromptOrigin::File("x".into()));
    assert_eq!(setup.config().languages, languages_of(&prompts, &"en".into()));
}

#[test]
fn prompts_in_one_language_are_counted_before_a_run() {
    let mut setup = Setup::default();
    setup.set_prompts(vec![prompt("a", &["en", "de"]), prompt("b", &["en"])], PromptOrigin::File("x".into()));
    let warnings = setup.warnings();
    assert!(
        warnings[0].starts_with("1 of 2 prompts have a text in one of these languages only"),
        "{warnings:?}"
    );
    assert!(setup.blockers().is_empty());
    // With one language in all there is nothing to run, which is said as such.
    setup.set_prompts(vec![prompt("b", &["en"])], PromptOrigin::File("x".into()));
    assert_eq!((setup.warnings(), setup.blockers().len()), (Vec::new(), 1));
    let mut edit = setup.edit();
    edit.add_language("sw").unwrap();
    edit.put_draft(0, &"sw".into(), "Ngapi?", "Tiny").unwrap();
    setup.take_edit(edit);
    assert!(setup.blockers().is_empty(), "{:?}", setup.blockers());
}
