//! Zip archives that others made, opened as a session and as prompts: each is read or refused in words, and the session that
//! is open stays. `CONCORD_ZIPS` names a folder with more of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;

use crate::SHORT;
use crate::storage::{decide, judged, open_small, with_pairs};

const FAULT: &str = "[data-testid=fault]";
const DIALOG: &str = "[data-testid=import-dialog]";

/// Archives that the test makes, and what the page says of each as a session and as prompts.
const WANTED: [(&str, &str, &str); 12] = [
    ("plain.zip", "no manifest.json", "2 prompts, 0 problems"),
    ("stored.zip", "no manifest.json", "2 prompts, 0 problems"),
    ("streamed.zip", "no manifest.json", "2 prompts, 0 problems"),
    ("names.zip", "no manifest.json", "2 prompts, 0 problems"),
    ("bzip2.zip", "packed as BZIP2", "packed as BZIP2"),
    ("lzma.zip", "packed as LZMA", "packed as LZMA"),
    ("prefixed.zip", "not a Concord session", "this file is binary"),
    ("outside.zip", "leads out of it", "leads out of it"),
    ("many.zip", "more than 64 files", "more than 1000 files"),
    ("empty.zip", "no manifest.json", "has no file in it"),
    ("book.xlsx", "no manifest.json", "book.xlsx"),
    ("bomb.zip", "made to fill memory", "made to fill memory"),
];

#[test]
fn foreign_archives_are_read_or_refused_in_words_and_the_open_session_stays() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    open_small(&page, "small.json", "2026-11-20T09:00:00.000Z");
    let ids = with_pairs(&page);
    decide(&page, &ids[0], "accept");
    let mut n = 0;
    for path in archives(&page) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let content = std::fs::read(&path).unwrap();
        let as_session = opened(&page, "open-session", &name, &content);
        let as_prompts = opened(&page, "open-prompts", &name, &content);
        println!("{name}\n  as a session: {as_session}\n  as prompts: {as_prompts}");
        let is_made = path.starts_with(page.driver().folder());
        if let Some((_, session, prompts)) = WANTED.iter().find(|(wanted, ..)| is_made && *wanted == name) {
            assert!(as_session.contains(session), "{name}: {as_session}");
            assert!(as_prompts.contains(prompts), "{name}: {as_prompts}");
            assert_eq!(as_prompts.matches(&name).count(), 1, "named once: {as_prompts}");
            n += 1;
        }
        assert_eq!(judged(&page), ids[..1], "{name} changed the desk");
    }
    assert_eq!(n, WANTED.len(), "archives of known content");
}

/// What the page says when it has dealt with a file.
fn opened(page: &Page, input: &str, name: &str, content: &[u8]) -> String {
    let status = || page.text("[data-testid=status-message]");
    let before = status();
    page.pick_file(&format!("[data-testid={input}]"), name, content);
    let said = page.wait_for(name, SHORT, || {
        if page.is_visible(FAULT) {
            return Some(page.text(FAULT));
        }
        if page.is_visible(DIALOG) {
            return Some(page.text(DIALOG));
        }
        Some(status()).filter(|said| *said != before && said.contains(name) && !said.starts_with("Opening "))
    });
    if page.is_visible(DIALOG) {
        page.click("[data-testid=cancel-import]");
    }
    if page.is_visible(FAULT) {
        page.click("[data-testid=fault] button");
        page.wait_for("the message to go", SHORT, || (!page.is_visible(FAULT)).then_some(()));
    }
    said
}

fn archives(page: &Page) -> Vec<PathBuf> {
    let folder = page.driver().folder().join("zips");
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let made = Command::new("python3").args(["-c", MAKE]).arg(&folder).status();
    assert!(made.expect("python3 is there").success());
    let more = std::env::var_os("CONCORD_ZIPS").map(PathBuf::from);
    let in_folder = |folder: &Path| {
        let entries =
            std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let mut all = in_folder(&folder);
    all.extend(more.iter().flat_map(|folder| in_folder(folder)));
    all.sort();
    all
}

/// Two questions in two languages, packed in every way that Python can pack them.
const MAKE: &str = r#"
import io, os, sys, zipfile
folder = sys.argv[1]
files = [('q/q_en.csv', 'id,question\na,Seven?\nb,Eight?\n'), ('q/q_de.csv', 'id,question\na,Sieben?\nb,Acht?\n')]

class Pipe(io.RawIOBase):
    'A file that cannot go back, so sizes and sums follow the bytes.'
    def __init__(self): self.bytes = b''
    def writable(self): return True
    def write(self, more): self.bytes += bytes(more); return len(more)

def pack(name, files=files, how=zipfile.ZIP_DEFLATED, to=None, before=b''):
    out = to or io.BytesIO()
    with zipfile.ZipFile(out, 'w', how) as archive:
        for path, text in files:
            archive.writestr(path, text)
    content = out.bytes if to else out.getvalue()
    with open(os.path.join(folder, name), 'wb') as file:
        file.write(before + content)

pack('plain.zip')
pack('stored.zip', how=zipfile.ZIP_STORED)
pack('bzip2.zip', how=zipfile.ZIP_BZIP2)
pack('lzma.zip', how=zipfile.ZIP_LZMA)
pack('streamed.zip', to=Pipe())
pack('prefixed.zip', before=b'#!/bin/sh\nexit 0\n')
pack('outside.zip', files=[('../../' + path, text) for path, text in files])
pack('names.zip', files=[('вопросы/q_en.csv', files[0][1]), ('质问/q_de.csv', files[1][1])])
pack('many.zip', files=[(f'{n}.txt', '') for n in range(2000)])
pack('empty.zip', files=[])
pack('book.xlsx', files=[('[Content_Types].xml', '<Types/>'), ('xl/workbook.xml', '<workbook/>')])
pack('bomb.zip', files=[('q_en.csv', 'x' * 40_000_000)])
"#;
