//! From embeddings of responses to the cosine triangle that a session keeps per prompt.

use crate::{
    data::{Language, Response, Similarity},
    generate::{LanguageModel, ModelError},
};

/// Responses of one prompt with their vectors, in the session's order.
#[derive(Debug)]
pub struct EmbeddedPrompt<'a> {
    /// Which prompt.
    pub prompt_id: &'a str,
    /// Its responses.
    pub responses: Vec<&'a Response>,
    /// One vector per response. `[responses.len()][dim]`
    pub vectors: Vec<Vec<f32>>,
}

/// The cosines between all responses of a prompt, computed by the model's device.
///
/// # Errors
/// What the device says.
pub async fn similarity<M: LanguageModel>(
    model: &mut M,
    prompt: EmbeddedPrompt<'_>,
) -> Result<Similarity, ModelError> {
    let n = prompt.responses.len();
    let matrix = if n < 2 { Vec::new() } else { model.cosine_matrix(&prompt.vectors).await? };
    let order: Vec<(Language, u32)> =
        prompt.responses.iter().map(|response| (response.language.clone(), response.sample)).collect();
    let cosine =
        (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).map(|(i, j)| matrix[i * n + j]).collect();
    Ok(Similarity { prompt_id: prompt.prompt_id.to_owned(), order, cosine })
}
