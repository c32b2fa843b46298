//! Pairs out: what an export would hold now, and its files.

use std::cell::Cell;

use leptos::{prelude::*, task::spawn_local};
use web_sys::Blob;

use super::{
    super::{
        latest, reader,
        slices::in_slices,
        state::{Place, Workbench},
    },
    files::{file_stem, said},
    pieces,
};
use crate::{
    align::Batches,
    browser::{clock, download, preferences},
    curation::{Desk, ExportCounts, Exported, Exporter},
    data::{
        BatchedRow, Column, DecisionLog, ExportFormat, ExportOptions, InOrder, Part, SideFacts, Tally,
        Written, archive::Packer, batches_read_me, beside, file_name, from_json, llama_factory_name,
        part_name, problems_csv,
    },
    job::TrainFacts,
    protocol::{Fault, FaultCode},
};

/// Responses of a session whose export is worked out with every decision.
const MAX_RESPONSES_AT_ONCE: usize = 2_000;
/// How long nothing must have changed before a larger one's is, in milliseconds.
const QUIET_MS: u32 = 400;
/// Lines of the preview.
const PREVIEW_LINES: u32 = 2;
/// Bytes that are hashed or packed at once.
const STEP_BYTES: usize = 64 << 10;
/// What the choice is kept under.
const KEPT: &str = "export";

thread_local! {
    static N_ASKED: Cell<u32> = const { Cell::new(0) };
}

/// What an export would hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preview {
    /// Its first lines, its counts and its problems.
    pub written: Written,
    /// How many rows there are of each kind.
    pub counts: ExportCounts,
}

/// What was chosen last.
pub fn kept_options() -> ExportOptions {
    preferences::get(KEPT).and_then(|kept| from_json(&kept).ok()).unwrap_or_default()
}

/// Keeps a choice.
pub fn keep_options(options: &ExportOptions) {
    if let Ok(kept) = serde_json::to_string(options) {
        preferences::set(KEPT, &kept);
    }
}

/// Keeps what an export would hold up to date with the desk, which is tracked: at once, except for a large session when
/// nothing has changed for a moment.
pub fn keep_preview(page: Workbench, options: ExportOptions, kept: RwSignal<Option<Preview>>) {
    let is_last = latest::ask(&N_ASKED);
    let size = page.desk.with(|desk| desk.as_ref().map(|desk| desk.session().responses.len()));
    let Some(size) = size else { return kept.set(None) };
    let mut exporter = Exporter::new(options, page.batch_settings.get(), Some(PREVIEW_LINES));
    // The session is not held meanwhile, or a decision would have to copy it.
    let with_desk = move |look: &mut dyn FnMut(&Desk) -> bool| {
        page.desk.with_untracked(|desk| desk.as_ref().is_some_and(look))
    };
    let counts = move || {
        let rows = |desk: &Option<Desk>| desk.as_ref().map(|desk| ExportCounts::of(desk.curation().rows()));
        page.desk.with_untracked(rows).unwrap_or_default()
    };
    if size <= MAX_RESPONSES_AT_ONCE {
        while with_desk(&mut |desk| exporter.step(desk)) {}
        return kept.set(Some(Preview { written: exporter.finish().written, counts: counts() }));
    }
    spawn_local(async move {
        clock::sleep(QUIET_MS).await;
        in_slices(|| is_last() && with_desk(&mut |desk| exporter.step(desk))).await;
        if is_last() {
            // The panel may be gone.
            let _gone = kept.try_set(Some(Preview { written: exporter.finish().written, counts: counts() }));
        }
    });
}

/// Saves the pairs as chosen.
pub async fn download(page: Workbench, options: ExportOptions) {
    page.clear_fault(Place::Files);
    let session =
        || page.desk.with_untracked(|desk| desk.as_ref().map(|desk| desk.session().created.clone()));
    let Some(created) = session() else { return };
    page.status.set("Writing the pairs.".to_owned());
    let mut exporter = Exporter::new(options.clone(), page.batch_settings.get_untracked(), None);
    let step =
        |desk: &Desk, exporter: &mut Exporter| desk.session().created == created && exporter.step(desk);
    in_slices(|| {
        page.desk.with_untracked(|desk| desk.as_ref().is_some_and(|desk| step(desk, &mut exporter)))
    })
    .await;
    if session().as_ref() != Some(&created) {
        let message = "another session was opened before the pairs were written; download them again";
        return page.fail(Place::Files, Fault::new(FaultCode::BadInput, message));
    }
    let with_desk = |look: &mut dyn FnMut(&Desk)| page.desk.with_untracked(|desk| desk.iter().for_each(look));
    match file_of(exporter.finish(), &options, with_desk).await {
        Ok((blob, name)) => {
            let name =
                format!("concord-{}", name.replace("pairs", &format!("pairs-{}", file_stem(&created))));
            said(page, &name, download::save_blob(&name, &blob).is_ok());
        }
        Err(fault) => page.fail(Place::Files, fault),
    }
}

