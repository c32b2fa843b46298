//! The texts of the lesson: read by Fluent's own parser as we read them, the same messages in every language, and all that
//! the lesson asks for.

use std::collections::BTreeSet;

use concord_lesson::{
    Step,
    texts::{LANGUAGES, Texts},
};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

fn file(language: &str) -> String {
    super::read(&format!("static/lesson/{language}.ftl"))
}

/// A pattern as it stands in the file, with its strings written out; anything but text, strings and variables is refused.
fn written(pattern: &Pattern<&str>) -> String {
    let element = |element: &PatternElement<&str>| match element {
        PatternElement::TextElement { value } => (*value).to_owned(),
        PatternElement::Placeable { expression: Expression::Inline(inline) } => match inline {
            InlineExpression::VariableReference { id } => format!("{{ ${} }}", id.name),
            InlineExpression::StringLiteral { value } => (*value).to_owned(),
            other => panic!("the lesson does not read {other:?}"),
        },
        other => panic!("the lesson does not read {other:?}"),
    };
    pattern.elements.iter().map(element).collect()
}

fn placeables(text: &str) -> BTreeSet<&str> {
    text.split("{ ").skip(1).filter_map(|rest| rest.split(" }").next()).collect()
}

#[test]
fn fluent_reads_every_file_as_the_lesson_does() {
    for language in LANGUAGES {
        let file = file(language);
        let parsed = fluent_syntax::parser::parse(file.as_str());
        let parsed = parsed.unwrap_or_else(|(_, errors)| panic!("{language}: {errors:?}"));
        let (ours, mut n) = (Texts::read(&file), 0);
        let mut check = |name: String, pattern: &Pattern<&str>| {
            assert_eq!(
                ours.get(&name, &[]).as_deref(),
                Some(written(pattern).as_str()),
                "{language}: {name}"
            );
            n += 1;
        };
        for entry in &parsed.body {
            let Entry::Message(message) = entry else { continue };
            check(message.id.name.to_owned(), message.value.as_ref().unwrap());
            for attribute in &message.attributes {
                check(format!("{}.{}", message.id.name, attribute.id.name), &attribute.value);
            }
        }
        assert_eq!(n, ours.all().count(), "{language}");
    }
}

#[test]
fn every_language_says_what_english_says() {
    let file_of_english = file("en");
    let english = Texts::read(&file_of_english);
    for language in LANGUAGES.into_iter().skip(1) {
        let own = Texts::read(&file(language));
        for (name, text) in english.all() {
            // Formulas and sources are the same in every language, and what is ours in a method is said in English.
            if [".formula", ".source", ".differs"].iter().any(|part| name.ends_with(part)) {
                continue;
            }
            let said = own.get(name, &[]).unwrap_or_else(|| panic!("{language} lacks {name}"));
            assert_eq!(placeables(&said), placeables(text), "{language}: {name}");
        }
        let unknown: Vec<_> =
            own.all().map(|(name, _)| name).filter(|name| english.get(name, &[]).is_none()).collect();
        assert_eq!(unknown, ["draft"], "{language}");
    }
}

/// The literals that the lesson's views pass to `t`, and the names that they put together.
#[test]
fn everything_that_the_lesson_says_has_a_text() {
    let english = Texts::read(&file("en"));
    let has = |name: &str| assert!(english.get(name, &[]).is_some(), "no text for {name}");
    let mut sources = String::new();
    for folder in ["src", "src/draw", "src/draw/steps"] {
        for entry in std::fs::read_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap()
        {
            let path = entry.unwrap().path();
            if path.is_file() {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let literals = sources.split(".t(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let literals: Vec<&str> = literals.filter(|name| *name != "draft").collect();
    assert!(literals.len() > 40, "{literals:?}");
    literals.into_iter().for_each(has);
    for step in Step::ALL {
        for part in ["title", "lead", "ask", "learned", "needs"] {
            has(&format!("{}-{part}", step.name()));
        }
    }
    let kinds = sources.split("&format!(\"").skip(1).filter_map(|rest| rest.split(['/', '"']).next());
    let kinds: BTreeSet<&str> = kinds.filter(|kind| !kind.starts_with('{')).collect();
    assert!(kinds.len() > 10, "{kinds:?}");
    let kinds = kinds.into_iter().filter(|kind| {
        let is_other = [
            "arrow-",
            "turn-",
            "hue-",
            "arrow",
            "legend",
            "batch-",
            "side",
            "counted-",
            "misleads-",
            "lesson-",
        ];
        !is_other.iter().any(|start| kind.starts_with(start))
            && !kind.is_empty()
            && !kind.contains(['{', ' ', '<', '.', '#'])
    });
    kinds.for_each(|kind| has(&format!("origin-{kind}")));
    for kind in ["matched", "unmatched", "retrieval", "contrastive", "cosine", "logprob"] {
        has(&format!("origin-{kind}"));
    }
    let terms = sources.split("&[\"").skip(1).filter_map(|rest| rest.split(']').next());
    let terms: BTreeSet<&str> =
        terms.flat_map(|list| list.split(['"', ',', ' ', '\n'])).filter(|term| !term.is_empty()).collect();
    let known: BTreeSet<&str> =
        english.names("term-").filter_map(|name| name.strip_prefix("term-")).collect();
    let missing: Vec<_> = terms.iter().filter(|term| !known.contains(**term)).collect();
    assert!(missing.is_empty() && terms.len() > 20, "{missing:?}");
    known.iter().for_each(|term| has(&format!("term-{term}.title")));
}

#[test]
fn the_page_of_terms_is_made_of_the_lessons_texts() {
    let page = super::read("docs/terms.md");
    assert_eq!(page, Texts::read(&file("en")).terms_as_markdown(), "run `cargo run --example terms`");
}
