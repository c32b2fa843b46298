//! End to end: the built page in a headless Chromium, used as people and scripts use it.

mod agreement;
mod alone;
mod bad_input;
mod batches;
mod broken_gpu;
mod build;
mod cancel;
mod compare;
mod csp;
mod cut;
mod desk;
mod desk_faults;
mod desk_keys;
mod download;
mod drafts;
mod editor;
mod encoder;
mod evidence;
mod example;
mod export;
mod faults;
mod for_everyone;
mod foreign_zips;
mod hostile_texts;
mod import;
mod job;
mod keep;
mod killed;
mod lesson;
mod live;
mod live_faults;
mod lost_gpu;
mod measure;
mod no_webgpu;
mod offline;
mod opening;
mod pictures;
mod real;
mod recovery_screens;
mod responses;
mod screens;
mod scripting;
mod sessions;
mod shelf;
mod split;
mod storage;
mod storage_faults;
mod template;
mod thinking;

use std::time::Duration;

/// For what takes a moment.
const SHORT: Duration = Duration::from_secs(60);
/// For what runs the model; software GPUs on a busy machine are slow.
const LONG: Duration = Duration::from_secs(1200);
