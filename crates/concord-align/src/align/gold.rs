//! Gold answers: one way to read them, and those that nothing can be compared with.

use super::answer::canonical_answer;
use crate::data::{Language, ProblemKind, Prompt, RowProblem, TaskKind};

/// A prompt's gold answer in canonical form, read as an answer is, with the number habits of the anchor language; `None`
/// where there is none, or where it is no number. Whoever compares with a gold answer reads it by this function.
pub fn gold_answer(prompt: &Prompt, anchor: &Language) -> Option<String> {
    canonical_answer(prompt.answer.as_deref()?, anchor)
}

/// A warning for every math prompt whose gold answer is no number, read with the habits of the anchor language: such a
/// prompt is answered and paired as any other, but it counts in no evaluation.
pub fn unreadable_gold(prompts: &[Prompt], anchor: &Language) -> Vec<RowProblem> {
    let is_unreadable = |prompt: &&Prompt| {
        prompt.task == TaskKind::Math && prompt.answer.is_some() && gold_answer(prompt, anchor).is_none()
    };
    let problem = |prompt: &Prompt| RowProblem {
        row: 0,
        prompt_id: Some(prompt.id.clone()),
        language: None,
        kind: ProblemKind::UnreadableAnswer,
        reason: format!("the gold answer \"{}\" is no number", prompt.answer.as_deref().unwrap_or_default()),
        fix: "write it in digits, such as 12 or 2.5; until then the prompt counts in no evaluation"
            .to_owned(),
        left_out: false,
    };
    prompts.iter().filter(is_unreadable).map(problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gold_is_read_with_the_habits_of_the_anchor() {
        for (anchor, gold, wanted) in [
            ("en", "2.125", Some("2.125")),
            ("de", "2.125", Some("2125")),
            ("de", "70.000", Some("70000")),
            ("en", "70.000", Some("70000")),
            ("hi", "1 लाख 25 हजार", Some("125000")),
            ("en", "so 9 * 2 = 18\n#### 18", Some("18")),
            ("en", "see below", None),
            ("en", " ", None),
        ] {
            let text = [(anchor.into(), "x".to_owned())].into();
            let prompt = Prompt {
                id: "p".into(),
                task: TaskKind::Math,
                answer: Some(gold.to_owned()),
                text,
                ..Prompt::default()
            };
            assert_eq!(gold_answer(&prompt, &anchor.into()).as_deref(), wanted, "{anchor}: {gold}");
        }
    }

    #[test]
    fn only_what_is_no_number_is_named() {
        for (task, answer, wanted) in [
            (TaskKind::Math, Some("12"), false),
            (TaskKind::Math, Some("2.5"), false),
            (TaskKind::Math, Some("-3/4"), false),
            (TaskKind::Math, Some("see below"), true),
            (TaskKind::Math, Some("?"), true),
            (TaskKind::Math, None, false),
            (TaskKind::General, Some("see below"), false),
        ] {
            let text = [("en".into(), "x".to_owned())].into();
            let prompt =
                Prompt { id: "p".into(), task, answer: answer.map(str::to_owned), text, ..Prompt::default() };
            let found = unreadable_gold(&[prompt], &"en".into());
            assert_eq!(found.len(), usize::from(wanted), "{answer:?}");
            assert!(found.iter().all(|p| p.prompt_id.as_deref() == Some("p") && !p.left_out));
        }
    }
}
