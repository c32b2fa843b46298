//! Which prompt each row answers: the given one, or one that is made of the rows.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::super::guess::id_key;
use super::super::import_problem::{ImportProblem, problem};
use super::super::mapping::Mapping;
use super::cells::number;
use super::mapping::{ResponseJoin, ResponseMapping};
use super::rows::Piece;
use crate::data::problem::ProblemKind;
use crate::data::{Language, Prompt, comparable};

/// The languages and the model of each file, and the anchor.
#[derive(Debug)]
pub(super) struct Files<'a> {
    pub(super) names: Vec<&'a str>,
    pub(super) languages: Vec<Option<Language>>,
    pub(super) models: Vec<String>,
    pub(super) anchor: &'a Language,
}

/// Finds the prompts of rows.
pub(super) struct Prompts<'a> {
    join: ResponseJoin,
    ids: HashMap<&'a str, usize>,
    /// By comparable text: the prompts that have it, and in which languages.
    texts: HashMap<String, Vec<(usize, &'a Language)>>,
    n_prompts: usize,
}

impl<'a> Prompts<'a> {
    /// Of given prompts; what joins rows with them is guessed unless it is said.
    pub(super) fn given(prompts: &'a [Prompt], said: Option<ResponseJoin>, pieces: &[Piece]) -> Self {
        let ids = prompts.iter().enumerate().map(|(at, prompt)| (prompt.id.as_str(), at)).collect();
        let mut texts: HashMap<String, Vec<(usize, &Language)>> = HashMap::new();
        for (at, prompt) in prompts.iter().enumerate() {
            for (language, text) in &prompt.text {
                texts.entry(comparable(text)).or_default().push((at, language));
            }
        }
        let mut found = Self { join: ResponseJoin::Order, ids, texts, n_prompts: prompts.len() };
        let n_ids = pieces.iter().filter(|piece| found.by_id(piece).is_some()).count();
        let n_texts = pieces.iter().filter(|piece| !found.by_text(piece).is_empty()).count();
        let has_text = pieces.iter().any(|piece| !piece.questions.is_empty());
        // Rows may be numbered anew; a name that is not known is another prompt's.
        let has_name = pieces.iter().filter_map(|piece| piece.id.as_ref()).any(|id| number(id).is_none());
        found.join = said.unwrap_or(match (n_ids, n_texts) {
            (0, 0) if has_text => ResponseJoin::Text,
            (0, 0) if has_name => ResponseJoin::Id,
            (0, 0) => ResponseJoin::Order,
            // Numbers of rows may look like ids that are counted otherwise.
            _ if n_texts > n_ids => ResponseJoin::Text,
            (0, _) => ResponseJoin::Text,
            _ => ResponseJoin::Id,
        });
        found
    }

    pub(super) fn join(&self) -> ResponseJoin {
        self.join
    }

    fn by_id(&self, piece: &Piece) -> Option<usize> {
        self.ids.get(id_key(piece.id.as_ref()?).as_str()).copied()
    }

