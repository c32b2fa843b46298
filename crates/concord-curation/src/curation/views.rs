//! What a screen shows of a row or a prompt, as plain values that compare cheaply.

use super::candidate::{Candidate, candidate, merged};
use super::{Cell, Desk, Row};
use crate::data::{Language, Method, Pair, Prompt, Reference, Response, SkipReason, TieBreak};

/// One row as the screen shows it, until all its responses are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct RowView {
    /// Where it is on the board.
    pub cell: Cell,
    /// What was picked and decided.
    pub row: Row,
    /// The question in this language.
    pub question: String,
    /// The model that drafted the question, where nobody has confirmed it.
    pub drafted_by: Option<String>,
    /// What is chosen now.
    pub chosen: Option<Candidate>,
    /// What is rejected now.
    pub rejected: Option<Candidate>,
    /// How many responses there are, equal ones counted each; [`Desk::candidates`] has them.
    pub n_candidates: usize,
}

/// The reference of a prompt as the screen shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceView {
    /// The prompt.
    pub prompt: Prompt,
    /// How the pairs were picked.
    pub method: Method,
    /// What decided among equals.
    pub tie_break: TieBreak,
    /// The anchor language.
    pub language: Language,
    /// Sample index of the picked response.
    pub sample: Option<u32>,
    /// Majority count over n, for math.
    pub vote_share: Option<f32>,
    /// Why there is none.
    pub skip: Option<SkipReason>,
    /// All anchor candidates, in sample order.
    pub candidates: Vec<Candidate>,
}

impl Desk {
    /// The row at a cell with its pair.
    pub fn row_view(&self, cell: Cell) -> Option<RowView> {
        let (prompt, row, pair) = self.found(cell)?;
        let side = |sample: Option<u32>| {
            let sample = sample?;
            let (at, response) =
                self.shown(row).enumerate().find(|(_, response)| response.sample == sample)?;
            Some(self.of_row(prompt, row, pair, response, at))
        };
        Some(RowView {
            cell,
            row: row.clone(),
            question: prompt.text.get(&row.language).cloned().unwrap_or_default(),
            drafted_by: prompt.drafted_by(&row.language).map(str::to_owned),
            chosen: side(row.state.chosen),
            rejected: side(row.state.rejected),
            n_candidates: self.shown(row).count(),
        })
    }

    /// All responses of a row in sample order, then translations, which have no score. Equal texts are merged into one, for
    /// which the chosen or rejected one stands if it is among them.
    pub fn candidates(&self, cell: Cell) -> Vec<Candidate> {
        let Some((prompt, row, pair)) = self.found(cell) else { return Vec::new() };
        let responses = self.shown(row).enumerate();
        let all = responses.map(|(at, response)| self.of_row(prompt, row, pair, response, at)).collect();
        merged(all, [row.state.chosen, row.state.rejected])
    }

    /// What stands behind a cell: its prompt, its row, and the method's pair.
    fn found(&self, cell: Cell) -> Option<(&Prompt, &Row, Option<&Pair>)> {
        let at = self.row_idx(cell)?;
        let (prompt, pair) = self.beneath(at)?;
        Some((prompt, &self.curation().rows()[at], pair))
    }

    /// The method's score of a response of the row at a place of [`super::Curation::rows`].
    pub fn score(&self, row_idx: usize, sample: Option<u32>) -> Option<f32> {
        let (sample, row) = (sample?, self.curation().rows().get(row_idx)?);
        let scores = &self.session().pairs.get(row_idx)?.scores;
        let at = self.shown(row).position(|response| response.sample == sample)?;
        scores.get(at).copied()
    }

    /// The responses of a row that are shown, in sample order, then the translations among its picks: the others are no
    /// responses to the prompt.
    pub fn shown<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = &'a Response> {
        let picked = [row.state.chosen, row.state.rejected, row.method.chosen, row.method.rejected];
        self.responses(&row.prompt_id, &row.language)
            .filter(move |response| response.is_candidate() || picked.contains(&Some(response.sample)))
    }

    /// What was picked of the anchor's responses to a prompt.
    pub fn reference(&self, prompt_idx: usize) -> Option<&Reference> {
        let prompt = self.session().prompts.get(prompt_idx)?;
        let is_of = |reference: &&Reference| reference.prompt_id == prompt.id;
        // They stand in the order of the prompts, but where a file says otherwise.
        let references = &self.session().references;
        references.get(prompt_idx).filter(is_of).or_else(|| references.iter().find(is_of))
    }

    /// The reference of a prompt with all anchor candidates.
    pub fn reference_view(&self, prompt_idx: usize) -> Option<ReferenceView> {
        let prompt = self.session().prompts.get(prompt_idx)?;
        let reference = self.reference(prompt_idx)?;
        let responses = self.responses(&prompt.id, &reference.language);
        let candidates = responses.filter(|response| response.is_candidate()).enumerate();
        let scores = (&reference.consistency[..], &reference.mean_cosine[..]);
        let candidates = candidates.map(|(at, response)| self.scored(prompt, response, None, at, scores));
        Some(ReferenceView {
            prompt: prompt.clone(),
            method: self.session().config.method,
            tie_break: self.session().config.tie_break,
            language: reference.language.clone(),
            sample: reference.sample,
            vote_share: reference.vote_share,
            skip: reference.skip,
            candidates: candidates.collect(),
        })
    }

    /// One response as a candidate, without scores: those are a method's own.
    pub fn candidate(&self, prompt: &Prompt, language: &Language, sample: u32) -> Option<Candidate> {
        let response = self.response(&prompt.id, language, sample)?;
        let edited = self.curation().row(&prompt.id, language).and_then(|row| row.edited(Some(sample)));
        Some(candidate(prompt, response, edited, &self.session().config.anchor))
    }

    /// A response of a row, with the scores at its place.
    fn of_row(
        &self,
        prompt: &Prompt,
        row: &Row,
        pair: Option<&Pair>,
        response: &Response,
        at: usize,
    ) -> Candidate {
        let scores = pair.map_or((&[][..], &[][..]), |pair| (&pair.scores, &pair.cosine));
        self.scored(prompt, response, row.edited(Some(response.sample)), at, scores)
    }

    /// A candidate with the scores at its place among the row's.
    fn scored(
        &self,
        prompt: &Prompt,
        response: &Response,
        edited: Option<&str>,
        at: usize,
        (scores, cosines): (&[f32], &[f32]),
    ) -> Candidate {
        Candidate {
            score: scores.get(at).copied(),
            cosine: cosines.get(at).copied(),
            ..candidate(prompt, response, edited, &self.session().config.anchor)
        }
    }
}
