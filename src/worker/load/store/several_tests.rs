//! Models of several files: fetched, gone on with, changed, kept and deleted together.

use std::rc::Rc;

use pollster::block_on;

use super::{
    answer,
    fakes::{FakeFiles, FakeHost, FakeWeb},
    open::StoredFiles,
    tests::{World, request},
};
use crate::{
    protocol::{Answer, Fault, FaultCode, LoadRequest, Role, ShelfRequest, StoredModel},
    shelf::{ledger::CHUNK_BYTES, sha256_hex},
    worker::load::{bytes::ByteSource, files::ModelFiles},
};

const CHUNK: usize = CHUNK_BYTES as usize;
const PARTS: [&str; 3] = [
    "https://example.org/m-00001-of-00003.gguf?download=true",
    "https://example.org/m-00002-of-00003.gguf?download=true",
    "https://example.org/m-00003-of-00003.gguf?download=true",
];
const HUB: &str = "https://huggingface.co/owner/name/resolve/main";

/// A world whose server has other bytes at each address.
fn world(addresses: &[&str]) -> World {
    let world = World::new();
    let file = world.server().file.clone();
    for (idx, address) in addresses.iter().enumerate() {
        let mut bytes = file[..2 * CHUNK + 1000 * idx].to_vec();
        bytes[0] = idx as u8;
        world.server().others.insert((*address).to_owned(), bytes);
    }
    world
}

type Opened = StoredFiles<FakeFiles, FakeWeb, Rc<FakeHost>>;

fn find(world: &World, request: &LoadRequest) -> Result<Opened, Fault> {
    block_on(StoredFiles::find(world.store(), request))
}

/// Reads as the loader does: a little of each file, then each to its end, until `most` bytes came in all.
fn read(world: &World, request: &LoadRequest, most: usize) -> Result<Vec<Vec<u8>>, Fault> {
    let mut files = find(world, request)?;
    let (mut sources, mut all) = (Vec::new(), Vec::new());
    let mut buffer = Vec::new();
    for idx in 0..files.names().len() {
        let mut source = block_on(files.open(idx))?;
        assert!(block_on(source.next(&mut buffer))?);
        all.push(buffer.clone());
        source.pause();
        sources.push(source);
    }
    assert_eq!(world.server().n_open, 0, "nothing is held open that is not read");
    let mut n_read: usize = all.iter().map(Vec::len).sum();
    for (source, bytes) in sources.iter_mut().zip(&mut all) {
        while n_read < most && block_on(source.next(&mut buffer))? {
            bytes.extend_from_slice(&buffer);
            n_read += buffer.len();
        }
        if n_read >= most {
            return Ok(all);
        }
        source.end(&source.sha256().unwrap_or_else(|| sha256_hex(bytes)))?;
    }
    Ok(all)
}

fn whole(world: &World, request: &LoadRequest) -> Result<Vec<Vec<u8>>, Fault> {
    read(world, request, usize::MAX)
}

fn originals(world: &World) -> Vec<Vec<u8>> {
    world.server().others.values().cloned().collect()
}

fn n_sent(world: &World) -> usize {
    world.server().sent.iter().map(|(from, to)| to - from).sum()
}

fn asked(world: &World, request: ShelfRequest) -> Result<Vec<StoredModel>, Fault> {
    match block_on(answer(&world.files, request))? {
        Answer::Stored(models) => Ok(models),
        other => panic!("{other:?}"),
    }
}

fn kept(world: &World) -> Vec<StoredModel> {
    asked(world, ShelfRequest::List).unwrap()
}

#[test]
fn the_first_part_brings_the_others_and_they_are_kept_and_deleted_together() {
    let world = world(&PARTS);
    let originals = originals(&world);
    let n_bytes: usize = originals.iter().map(Vec::len).sum();
    assert_eq!(whole(&world, &request(PARTS[0])).unwrap(), originals);
    assert_eq!(n_sent(&world), n_bytes, "no byte came twice");
    let models = kept(&world);
    assert_eq!(models.len(), 1);
    assert_eq!((models[0].name.as_str(), models[0].n_files), ("m.gguf", 3));
    assert_eq!((models[0].n_bytes, models[0].bytes_here), (n_bytes as f64, n_bytes as f64));
    assert!(models[0].is_complete && models[0].sha256.is_none());

    world.server().is_reachable = false;
    assert_eq!(whole(&world, &request(PARTS[0])).unwrap(), originals, "what is here needs no network");
    let set_open =
        |is_open| world.files.all.borrow_mut().values_mut().for_each(|kept| kept.is_open = is_open);
    set_open(true);
    let fault = asked(&world, ShelfRequest::Delete { id: models[0].id.clone() }).unwrap_err();
    assert_eq!(fault.code, FaultCode::InUse, "a file that is read stays");
    set_open(false);
    assert_eq!(asked(&world, ShelfRequest::Delete { id: models[0].id.clone() }), Ok(Vec::new()));
    assert!(world.files.all.borrow().is_empty());
}

