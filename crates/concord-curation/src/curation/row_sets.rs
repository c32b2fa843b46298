//! Rows that belong together by what no single row says: those like another, and those on which methods differ.

use std::collections::HashSet;

use super::{Cell, Desk};
use crate::align::{ComparisonTable, cosine};
use crate::data::{Language, RepresentedText};

/// The question of a row among those that a model has read.
#[derive(Clone, Copy, Debug)]
pub struct ReadQuestion {
    /// Place among the session's representations.
    record: usize,
    /// Its place there.
    own: usize,
}

impl Desk {
    /// Where the question of a cell stands among those whose representations were measured; `None` where they were not:
    /// [`super::Likeness`] compares texts then.
    pub fn read_question(&self, cell: Cell) -> Option<ReadQuestion> {
        let all = &self.session().measurements.representations;
        let row = self.row(cell)?;
        // The question alone says more than one wrapped in a template, where both were read.
        let of = |text| all.iter().enumerate().filter(move |(_, measured)| measured.text == text);
        of(RepresentedText::Plain).chain(of(RepresentedText::Chat)).find_map(|(record, measured)| {
            let is_own =
                |(id, language): &(String, Language)| *id == row.prompt_id && *language == row.language;
            Some(ReadQuestion { record, own: measured.order.iter().position(is_own)? })
        })
    }

    /// Compares the question at the next place with the one that was read; `false` where there is none left. Only rows of the
    /// same language count, each with the cosine of the two representations, from -1 to 1.
    pub fn compare_question(&self, read: ReadQuestion, at: usize, found: &mut Vec<(Cell, f32)>) -> bool {
        let all = &self.session().measurements.representations;
        let Some(measured) = all.get(read.record) else { return false };
        let (Some((_, own)), Some((prompt_id, language))) =
            (measured.order.get(read.own), measured.order.get(at))
        else {
            return false;
        };
        let cell = (own == language && at != read.own).then(|| self.cell_of(prompt_id, language)).flatten();
        let cell = cell.filter(|cell| self.row(*cell).is_some_and(|row| row.is_listed()));
        found.extend(cell.map(|cell| (cell, cosine(measured.vector(read.own), measured.vector(at)))));
        true
    }

    /// The rows for which at least two methods of a comparison picked different pairs; a method without a pair has no say.
    pub fn differing(&self, table: &ComparisonTable) -> HashSet<Cell> {
        let mut picks: Vec<Option<(u32, u32)>> = vec![None; self.curation().rows().len()];
        let mut differing = HashSet::new();
        let pairs = table.methods.iter().flat_map(|method| &method.selection.pairs);
        for pair in pairs.filter(|pair| pair.skip.is_none()) {
            let at = self.curation().row_idx(&pair.prompt_id, &pair.language);
            if let (Some(at), Some(pick)) = (at, pair.chosen.zip(pair.rejected))
                && *picks[at].get_or_insert(pick) != pick
            {
                differing.extend(self.cell_at(at));
            }
        }
        differing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::Selection;
    use crate::align::compare::MethodRow;
    use crate::curation::most_alike;
    use crate::data::{Representations, Session, test_session::sample};

    fn similar(desk: &Desk, cell: Cell, n: usize) -> Vec<(Cell, f32)> {
        let mut found = Vec::new();
        if let Some(read) = desk.read_question(cell) {
            (0..).take_while(|at| desk.compare_question(read, *at, &mut found)).count();
        }
        most_alike(found, n)
    }

    fn cell(prompt: usize, language: usize) -> Cell {
        Cell { prompt, language }
    }

    #[test]
    fn like_rows_are_of_the_same_language_and_come_by_cosine() {
        let mut session = sample();
        for id in ["c", "d"] {
            let like = session.pairs[1].clone();
            session.pairs.push(crate::data::Pair { prompt_id: id.into(), ..like });
            session.prompts.push(crate::data::Prompt { id: id.into(), ..session.prompts[0].clone() });
        }
        assert_eq!(similar(&Desk::new(session.clone()), cell(0, 1), 9), [], "nothing was measured");
        let order = [("a", "ar"), ("b", "ar"), ("c", "ar"), ("d", "ar"), ("c", "en")];
        let measured = |text, values: [f32; 10]| Representations {
            text,
            dim: 2,
            order: order.map(|(id, language)| (id.to_owned(), Language::from(language))).to_vec(),
            values: values.to_vec(),
            ..Representations::default()
        };
        session.measurements.representations = vec![
            measured(RepresentedText::Chat, [1.0; 10]),
            measured(RepresentedText::Plain, [1.0, 0.0, 3.0, 4.0, 0.0, 0.0, 5.0, 0.0, 1.0, 0.0]),
        ];
        let desk = Desk::new(session);
        let found = similar(&desk, cell(0, 1), 9);
        assert_eq!(found, [(cell(3, 1), 1.0), (cell(1, 1), 0.6), (cell(2, 1), 0.0)]);
        assert_eq!(similar(&desk, cell(0, 1), 1), found[..1]);
        assert_eq!(similar(&desk, cell(0, 0), 9), [], "its own language was not measured");
        assert_eq!(similar(&desk, cell(9, 9), 9), []);
    }

    #[test]
    fn methods_differ_where_two_of_them_picked_other_pairs() {
        let session = sample();
        let method = |change: fn(&mut Session)| {
            let mut session = session.clone();
            change(&mut session);
            let selection = Selection { references: Vec::new(), pairs: session.pairs };
            MethodRow {
                method: session.config.method,
                all: Default::default(),
                languages: Vec::new(),
                reference_right: Default::default(),
                selection,
                verdicts: Vec::new(),
            }
        };
        let (same, swapped) = (
            |_: &mut Session| {},
            |s: &mut Session| {
                (s.pairs[1].chosen, s.pairs[1].rejected) = (Some(1), Some(0));
            },
        );
        let silent = |s: &mut Session| s.pairs[1].skip = Some(crate::data::SkipReason::EqualScores);
        let desk = Desk::new(session.clone());
        let table = |methods| ComparisonTable { methods, ..ComparisonTable::default() };
        assert_eq!(desk.differing(&table(vec![method(same), method(silent), method(same)])), HashSet::new());
        assert_eq!(desk.differing(&table(vec![method(same), method(swapped)])), HashSet::from([cell(0, 1)]));
    }
}