/// Saves the list of what an export leaves out.
pub fn download_problems(page: Workbench, written: &Written) {
    let saved = download::save("concord-rows-left-out.csv", "text/csv", &problems_csv(&written.problems));
    said(page, "concord-rows-left-out.csv", saved.is_ok());
}

/// The file of an export, and its name. `with_desk` shows the desk that the pairs are of.
///
/// # Errors
/// When the browser refuses to make it.
pub async fn file_of(
    exported: Exported,
    options: &ExportOptions,
    with_desk: impl Fn(&mut dyn FnMut(&Desk)),
) -> Result<(Blob, String), Fault> {
    let (media_type, bytes) = if options.is_zip() {
        ("application/zip", zip_of(exported, options, with_desk).await?)
    } else if options.parquet {
        let columns = columns_of(&exported.written);
        ("application/vnd.apache.parquet", parquet_of(columns, exported.written.into_text()).await?)
    } else {
        ("application/jsonl", exported.written.into_text().into_bytes())
    };
    let blob = pieces::blob_of_bytes(media_type, &bytes).await.ok_or_else(refused)?;
    Ok((blob, file_name(options)))
}

fn columns_of(written: &Written) -> Vec<Column> {
    written.columns.iter().map(|column| Column::new(column.name, column.kind)).collect()
}

/// Lines of JSON as Parquet, which the page's other program writes.
async fn parquet_of(columns: Vec<Column>, lines: String) -> Result<Vec<u8>, Fault> {
    let lines = pieces::blob_of_bytes("application/jsonl", lines.as_bytes()).await.ok_or_else(refused)?;
    reader::parquet_of(columns, lines).await
}

fn refused() -> Fault {
    Fault::new(FaultCode::Internal, "the browser refused to make the file; make room and try again")
}

/// The rows and what belongs beside them, as a zip.
async fn zip_of(
    mut exported: Exported,
    options: &ExportOptions,
    with_desk: impl Fn(&mut dyn FnMut(&Desk)),
) -> Result<Vec<u8>, Fault> {
    let (mut files, mut parts) = (Vec::new(), Vec::new());
    let columns = columns_of(&exported.written);
    for file in &mut exported.written.files {
        let language = file.language.as_ref();
        let text = std::mem::take(&mut file.text);
        let rows = if options.parquet { parquet_of(columns.clone(), text).await? } else { text.into_bytes() };
        let mut named = vec![(part_name(options, language), rows)];
        if let Some(language) = language {
            named.push((llama_factory_name(language), std::mem::take(&mut file.llama_factory).into_bytes()));
        }
        for (path, bytes) in named {
            let mut counter = Tally::default();
            let mut left = bytes.chunks(STEP_BYTES);
            in_slices(|| left.next().map(|bytes| counter.push(bytes)).is_some()).await;
            parts.push(Part::new(path.clone(), file.language.clone(), file.n_rows, counter));
            files.push((path, bytes));
        }
    }
    let mut log = DecisionLog::default();
    if options.format == ExportFormat::Hub {
        in_slices(|| {
            let mut is_more = false;
            with_desk(&mut |desk| is_more = log.step(desk.session()));
            is_more
        })
        .await;
    }
    let read_me = |(rows, batches): &(Vec<BatchedRow>, Batches)| {
        batches_read_me(&batches.plan(), rows, exported.written.n_pairs)
    };
    let (batches_read_me, decisions) = (exported.batches.as_ref().map(read_me), log.finish());
    let mut texts = Vec::new();
    with_desk(&mut |desk| {
        texts = beside(&SideFacts {
            session: desk.session(),
            n_responses: desk.session().responses.len(),
            options,
            written: &exported.written,
            parts: &parts,
            batches_read_me: batches_read_me.clone(),
            decisions: decisions.clone(),
        });
    });
    if let Some((_, batches)) = &exported.batches {
        let mut facts = None;
        with_desk(&mut |desk| facts = Some(TrainFacts::of(desk.session(), batches)));
        if let Some(facts) = facts {
            files.extend(reader::recipes(&facts).await?);
        }
    }
    files.extend(texts.into_iter().map(|(path, text)| (path, text.into_bytes())));
    files.order_by_key(|(path, _)| path.contains('/'));
    packed(&files).await
}

/// Files as a zip, a little at a time.
async fn packed(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, Fault> {
    let mut packer = Packer::default();
    let mut outcome = Ok(());
    for (path, bytes) in files {
        let mut left = bytes.chunks(STEP_BYTES);
        outcome = outcome.and_then(|()| packer.begin(path));
        in_slices(|| {
            let Some(bytes) = left.next().filter(|_| outcome.is_ok()) else { return false };
            outcome = packer.push(bytes);
            true
        })
        .await;
    }
    let packed = outcome.and_then(|()| packer.finish());
    packed.map_err(|error| Fault::new(FaultCode::Internal, error.to_string()))
}
