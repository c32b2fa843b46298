//! The run, to be done elsewhere: the folder of a job, as a download.

use leptos::prelude::*;

use super::{
    super::{
        reader,
        state::{Place, Workbench},
    },
    pieces,
};
use crate::{
    browser::{clock, download},
    job::{Dialect, JobRequest},
    protocol::{Fault, FaultCode},
};

/// Downloads the job of the prompts and settings on the screen, for a model on a kind of server.
pub async fn download_job(page: Workbench, model: String, server: Dialect) {
    page.clear_fault(Place::Model);
    page.status.set("Writing the job.".to_owned());
    let created = clock::iso_now();
    let job = page.setup.with_untracked(|setup| {
        let (prompts, config) = (setup.prompts().to_vec(), setup.config().clone());
        let job = JobRequest { model, server, config, prompts, created, ..JobRequest::default() };
        // A record of texts and finite numbers always has a JSON.
        serde_json::to_string(&job).unwrap_or_default()
    });
    let written = async {
        let (name, zip) = reader::hand_off(job).await?;
        let refused = || Fault::new(FaultCode::Internal, "the browser refused to make the file; try again");
        let blob = pieces::blob_of_bytes("application/zip", &zip).await.ok_or_else(refused)?;
        download::save_blob(&format!("{name}.zip"), &blob).map_err(|_refused| refused())?;
        Ok::<_, Fault>(name)
    };
    match written.await {
        Ok(name) => page.status.set(format!("{name}.zip is downloaded; its README says how to run it.")),
        Err(fault) => page.fail(Place::Model, fault),
    }
}