#[test]
fn broken_connections_and_a_closed_tab_cost_no_chunk_that_came_whole() {
    let world = world(&PARTS);
    let originals = originals(&world);
    world.server().cuts = vec![17, CHUNK + 5, 900_000, 0, 2_000_000];
    read(&world, &request(PARTS[0]), 3 * CHUNK).unwrap();
    let models = kept(&world);
    assert!(!models[0].is_complete && models[0].bytes_here >= 2.0 * CHUNK as f64, "{models:?}");
    assert_eq!(whole(&world, &request(PARTS[0])).unwrap(), originals);
    for (part, original) in PARTS.iter().zip(&originals) {
        for chunk in 0..original.len().div_ceil(CHUNK) {
            let (start, end) = (chunk * CHUNK, ((chunk + 1) * CHUNK).min(original.len()));
            let server = world.server();
            let sent = server.sent.iter().zip(&server.sent_of).filter(|(_, url)| url == part);
            let times = sent.filter(|((from, to), _)| *from <= start && *to >= end).count();
            assert!(times <= 1, "chunk {chunk} of {part} was sent whole {times} times");
        }
    }
    let over = n_sent(&world) - originals.iter().map(Vec::len).sum::<usize>();
    assert!(over < 3 * CHUNK, "{over} bytes came twice: more than a chunk under way of each part");
}

#[test]
fn a_repository_gives_all_parts_and_fetches_those_anew_that_changed() {
    let paths = ["q/m-Q8_0-00001-of-00002.gguf", "q/m-Q8_0-00002-of-00002.gguf"];
    let urls = paths.map(|path| format!("{HUB}/{path}"));
    let world = world(&[&urls[0], &urls[1]]);
    let list = |world: &World| {
        let file = |(path, bytes): (&&str, &Vec<u8>)| {
            let (n_bytes, sha256) = (bytes.len(), sha256_hex(bytes));
            format!(r#"{{ "rfilename": "{path}", "lfs": {{ "size": {n_bytes}, "sha256": "{sha256}" }} }}"#)
        };
        let files: Vec<String> = paths.iter().zip(&originals(world)).map(file).collect();
        format!(r#"{{ "siblings": [{}] }}"#, files.join(","))
    };
    world.server().list = Some(list(&world));
    assert_eq!(find(&world, &request("owner/name")).unwrap().names(), paths);
    read(&world, &request("owner/name"), 3 * CHUNK).unwrap();

    // Another version of both: the first is wholly here, in its old form.
    world.server().etag = Some("\"2\"".to_owned());
    world.server().others.values_mut().for_each(|bytes| bytes[7] ^= 1);
    world.server().list = Some(list(&world));
    assert_eq!(whole(&world, &request("owner/name:Q8_0")).unwrap(), originals(&world));
    assert_eq!(kept(&world).len(), 1);
    assert!(kept(&world)[0].is_complete);

    world.files.room.set(Some(1_000_000));
    world.server().list = Some(list(&world).replace("q/m", "p/m"));
    let fault = whole(&world, &request("owner/name")).unwrap_err();
    assert!(fault.code == FaultCode::NoRoom && fault.message.contains("17 MB"), "{}", fault.message);
}

#[test]
fn an_encoders_files_are_kept_as_one_model_by_its_address() {
    let paths = ["config.json", "model.safetensors", "tokenizer.json"];
    let urls = paths.map(|path| format!("{HUB}/{path}"));
    let world = world(&[&urls[0], &urls[1], &urls[2]]);
    let siblings: Vec<String> = paths.iter().map(|path| format!(r#"{{ "rfilename": "{path}" }}"#)).collect();
    world.server().list = Some(format!(r#"{{ "siblings": [{}] }}"#, siblings.join(",")));
    let request = LoadRequest { role: Role::Encoder, ..request("owner/name") };
    let mut files = find(&world, &request).unwrap();
    assert_eq!(files.names(), ["model.safetensors", "config.json", "tokenizer.json"]);
    let config =
        block_on(crate::worker::load::files::read_whole(&mut files, "config.json", 3 * CHUNK)).unwrap();
    assert_eq!(config.as_ref(), world.server().others.get(&urls[0]));
    let models = kept(&world);
    assert!(models.len() == 1 && !models[0].is_complete, "one file of three is here: {models:?}");
    whole(&world, &request).unwrap();
    let models = kept(&world);
    assert_eq!((models[0].name.as_str(), models[0].n_files, models[0].is_complete), ("owner/name", 3, true));
}

#[test]
fn files_that_are_not_kept_go_on_after_a_pause() {
    for has_ranges in [true, false] {
        let world = world(&PARTS);
        world.server().has_ranges = has_ranges;
        let passing = LoadRequest { keep: false, ..request(PARTS[0]) };
        assert_eq!(whole(&world, &passing).unwrap(), originals(&world));
        assert!(world.files.all.borrow().is_empty());
    }
    let world = world(&PARTS);
    let mut files = find(&world, &LoadRequest { keep: false, ..request(PARTS[0]) }).unwrap();
    let mut source = block_on(files.open(0)).unwrap();
    block_on(source.next(&mut Vec::new())).unwrap();
    source.pause();
    world.server().etag = Some("\"2\"".to_owned());
    let fault = block_on(source.next(&mut Vec::new())).unwrap_err();
    assert!(fault.message.contains("changed"), "{}", fault.message);
}

#[test]
fn a_later_part_is_refused_with_the_name_of_the_first() {
    let fault = find(&world(&PARTS), &request(PARTS[1])).unwrap_err();
    assert_eq!(fault.code, FaultCode::BadInput);
    assert!(fault.message.contains("open m-00001-of-00003.gguf"), "{}", fault.message);
}
