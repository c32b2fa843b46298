//! Which rows read alike: vectors of their texts, each made once, and the rows whose vectors point the same way.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Cell, Desk};
use crate::align::cosine;
use crate::data::InOrder;

/// From how many numbers on what was made for earlier searches is given up: 64 MiB of them.
const MOST_NUMBERS: usize = 1 << 24;

/// Which texts of two rows are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LikeBy {
    /// The questions.
    Question,
    /// The chosen responses; of a row that has none, its first response.
    Response,
}

impl Desk {
    /// The rows that can be like a cell's: those of its language, its own first.
    pub fn like_cells(&self, cell: Cell) -> Vec<Cell> {
        let is_one = |other: &Cell| other.language == cell.language && *other != cell;
        let others = self.cells().filter(is_one);
        let others = others.filter(|other| self.row(*other).is_some_and(|row| row.is_listed()));
        self.row(cell).map(|_| cell).into_iter().chain(others).collect()
    }

    /// What of a row is compared with other rows, as it stands; `None` where there is nothing to be read.
    pub fn like_text(&self, cell: Cell, by: LikeBy) -> Option<&str> {
        let text = match by {
            LikeBy::Question => self.question(cell)?,
            LikeBy::Response => {
                let row = self.row(cell)?;
                let first = || self.responses(&row.prompt_id, &row.language).next().map(|r| r.sample);
                self.text(cell, row.state.chosen.or_else(first)?)
            }
        };
        Some(text).filter(|text| !text.trim().is_empty())
    }
}

/// Vectors of texts that one model made.
#[derive(Clone, Debug, Default)]
pub struct Likeness {
    maker: String,
    vectors: HashMap<u64, Vec<f32>>,
    n_numbers: usize,
}

impl Likeness {
    /// Begins a search with a model, by its name: vectors of another one say nothing, and very many are not kept.
    pub fn begin(&mut self, maker: &str) {
        if self.maker != maker || self.n_numbers > MOST_NUMBERS {
            *self = Self { maker: maker.to_owned(), ..Self::default() };
        }
    }

    /// Whether a text's vector is here.
    pub fn knows(&self, text: &str) -> bool {
        self.vectors.contains_key(&key(text))
    }

    /// Takes a text's vector.
    pub fn learn(&mut self, text: &str, vector: Vec<f32>) {
        self.n_numbers += vector.len();
        self.vectors.insert(key(text), vector);
    }

    /// How alike two texts are, from -1 to 1; `None` where the vector of one is missing.
    pub fn cosine(&self, a: &str, b: &str) -> Option<f32> {
        let (a, b) = self.vectors.get(&key(a)).zip(self.vectors.get(&key(b)))?;
        (a.len() == b.len()).then(|| cosine(a, b))
    }
}

/// Stands for a text, which may be long.
fn key(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// At most `n` rows, the most alike first.
pub fn most_alike(mut found: Vec<(Cell, f32)>, n: usize) -> Vec<(Cell, f32)> {
    found.order_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found.truncate(n);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{CurationAct, CurationEvent, test_session::sample};

    fn cell(prompt: usize, language: usize) -> Cell {
        Cell { prompt, language }
    }

    #[test]
    fn rows_are_compared_by_what_stands_in_them_now() {
        let mut session = sample();
        let desk = Desk::new(session.clone());
        let row = desk.row(cell(0, 1)).unwrap();
        let chosen = desk.text(cell(0, 1), row.state.chosen.unwrap()).to_owned();
        assert_eq!(desk.like_text(cell(0, 1), LikeBy::Response), Some(chosen.as_str()));
        assert_eq!(desk.like_text(cell(0, 1), LikeBy::Question), desk.question(cell(0, 1)));
        assert_eq!(desk.like_text(cell(9, 9), LikeBy::Response), None);

        let edit = CurationEvent {
            seq: 1,
            event: CurationAct::Edit,
            sample: row.state.chosen,
            text: Some("A person's words".into()),
            ..session.events[0].clone()
        };
        session.events.push(edit);
        assert_eq!(
            Desk::new(session.clone()).like_text(cell(0, 1), LikeBy::Response),
            Some("A person's words")
        );

        // Where nothing is picked, the first response stands for the row.
        session.events.clear();
        session.pairs.clear();
        let bare = Desk::new(session);
        let first = bare.text(cell(0, 1), 0).to_owned();
        assert_eq!(bare.like_text(cell(0, 1), LikeBy::Response), Some(first.as_str()));
    }

    #[test]
    fn only_rows_of_the_same_language_are_like_a_row() {
        let mut session = sample();
        let like = session.pairs[1].clone();
        session.pairs.push(crate::data::Pair { prompt_id: "c".into(), ..like });
        session.prompts.push(crate::data::Prompt { id: "c".into(), ..session.prompts[0].clone() });
        let desk = Desk::new(session);
        let cells = desk.like_cells(cell(2, 1));
        assert_eq!(cells.first(), Some(&cell(2, 1)), "its own first");
        assert!(cells.len() > 1 && cells.iter().all(|cell| cell.language == 1), "{cells:?}");
        assert_eq!(desk.like_cells(cell(9, 1)).iter().filter(|found| found.prompt == 9).count(), 0);
    }

    #[test]
    fn a_vector_is_kept_for_its_text_and_its_maker() {
        let mut likeness = Likeness::default();
        likeness.begin("one");
        likeness.learn("a", vec![1.0, 0.0]);
        likeness.learn("b", vec![3.0, 4.0]);
        assert_eq!((likeness.cosine("a", "b"), likeness.cosine("a", "c")), (Some(0.6), None));
        likeness.begin("one");
        assert!(likeness.knows("a"), "the next search needs it");
        likeness.begin("two");
        assert!(!likeness.knows("a"), "another model made it");
    }

    #[test]
    fn the_most_alike_come_first_and_ties_in_reading_order() {
        let found = vec![(cell(2, 0), 0.5), (cell(1, 0), 0.5), (cell(0, 0), 0.9), (cell(3, 0), 0.1)];
        let most = most_alike(found, 3);
        assert_eq!(most, [(cell(0, 0), 0.9), (cell(1, 0), 0.5), (cell(2, 0), 0.5)]);
    }
}
