//! Where consistency misleads: real responses of a session on which agreement and truth part.

use crate::{
    align::{Material, answer::answer_key, evidence::foreign_words, gold_answer, select},
    data::{InOrder, Language, Method, Pair, Prompt, Response, Session, SessionConfig},
};

/// All that was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Misleads {
    /// Prompts on which at least half of the anchor's responses agree on a wrong answer; most of them first.
    pub agreed: Vec<AgreedWrong>,
    /// Rows in which a response with words in another language's script scores highest; the highest first.
    pub foreign: Vec<ForeignWins>,
    /// Prompts on which the reference is right and one drawn by chance is wrong, in the prompts' order.
    pub chance: Vec<ByChance>,
    /// Prompts with a gold answer.
    pub n_prompts: usize,
    /// Rows that have scores.
    pub n_rows: usize,
}

/// The anchor's responses agree on a wrong answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreedWrong {
    /// On which prompt.
    pub prompt_id: String,
    /// The reference.
    pub sample: u32,
    /// Its answer.
    pub answer: String,
    /// How many responses give that answer.
    pub n_same: usize,
    /// Of how many.
    pub n: usize,
}

/// A response with words in another language's script has the highest score of its row.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignWins {
    /// On which prompt.
    pub prompt_id: String,
    /// In which language it was asked.
    pub language: Language,
    /// Which response.
    pub sample: u32,
    /// Its score.
    pub score: f32,
    /// The words.
    pub words: Vec<String>,
}

/// The reference is right, and one drawn by chance is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByChance {
    /// On which prompt.
    pub prompt_id: String,
    /// The reference.
    pub sample: u32,
    /// The response that was drawn, by the session's seed.
    pub drawn: u32,
    /// How many of the anchor's responses are right.
    pub n_right: usize,
    /// Of how many.
    pub n: usize,
}

/// Looks through a session. What is right is known only of prompts with a gold answer.
pub fn find(session: &Session) -> Misleads {
    let chance = SessionConfig { method: Method::RandomReference, ..session.config.clone() };
    let chance = select(Material::of(session), &chance).references;
    let mut found = Misleads::default();
    for prompt in &session.prompts {
        for pair in session.pairs.iter().filter(|pair| pair.prompt_id == prompt.id) {
            found.n_rows += usize::from(!pair.scores.is_empty());
            found.foreign.extend(foreign_wins(session, prompt, pair));
        }
        let anchor = &session.config.anchor;
        let Some(gold) = gold_answer(prompt, anchor).map(|gold| answer_key(&gold)) else { continue };
        found.n_prompts += 1;
        let row = session.candidates(&prompt.id, anchor);
        let key = |response: &Response| response.answer.as_deref().map(answer_key);
        let of = |sample: Option<u32>| row.iter().find(|r| Some(r.sample) == sample);
        let reference = session.references.iter().find(|reference| reference.prompt_id == prompt.id);
        let Some(reference) = of(reference.and_then(|reference| reference.sample)) else { continue };
        let n = row.len();
        let n_same = row.iter().filter(|r| key(r) == key(reference)).count();
        let n_right = row.iter().filter(|r| key(r).as_ref() == Some(&gold)).count();
        let is_right = key(reference).as_ref() == Some(&gold);
        let drawn = chance.iter().find(|drawn| drawn.prompt_id == prompt.id);
        if let Some(answer) = reference.answer.clone().filter(|_| !is_right && 2 * n_same >= n) {
            let (prompt_id, sample) = (prompt.id.clone(), reference.sample);
            found.agreed.push(AgreedWrong { prompt_id, sample, answer, n_same, n });
        }
        if let Some(drawn) = of(drawn.and_then(|drawn| drawn.sample))
            && is_right
            && key(drawn).as_ref() != Some(&gold)
        {
            let (prompt_id, sample) = (prompt.id.clone(), reference.sample);
            found.chance.push(ByChance { prompt_id, sample, drawn: drawn.sample, n_right, n });
        }
    }
    found.agreed.order_by(|a, b| (b.n_same * a.n).cmp(&(a.n_same * b.n)));
    found.foreign.order_by(|a, b| b.score.total_cmp(&a.score));
    found
}

/// The response with the highest score of a row, if it has words in a foreign script.
fn foreign_wins(session: &Session, prompt: &Prompt, pair: &Pair) -> Option<ForeignWins> {
    let row = session.candidates(&prompt.id, &pair.language);
    let scored = row.into_iter().zip(&pair.scores);
    let (best, score) = scored.max_by(|(a, x), (b, y)| x.total_cmp(y).then(b.sample.cmp(&a.sample)))?;
    let question = prompt.text.get(&pair.language).map_or("", String::as_str);
    let words = foreign_words(&best.text, &pair.language, question);
    (!words.is_empty()).then(|| ForeignWins {
        prompt_id: prompt.id.clone(),
        language: pair.language.clone(),
        sample: best.sample,
        score: *score,
        words: words.into_iter().map(|at| best.text[at].to_owned()).collect(),
    })
}
