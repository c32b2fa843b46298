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
    job::Dialect,
    protocol::{Fault, FaultCode},
};

/// Downloads the job of the prompts and settings on the screen, for a model on a kind of server.
pub async fn download_job(page: Workbench, model: String, server: Dialect) {
    page.clear_fault(Place::Model);
    page.status.set("Writing the job.".to_owned());
    let (prompts, config) =
        page.setup.with_untracked(|setup| (setup.prompts().to_vec(), setup.config().clone()));
    let written = async {
        let (name, zip) = reader::hand_off(model, server, config, prompts, clock::iso_now()).await?;
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
