//! Finds what rows refer to in a session.

use std::collections::HashMap;

use super::{ExportRow, PairRecord};
use crate::data::{Language, Pair, Prompt, Reference, Response, Session};

type Key<'a> = (&'a str, &'a Language);

/// Finds what rows refer to in a session.
#[derive(Debug)]
pub struct TextFinder<'a> {
    session: &'a Session,
    /// Each prompt's and language's responses, row by row: they are tens of thousands, but stand together.
    responses: HashMap<Key<'a>, Vec<&'a [Response]>>,
    prompts: HashMap<&'a str, &'a Prompt>,
    pairs: HashMap<Key<'a>, &'a Pair>,
    references: HashMap<&'a str, &'a Reference>,
    has_drafts: bool,
}

impl<'a> TextFinder<'a> {
    /// Looks at every response once.
    pub fn new(session: &'a Session) -> Self {
        fn key(response: &Response) -> Key<'_> {
            (&response.prompt_id, &response.language)
        }
        let mut responses: HashMap<_, Vec<&[Response]>> = HashMap::new();
        for together in session.responses.chunk_by(|a, b| key(a) == key(b)) {
            responses.entry(key(&together[0])).or_default().push(together);
        }
        Self {
            session,
            responses,
            prompts: session.prompts.iter().map(|p| (p.id.as_str(), p)).collect(),
            pairs: session.pairs.iter().map(|p| ((p.prompt_id.as_str(), &p.language), p)).collect(),
            references: session.references.iter().map(|r| (r.prompt_id.as_str(), r)).collect(),
            has_drafts: session.prompts.iter().any(|prompt| !prompt.drafts.is_empty()),
        }
    }

    /// A response of a row; `None` where there is none.
    pub fn response(&self, row: &ExportRow, sample: u32) -> Option<&'a Response> {
        self.responses((&row.prompt_id, &row.language)).find(|response| response.sample == sample)
    }

    fn responses<'b>(&'b self, key: Key<'b>) -> impl Iterator<Item = &'a Response> {
        self.responses.get(&key).into_iter().flatten().copied().flatten()
    }

    /// All that is known of a row.
    pub fn record<'b>(&self, row: &'b ExportRow) -> PairRecord<'b>
    where
        'a: 'b,
    {
        let key = (row.prompt_id.as_str(), &row.language);
        let reference = self.references.get(row.prompt_id.as_str());
        let reference = reference.and_then(|found| {
            let of_anchor = (found.prompt_id.as_str(), &found.language);
            self.responses(of_anchor).find(|response| Some(response.sample) == found.sample)
        });
        let parts = RowParts {
            prompt: self.prompts.get(row.prompt_id.as_str()).copied(),
            pair: self.pairs.get(&key).copied(),
            reference,
            has_drafts: self.has_drafts,
        };
        PairRecord::of(self.session, row, parts, self.responses(key))
    }
}

/// What stands behind a row beside its responses, as far as it is there.
#[derive(Clone, Copy, Debug)]
pub struct RowParts<'a> {
    /// Its prompt.
    pub prompt: Option<&'a Prompt>,
    /// What the method picked.
    pub pair: Option<&'a Pair>,
    /// The reference of its prompt.
    pub reference: Option<&'a Response>,
    /// Whether a text of any prompt of the session is a draft.
    pub has_drafts: bool,
}
