//! What all fuzz targets share: a limit on memory that is exact, and the texts that are tokenised.
//!
//! Every target linked with this package allocates through [`Counting`]. A panic, ten seconds without an
//! answer (`-timeout=10`) and more than 64 MiB above the input are findings.

pub mod sessions;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// What parsing may take besides its input, in bytes.
pub const MAX_EXTRA_BYTES: usize = 64 << 20;

/// Bytes that live now.
static LIVE: AtomicUsize = AtomicUsize::new(0);
/// Bytes that may live.
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);
/// Most bytes that lived since the limit was set.
static PEAK: AtomicUsize = AtomicUsize::new(0);
/// Most bytes above the input that any run took, in steps of a mebibyte.
static REPORTED: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, with a count of what lives.
pub struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

impl Counting {
    fn add(n_bytes: usize) {
        let live = LIVE.fetch_add(n_bytes, Relaxed) + n_bytes;
        PEAK.fetch_max(live, Relaxed);
        let limit = LIMIT.load(Relaxed);
        if live > limit {
            LIMIT.store(usize::MAX, Relaxed);
            // An allocator cannot unwind, so this ends the process; libFuzzer keeps the input.
            eprintln!("memory: an allocation of {n_bytes} bytes leads beyond the limit");
            std::process::abort();
        }
    }

    fn remove(n_bytes: usize) {
        LIVE.fetch_sub(n_bytes, Relaxed);
    }
}

// SAFETY: every call goes to the system's allocator as it is; only numbers are kept besides.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::add(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        Self::remove(layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, n_bytes: usize) -> *mut u8 {
        // Old and new may live side by side while one is copied to the other.
        Self::add(n_bytes);
        // SAFETY: the caller's promise.
        let moved = unsafe { System.realloc(pointer, layout, n_bytes) };
        Self::remove(layout.size());
        moved
    }
}

/// Runs `work` on an input of `n_bytes` under the limit, and tells of new peaks.
pub fn bounded(n_bytes: usize, work: impl FnOnce()) {
    let before = LIVE.load(Relaxed);
    PEAK.store(before, Relaxed);
    LIMIT.store(before + n_bytes + MAX_EXTRA_BYTES, Relaxed);
    work();
    LIMIT.store(usize::MAX, Relaxed);
    let extra = PEAK.load(Relaxed).saturating_sub(before + n_bytes) >> 20;
    if extra > REPORTED.fetch_max(extra, Relaxed) {
        eprintln!("memory: at most {} MiB above the input so far", extra + 1);
    }
}

/// Texts that tokenizers find hard: no text, spaces, other scripts, marks, pieces of markup, long runs.
pub fn hard_texts() -> [String; 6] {
    [
        String::new(),
        " \n\t  a\u{a0}b  ".to_owned(),
        "It's 1234 <|im_start|>user\n\u{2581}x<0x0A></s> [CLS] ##b".to_owned(),
        "আপেল 三个苹果 e\u{301} \u{1f468}\u{200d}\u{1f469} \u{fdfa}\u{0}\u{feff}\u{10ffff}".to_owned(),
        "a".repeat(3000),
        "<".repeat(500) + &"ab ".repeat(500),
    ]
}
