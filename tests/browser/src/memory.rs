//! The browser's processes as the system sees them, and what they hold: heaps of scripts and WebAssembly alike.

use std::path::Path;

/// Private resident bytes of the renderers below a process: all but files and shared memory.
///
/// Shared memory is left out because there lie the buffers on their way to the GPU's process.
pub fn renderer_anonymous_bytes(ancestor: u32) -> u64 {
    anonymous_bytes(ancestor, "--type=renderer")
}

/// Private resident bytes of the process that plays the GPU, below a process.
pub fn gpu_anonymous_bytes(ancestor: u32) -> u64 {
    anonymous_bytes(ancestor, "--type=gpu-process")
}

fn anonymous_bytes(ancestor: u32, kind: &str) -> u64 {
    let is_of_kind = |id: &u32| {
        let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(kind)
    };
    kin(ancestor).filter(is_of_kind).filter_map(|id| field(id, "RssAnon:")).sum::<u64>() * 1024
}

/// A process and all that descend from it.
pub fn kin(ancestor: u32) -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(move |id| descends(*id, ancestor))
}

fn descends(mut id: u32, ancestor: u32) -> bool {
    while id > 1 {
        if id == ancestor {
            return true;
        }
        let Some(parent) = field(id, "PPid:") else { return false };
        id = parent as u32;
    }
    false
}

/// A number of `/proc/<id>/status`.
fn field(id: u32, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(id.to_string()).join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[test]
fn a_process_is_its_own_kin_and_has_a_parent() {
    let id = std::process::id();
    assert!(descends(id, id));
    let parent = field(id, "PPid:").unwrap();
    assert!(descends(id, parent as u32) && !descends(parent as u32, id));
    assert!(field(id, "RssAnon:").unwrap() > 100);
}
