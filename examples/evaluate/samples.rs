//! What the samples of a model are like, besides right: what they could be, and what is wrong with their texts.

use std::collections::{BTreeMap, HashMap};

use concord::align::answer::answer_key;
use concord::align::evidence::{broken_sums, foreign_words};
use concord::align::{Rate, gold_answer};
use concord::data::{FinishReason, Language, Pair, Prompt, Response};

/// Rates over all samples of problems with gold answers.
pub(crate) struct Samples {
    /// Rows with a right response among their samples.
    pub(crate) right_among: BTreeMap<Language, Rate>,
    /// Wrong responses whose answer another response of the row gives as well; those without an answer are none.
    pub(crate) wrong_twice: Rate,
    /// Responses that were cut.
    pub(crate) unfinished: Rate,
}

impl Samples {
    pub(crate) fn of(prompts: &[Prompt], responses: &[Response], anchor: &Language) -> Self {
        let gold: HashMap<&str, String> = prompts
            .iter()
            .filter_map(|prompt| Some((prompt.id.as_str(), answer_key(&gold_answer(prompt, anchor)?))))
            .collect();
        let mut rows: BTreeMap<(&str, &Language), Vec<Option<String>>> = BTreeMap::new();
        let mut out =
            Self { right_among: BTreeMap::new(), wrong_twice: Rate::of(0, 0), unfinished: Rate::of(0, 0) };
        for response in responses {
            let key = response.answer.as_deref().map(answer_key);
            rows.entry((&response.prompt_id, &response.language)).or_default().push(key);
            out.unfinished.count(response.finish_reason == FinishReason::Length);
        }
        for ((prompt_id, language), answers) in rows {
            let Some(gold) = gold.get(prompt_id) else { continue };
            let is_right = |answer: &&Option<String>| answer.as_ref() == Some(gold);
            out.right_among
                .entry(language.clone())
                .or_insert(Rate::of(0, 0))
                .count(answers.iter().any(|answer| is_right(&answer)));
            for wrong in answers.iter().filter(|answer| !is_right(answer)) {
                let n_same = answers.iter().filter(|other| *other == wrong).count();
                out.wrong_twice.count(wrong.is_some() && n_same > 1);
            }
        }
        out
    }
}

/// Texts by prompt id, language and sample.
pub(crate) fn texts_of(responses: &[Response]) -> HashMap<(&str, &Language, u32), &str> {
    responses.iter().map(|r| ((r.prompt_id.as_str(), &r.language, r.sample), r.text.as_str())).collect()
}

/// What is wrong with the texts of chosen responses.
pub(crate) struct ChosenTexts {
    /// With a word in a script that is not the language's.
    pub(crate) foreign_script: Rate,
    /// With an equation that does not hold.
    pub(crate) false_sums: Rate,
}

impl ChosenTexts {
    pub(crate) fn of(prompts: &[Prompt], responses: &[Response], pairs: &[Pair]) -> Self {
        let asked: HashMap<&str, &Prompt> =
            prompts.iter().map(|prompt| (prompt.id.as_str(), prompt)).collect();
        let texts = texts_of(responses);
        let mut out = Self { foreign_script: Rate::of(0, 0), false_sums: Rate::of(0, 0) };
        for pair in pairs {
            let Some(text) =
                pair.chosen.and_then(|i| texts.get(&(pair.prompt_id.as_str(), &pair.language, i)))
            else {
                continue;
            };
            let question =
                asked.get(pair.prompt_id.as_str()).and_then(|prompt| prompt.text.get(&pair.language));
            let question = question.map_or("", String::as_str);
            out.foreign_script.count(!foreign_words(text, &pair.language, question).is_empty());
            out.false_sums.count(!broken_sums(text, &pair.language).is_empty());
        }
        out
    }
}