    fn by_text(&self, piece: &Piece) -> &[(usize, &'a Language)] {
        let found = piece.questions.iter().find_map(|(_, text)| self.texts.get(&comparable(text)));
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// The language that the text of the row's prompt is in; `None` where it is in none or in several.
    pub(super) fn language_of(&self, piece: &Piece) -> Option<Language> {
        match self.by_text(piece) {
            [] => None,
            [(_, first), rest @ ..] => rest.iter().all(|(_, other)| other == first).then(|| (*first).clone()),
        }
    }

    /// The prompt of a row in a language; `place` is its place in its file and language.
    pub(super) fn of(&self, piece: &Piece, language: &Language, place: usize) -> Result<usize, String> {
        match self.join {
            ResponseJoin::Id => match &piece.id {
                None => Err("the row has no id, so it answers no prompt".to_owned()),
                Some(id) => {
                    self.by_id(piece).ok_or_else(|| format!("no prompt has the id \"{}\"", id_key(id)))
                }
            },
            ResponseJoin::Text => {
                let found = self.by_text(piece);
                let own = found.iter().find(|(_, known)| *known == language).or_else(|| found.first());
                let none = if piece.questions.is_empty() {
                    "the row has no prompt"
                } else {
                    "no prompt has the text of this row's prompt"
                };
                own.map(|(at, _)| *at).ok_or_else(|| none.to_owned())
            }
            ResponseJoin::Order if place < self.n_prompts => Ok(place),
            ResponseJoin::Order => Err(format!(
                "it is row {} of its language, and there are {} prompts",
                place + 1,
                self.n_prompts
            )),
        }
    }
}

/// Counts the prompts of a file, language and model as they come.
#[derive(Debug, Default)]
pub(super) struct Places {
    streams: HashMap<(usize, Language, String), Stream>,
}

#[derive(Debug, Default)]
struct Stream {
    known: HashMap<String, usize>,
    n: usize,
}

impl Places {
    /// The place of a row: the same as before where its prompt, or without one its id, has come before.
    pub(super) fn of(
        &mut self,
        piece: &Piece,
        language: &Language,
        model: &str,
        sample: Option<u32>,
    ) -> usize {
        let key = (piece.file, language.clone(), model.to_owned());
        let stream = self.streams.entry(key).or_default();
        let text = || piece.questions.first().map(|(_, text)| format!("text {}", comparable(text)));
        let id = || piece.id.as_ref().map(|id| format!("id {}", id_key(id)));
        let n = stream.n;
        let Some(name) = id().or_else(text) else {
            // Rows without a name are counted by themselves for each sample.
            let count = stream.known.entry(format!("sample {sample:?}")).or_default();
            *count += 1;
            stream.n = stream.n.max(*count);
            return *count - 1;
        };
        let place = *stream.known.entry(name).or_insert(n);
        stream.n = n.max(place + 1);
        place
    }

    /// The numbers of prompts by file and language.
    pub(super) fn counts(&self) -> BTreeMap<(usize, &Language), usize> {
        let mut out = BTreeMap::new();
        for ((file, language, _), stream) in &self.streams {
            let n = out.entry((*file, language)).or_insert(0);
            *n = stream.n.max(*n);
        }
        out
    }
}

/// Prompts that are made of the rows.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) prompts: Vec<Prompt>,
    keys: HashMap<String, usize>,
}

impl Made {
    /// What joins the rows: ids, else places where every language has as many prompts, else texts.
    pub(super) fn join(said: Option<ResponseJoin>, pieces: &[Piece], places: &Places) -> ResponseJoin {
        let has_ids = !pieces.is_empty() && pieces.iter().all(|piece| piece.id.is_some());
        let counts = places.counts();
        let mut sizes = counts.values();
        let first = sizes.next();
        let is_even = counts.len() > 1 && sizes.all(|n| Some(n) == first);
        said.unwrap_or(match (has_ids, is_even) {
            (true, _) => ResponseJoin::Id,
            (false, true) => ResponseJoin::Order,
            (false, false) => ResponseJoin::Text,
        })
    }

    /// The prompt of a row, made if it is new; `None` where the row says nothing of one.
    pub(super) fn of(
        &mut self,
        piece: &Piece,
        (join, place): (ResponseJoin, usize),
        (language, mapping): (&Language, &ResponseMapping),
        (file, problems): (&str, &mut Vec<ImportProblem>),
    ) -> Option<usize> {
        let lost = |kind, reason: &str, fix: &str| {
            ImportProblem::new(file, None, problem(piece.row, kind, reason.to_owned(), fix, true))
        };
        let text = piece.questions.first().map(|(_, text)| comparable(text));
        let key = match (join, &piece.id) {
            (ResponseJoin::Id, Some(id)) => id_key(id),
            (ResponseJoin::Id, None) => {
                problems.push(lost(
                    ProblemKind::MissingId,
                    "the row has no id, so it answers no prompt",
                    "write it in every row",
                ));
                return None;
            }
            (ResponseJoin::Order, _) => place.to_string(),
            (ResponseJoin::Text, _) => match text {
                Some(text) => text,
                None => {
                    problems.push(lost(
                        ProblemKind::NotAPrompt,
                        "the row has no prompt",
                        "write the question, or open the prompts first",
                    ));
                    return None;
                }
            },
        };
        let at = *self.keys.entry(key.clone()).or_insert(self.prompts.len());
        if at == self.prompts.len() {
            let id = if join == ResponseJoin::Id { key } else { format!("row-{}", at + 1) };
            let task = mapping.task_of_all.unwrap_or_default();
            self.prompts.push(Prompt { id, task, ..Prompt::default() });
        }
        let prompt = &mut self.prompts[at];
        if prompt.answer.is_none() {
            prompt.answer = piece.answer.as_ref().and_then(gold);
        }
        for (spelling, text) in &piece.questions {
            let own = spelling.as_deref().map_or_else(|| language.clone(), Language::from);
            let known = prompt.text.entry(own.clone()).or_insert_with(|| text.clone());
            if comparable(known) != comparable(text) {
                let reason = format!(
                    "the prompt {} has another text in {} in an earlier row, which was kept",
                    prompt.id,
                    own.as_str()
                );
                let found = problem(
                    piece.row,
                    ProblemKind::SameLanguage,
                    reason,
                    "give every prompt its own id",
                    false,
                );
                problems.push(ImportProblem::new(file, Mapping::named(&mapping.prompt), found));
            }
        }
        Some(at)
    }
}

/// A gold answer as written; of GSM8K's what stands after its mark.
fn gold(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => {
            text.rsplit_once("####").map_or(text.as_str(), |(_, result)| result).trim().to_owned()
        }
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    (!text.is_empty()).then_some(text)
}
