//! States of the prompts after several layers, all from one pass. For MLC and AlignX.

use crate::{
    data::{Day, InOrder, MeasureKind, Representations, RepresentedText, StatePooling},
    generate::{LanguageModel, Pooling},
    protocol::{Fault, FaultCode, MeasureRequest},
    worker::{
        generator::{Generator, generate_fault},
        prompter::{Prompter, text_fault},
        task::Host,
    },
};

use super::{asker::Asker, rows::Row};

/// Prompts that are tokenised at once.
const ROWS_AT_ONCE: usize = 128;
/// Most bytes of states of one kind: they are held by worker and page, and a session file holds 4/3 of them.
const MAX_BYTES: usize = 128 << 20;

/// The layers asked for, ascending, each once; every layer where none is named.
///
/// # Errors
/// A layer that the model does not have.
pub(super) fn layers(request: &MeasureRequest, n_layers: u32) -> Result<Vec<u32>, Fault> {
    let mut layers = request.layers.clone();
    if layers.is_empty() {
        layers = (0..=n_layers).collect();
    }
    layers.order();
    layers.dedup();
    match layers.iter().find(|&&layer| layer > n_layers) {
        Some(layer) => Err(Fault::new(
            FaultCode::BadInput,
            format!("layer {layer} does not exist; the model has layers 0 (the embedding) to {n_layers}"),
        )),
        None => Ok(layers),
    }
}

/// Makes the representations of one kind, one record per layer, into `out`. Prompts that cannot be read are left out.
pub(super) async fn represent<M: LanguageModel, H: Host>(
    asker: &mut Asker<'_, M, H>,
    rows: &[Row<'_>],
    kind: MeasureKind,
    layers: &[u32],
    out: &mut Vec<Representations>,
) -> Result<(), Fault> {
    let (text, pooling) = match kind {
        MeasureKind::Chat => (RepresentedText::Chat, StatePooling::Last),
        _ => (RepresentedText::Plain, StatePooling::Mean),
    };
    let (dim, n_layers) = (asker.generator.info.dim, asker.generator.info.n_layers);
    let n_bytes = 4 * rows.len() * layers.len() * dim as usize;
    if n_bytes > MAX_BYTES {
        asker.problems.push(format!(
            "the states of {} prompts after {} layers take {} MiB, at most {} are kept; measure fewer layers or fewer prompts",
            rows.len(),
            layers.len(),
            n_bytes >> 20,
            MAX_BYTES >> 20
        ));
        asker.teller.advance(rows.len());
        return Ok(());
    }
    let of_layer =
        |&layer| Representations { text, pooling, layer, n_layers, dim, ..Representations::default() };
    let mut records: Vec<Representations> = layers.iter().map(of_layer).collect();
    let ended = fill(asker, rows, text, layers, &mut records).await;
    out.extend(records.into_iter().filter(|record| !record.order.is_empty()));
    ended
}

async fn fill<M: LanguageModel, H: Host>(
    asker: &mut Asker<'_, M, H>,
    rows: &[Row<'_>],
    text: RepresentedText,
    layers: &[u32],
    records: &mut [Representations],
) -> Result<(), Fault> {
    let pooling = match text {
        RepresentedText::Chat => Pooling::Last,
        RepresentedText::Plain => Pooling::Mean,
    };
    for rows in rows.chunks(ROWS_AT_ONCE) {
        let (mut names, mut texts) = (Vec::new(), Vec::new());
        for row in rows {
            match tokens(&asker.generator.prompter, row, text, asker.date)
                .and_then(|tokens| asker.fits(&tokens, &[]).then_some(tokens).ok_or_else(|| asker.too_long()))
            {
                Ok(tokens) => {
                    names.push((row.prompt.id.clone(), row.language.clone()));
                    texts.push(tokens);
                }
                Err(problem) => {
                    asker.problems.push(format!("{}: {problem}", row.name()));
                    asker.teller.advance(1);
                }
            }
        }
        let mut n_done = 0;
        while n_done < texts.len() {
            asker.teller.task.check().await?;
            let Generator { model, scheduler, .. } = &mut *asker.generator;
            let of_layers = scheduler.embed_next(model, &texts[n_done..], layers, pooling).await;
            let of_layers = of_layers.map_err(|error| generate_fault(&error))?;
            let n_more = of_layers.first().map_or(texts.len(), Vec::len);
            for (record, vectors) in records.iter_mut().zip(of_layers) {
                record.order.extend_from_slice(&names[n_done..n_done + n_more]);
                record.values.extend(vectors.into_iter().flatten());
            }
            n_done += n_more;
            asker.teller.advance(n_more);
        }
    }
    Ok(())
}

fn tokens(
    prompter: &Prompter,
    row: &Row<'_>,
    text: RepresentedText,
    date: Option<Day>,
) -> Result<Vec<u32>, String> {
    let tokens = match text {
        RepresentedText::Chat => prompter.user_tokens(row.text, date),
        RepresentedText::Plain => prompter.tokenizer.encode(row.text, false).map_err(text_fault),
    };
    match tokens {
        Ok(tokens) if tokens.is_empty() => {
            Err("the text is empty; write it or leave the language out".to_owned())
        }
        tokens => tokens.map_err(|fault| fault.message),
    }
}
