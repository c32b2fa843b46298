//! Cosines of the generator's middle layer, where an encoder scored. For LaCoMSA.

use crate::{
    data::{Response, Similarity},
    generate::LanguageModel,
    protocol::Fault,
    worker::{
        jobs::embedder::{Embedder, embed_all},
        task::Host,
    },
};

use super::{asker::Asker, rows::Row};

/// Compares the candidates of each prompt by the generator's states.
pub(super) async fn compare<M: LanguageModel, H: Host>(
    asker: &mut Asker<'_, M, H>,
    rows: &[Row<'_>],
    out: &mut Vec<Similarity>,
) -> Result<(), Fault> {
    let responses: Vec<&Response> = rows.iter().flat_map(Row::candidates).collect();
    let Asker { generator, teller, .. } = asker;
    let mut embedder = Embedder::Generator(&mut **generator);
    let task = teller.task;
    embed_all(&mut embedder, task, &responses, out, |n_more| teller.advance(n_more)).await
}
