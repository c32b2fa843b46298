//! Downloads that break, go on, are damaged, are refused: natively, on a disk and a network made for it.

use std::rc::Rc;

use pollster::block_on;

use super::{
    Disk, Files,
    fakes::{FakeDisk, FakeFiles, FakeHost, FakeWeb, Server},
    found::Store,
    open::Opened,
    stored,
};
use crate::{
    protocol::{
        BackendChoice, Fault, FaultCode, FromWorker, LoadRequest, ModelSource, Progress, Role, Stage,
    },
    shelf::{ledger::CHUNK_BYTES, sha256_hex},
    worker::{
        load::bytes::ByteSource,
        task::{Host, Task},
    },
};

const CHUNK: usize = CHUNK_BYTES as usize;
const URL: &str = "https://example.org/models/m.gguf";

/// A browser with one server.
#[derive(Default)]
pub(super) struct World {
    pub(super) files: FakeFiles,
    pub(super) web: FakeWeb,
    pub(super) host: Rc<FakeHost>,
    pub(super) notes: super::source::Notes,
}

impl World {
    /// With a file of three chunks and a bit.
    pub(super) fn new() -> Self {
        let world = Self::default();
        let mut state = 1u32;
        let mut server = world.web.server.borrow_mut();
        server.file = (0..3 * CHUNK + 1000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        server.files = world.files.clone();
        drop(server);
        world
    }

    pub(super) fn server(&self) -> std::cell::RefMut<'_, Server> {
        self.web.server.borrow_mut()
    }

    pub(super) fn store(&self) -> Store<FakeFiles, FakeWeb, Rc<FakeHost>> {
        Store {
            files: self.files.clone(),
            web: self.web.clone(),
            task: Task::new(Rc::clone(&self.host), 1),
            notes: Rc::clone(&self.notes),
        }
    }

    fn open(&self, request: &LoadRequest) -> Result<Opened<FakeDisk, FakeWeb, Rc<FakeHost>>, Fault> {
        let store = self.store();
        let found = block_on(store.find(request))?;
        block_on(store.open(&found, 0))
    }

    /// Reads a file to its end, or to `most` bytes, where the tab is closed.
    fn read(&self, request: &LoadRequest, most: usize) -> Result<Vec<u8>, Fault> {
        let mut source = match self.open(request)? {
            Opened::Stored { source, .. } => source,
            Opened::Passing(mut source) => {
                let (mut all, mut buffer) = (Vec::new(), Vec::new());
                while block_on(source.next(&mut buffer))? {
                    all.extend_from_slice(&buffer);
                }
                return Ok(all);
            }
        };
        let (mut all, mut buffer) = (Vec::new(), Vec::new());
        while all.len() < most && block_on(source.next(&mut buffer))? {
            assert!(!buffer.is_empty() && buffer.len() <= CHUNK);
            all.extend_from_slice(&buffer);
        }
        if all.len() as u64 == source.n_bytes().unwrap() {
            let sha256 = source.sha256().unwrap_or_else(|| sha256_hex(&all));
            source.end(&sha256)?;
        }
        Ok(all)
    }

    fn whole(&self, request: &LoadRequest) -> Result<Vec<u8>, Fault> {
        self.read(request, usize::MAX)
    }

    /// How often each chunk was sent from its first byte to its last by one reply.
    fn times_sent_whole(&self) -> Vec<usize> {
        let server = self.server();
        let n_chunks = server.file.len().div_ceil(CHUNK);
        let bounds = |chunk: usize| (chunk * CHUNK, ((chunk + 1) * CHUNK).min(server.file.len()));
        let holds = |(from, to): (usize, usize), chunk| from <= bounds(chunk).0 && to >= bounds(chunk).1;
        (0..n_chunks).map(|chunk| server.sent.iter().filter(|sent| holds(**sent, chunk)).count()).collect()
    }

    fn n_sent(&self) -> usize {
        self.server().sent.iter().map(|(from, to)| to - from).sum()
    }

    fn stages(&self) -> Vec<Stage> {
        let sent = self.host.sent.borrow();
        let stage = |message: &FromWorker| match message {
            FromWorker::Progress { progress: Progress { stage, .. }, .. } => Some(*stage),
            _ => None,
        };
        sent.iter().filter_map(stage).collect()
    }
}

pub(super) fn request(address: &str) -> LoadRequest {
    let source = ModelSource::Url { url: address.to_owned(), sha256: None };
    LoadRequest::new(source, Role::Generator, BackendChoice::Auto)
}

fn with_hash(address: &str, sha256: &str) -> LoadRequest {
    let source = ModelSource::Url { url: address.to_owned(), sha256: Some(sha256.to_owned()) };
    LoadRequest::new(source, Role::Generator, BackendChoice::Auto)
}

#[test]
fn a_file_is_fetched_once_and_then_read_from_the_disk() {
    let world = World::new();
    let file = world.server().file.clone();
    assert_eq!(world.whole(&request(URL)).unwrap(), file);
    assert_eq!(world.n_sent(), file.len());
    let kept = stored(&block_on(world.files.ledgers()).unwrap());
    assert_eq!((kept.len(), kept[0].name.as_str(), kept[0].address.as_str()), (1, "m.gguf", URL));
    assert_eq!(kept[0].bytes_here, kept[0].n_bytes);
    assert_eq!(kept[0].sha256.as_deref(), Some(sha256_hex(&file).as_str()));

    world.server().is_reachable = false;
    world.server().asked.clear();
    assert_eq!(world.whole(&request(URL)).unwrap(), file);
    assert_eq!(world.server().asked, Vec::<String>::new(), "what is here needs no network");
    assert_eq!(*world.notes.borrow(), Vec::<String>::new());
}

#[test]
fn a_connection_that_breaks_goes_on_at_the_next_byte() {
    let world = World::new();
    let file = world.server().file.clone();
    world.server().cuts = vec![2 * CHUNK, 17, 0, 0, CHUNK + 5, 900_000];
    assert_eq!(world.whole(&request(URL)).unwrap(), file);
    assert_eq!(world.n_sent(), file.len(), "{:?}", world.server().sent);
    assert!(world.server().slept_ms >= 6 * 250);
}

#[test]
fn a_closed_tab_costs_at_most_the_chunk_under_way() {
    let world = World::new();
    let file = world.server().file.clone();
    let stop = 2 * CHUNK + 700_000;
    let first = world.read(&request(URL), stop).unwrap();
    assert!(first.len() < 3 * CHUNK && file.starts_with(&first));
    assert_eq!(world.whole(&request(URL)).unwrap(), file);
    assert_eq!(world.server().sent[1].0, 2 * CHUNK, "it goes on at the chunk that was not whole");
    assert_eq!(world.times_sent_whole(), [1, 1, 1, 1]);
}

#[test]
fn a_server_without_ranges_still_gives_the_right_bytes() {
    let world = World::new();
    let file = world.server().file.clone();
    world.server().has_ranges = false;
    world.server().cuts = vec![CHUNK + 12_345];
    assert_eq!(world.whole(&request(URL)).unwrap(), file);
    world.files.all.borrow_mut().clear();
    world.read(&request(URL), CHUNK + 1).unwrap();
    assert_eq!(world.whole(&request(URL)).unwrap(), file);
}

#[test]
fn damaged_chunks_are_found_and_fetched_again_and_no_others() {
    type Damage = fn(&mut Vec<u8>);
    let cases: [(&str, Damage, usize, usize); 3] = [
        ("one byte", |data| data[CHUNK + 9] ^= 1, CHUNK, 1),
        ("the end is gone", |data| data.truncate(2 * CHUNK + 3), CHUNK + 1000, 2),
        ("all is gone", Vec::clear, 3 * CHUNK + 1000, 4),
    ];
    for (name, damage, n_bytes, n_chunks) in cases {
        let world = World::new();
        let file = world.server().file.clone();
        world.whole(&request(URL)).unwrap();
        world.files.all.borrow_mut().values_mut().for_each(|kept| damage(&mut kept.data));
        let before = world.n_sent();
        assert_eq!(world.whole(&request(URL)).unwrap(), file, "{name}");
        assert_eq!(world.n_sent() - before, n_bytes, "{name}");
        let notes = world.notes.borrow().concat();
        assert!(notes.contains(&format!("{n_chunks} of its 4 parts")), "{name}: {notes}");
        assert_eq!(world.whole(&request(URL)).unwrap(), file, "{name}, the second time");
        assert_eq!(world.n_sent() - before, n_bytes, "{name}: it was repaired for good");
    }
}

#[test]
fn another_file_on_the_server_is_fetched_anew_and_said() {
    let world = World::new();
    world.read(&request(URL), 2 * CHUNK).unwrap();
    world.server().etag = Some("\"2\"".to_owned());
    world.server().file.reverse();
    let file = world.server().file.clone();
    assert_eq!(world.whole(&request(URL)).unwrap(), file);
    assert!(world.notes.borrow().concat().contains("changed"), "{:?}", world.notes);

    // In the middle of a load the bytes are used already: the load ends, the next one begins anew.
    let world = World::new();
    let Opened::Stored { mut source, .. } = world.open(&request(URL)).unwrap() else { panic!() };
    block_on(source.next(&mut Vec::new())).unwrap();
    source.body = None;
    world.server().etag = Some("\"2\"".to_owned());
    let fault = block_on(source.next(&mut Vec::new())).unwrap_err();
    assert!(fault.message.contains("changed") && fault.message.contains("again"), "{}", fault.message);
    drop(source);
    assert_eq!(world.whole(&request(URL)).unwrap(), world.server().file);
}

#[test]
fn a_damaged_chunk_of_a_file_that_changed_is_not_patched_with_the_new_one() {
    let world = World::new();
    world.whole(&request(URL)).unwrap();
    world.files.all.borrow_mut().values_mut().for_each(|kept| kept.data[0] ^= 1);
    world.server().etag = None;
    world.server().file.reverse();
    let fault = world.whole(&request(URL)).unwrap_err();
    assert!(fault.message.contains("changed"), "{}", fault.message);
    assert_eq!(world.whole(&request(URL)).unwrap(), world.server().file);
}

#[test]
fn every_refusal_has_its_own_words() {
    type Change = fn(&World);
    let cases: [(&str, Change, FaultCode, &str); 9] = [
        ("gated", |w| w.server().status = 401, FaultCode::Unreachable, "licence"),
        ("forbidden", |w| w.server().status = 403, FaultCode::Unreachable, "licence"),
        ("missing", |w| w.server().status = 404, FaultCode::Unreachable, "spelling"),
        ("broken", |w| w.server().status = 500, FaultCode::Unreachable, "later"),
        ("not for other sites", |w| w.server().is_cors = true, FaultCode::Unreachable, "CORS"),
        ("no answer", |w| w.server().is_reachable = false, FaultCode::Unreachable, "could not be reached"),
        ("offline", |w| w.server().n_offline = 9, FaultCode::Unreachable, "offline"),
        ("no room", |w| w.files.room.set(Some(1_000_000)), FaultCode::NoRoom, "1 MB more"),
        ("no address", |_| {}, FaultCode::BadInput, "owner/name"),
    ];
    for (name, change, code, expected) in cases {
        let world = World::new();
        change(&world);
        let address = if name == "no address" { "nonsense" } else { URL };
        let fault = world.whole(&request(address)).unwrap_err();
        assert_eq!(fault.code, code, "{name}: {}", fault.message);
        assert!(fault.message.contains(expected), "{name}: {}", fault.message);
    }
}

#[test]
fn a_repository_gives_its_file_with_the_hash_that_is_promised() {
    let world = World::new();
    let file = world.server().file.clone();
    let list = |sha256: &str| {
        format!(
            r#"{{ "siblings": [{{ "rfilename": "x-Q8_0.gguf", "lfs": {{ "size": {}, "sha256": "{sha256}" }} }}] }}"#,
            3 * CHUNK + 1000
        )
    };
    world.server().list = Some(list(&sha256_hex(&file)));
    assert_eq!(world.whole(&request("owner/name")).unwrap(), file);
    let asked = world.server().asked.clone();
    let hub = "https://huggingface.co";
    assert_eq!(
        asked,
        [
            format!("{hub}/api/models/owner/name?blobs=true"),
            format!("{hub}/owner/name/resolve/main/x-Q8_0.gguf")
        ]
    );
    let kept = stored(&block_on(world.files.ledgers()).unwrap());
    assert_eq!(kept[0].id, sha256_hex(&file), "it lies under the hash of its content");
    // The same bytes by another name are here already.
    let before = world.n_sent();
    assert_eq!(world.whole(&request("other/copy:Q8_0")).unwrap(), file);
    assert_eq!(world.n_sent(), before);

    let world = World::new();
    world.server().list = Some(list(&"0".repeat(64)));
    let fault = world.whole(&request("owner/name")).unwrap_err();
    assert_eq!(fault.code, FaultCode::HashMismatch, "{}", fault.message);
    let fault = world.whole(&request("owner/name:Q4_0")).unwrap_err();
    assert!(fault.message.contains("x-Q8_0.gguf"), "{}", fault.message);
}

#[test]
fn a_hash_that_the_caller_gives_is_held_against_the_bytes() {
    let world = World::new();
    let file = world.server().file.clone();
    world.whole(&request(URL)).unwrap();
    let wrong = with_hash(URL, &"0".repeat(64));
    assert_eq!(world.whole(&wrong).unwrap_err().code, FaultCode::HashMismatch);
    let before = world.n_sent();
    let right = with_hash(URL, &sha256_hex(&file).to_ascii_uppercase());
    assert_eq!(world.whole(&right).unwrap(), file);
    assert_eq!(world.n_sent(), before, "a file is known by its hash");
    assert_eq!(world.whole(&with_hash(URL, "../x")).unwrap_err().code, FaultCode::BadInput);
}

#[test]
fn a_second_tab_waits_for_the_first_and_then_reads_what_it_fetched() {
    let world = World::new();
    let file = world.server().file.clone();
    world.whole(&request(URL)).unwrap();
    let before = world.n_sent();
    world.files.all.borrow_mut().values_mut().for_each(|kept| kept.is_open = true);
    world.server().on_sleep =
        Some(|files| files.all.borrow_mut().values_mut().for_each(|kept| kept.is_open = false));
    assert_eq!(world.whole(&request(URL)).unwrap(), file);
    assert_eq!((world.n_sent(), world.stages()), (before, vec![Stage::Queue]));

    world.files.all.borrow_mut().values_mut().for_each(|kept| kept.is_open = true);
    let id = stored(&block_on(world.files.ledgers()).unwrap())[0].id.clone();
    assert_eq!(block_on(world.files.remove(&id)), Err(crate::shelf::DiskError::InUse));
    world.host.is_cancelled.set(true);
    assert_eq!(
        world.whole(&request(URL)).unwrap_err().code,
        FaultCode::Cancelled,
        "waiting can be cancelled"
    );
}

#[test]
fn a_lost_connection_is_waited_for_and_a_dead_one_given_up() {
    let world = World::new();
    let file = world.server().file.clone();
    let Opened::Stored { mut source, .. } = world.open(&request(URL)).unwrap() else { panic!() };
    let mut buffer = Vec::new();
    block_on(source.next(&mut buffer)).unwrap();
    let n_first = buffer.len();
    source.body = None;
    world.server().n_offline = 5;
    block_on(source.next(&mut buffer)).unwrap();
    assert_eq!(buffer, file[n_first..n_first + buffer.len()]);
    assert_eq!(world.stages(), [Stage::Offline]);
    source.body = None;
    world.server().is_reachable = false;
    let fault = block_on(source.next(&mut buffer)).unwrap_err();
    assert!(fault.message.contains("kept"), "{}", fault.message);
    source.body = None;
    world.host.is_cancelled.set(true);
    assert_eq!(block_on(source.next(&mut buffer)).unwrap_err().code, FaultCode::Cancelled);
}

#[test]
fn without_room_or_a_store_the_model_is_used_and_not_kept() {
    let world = World::new();
    let file = world.server().file.clone();
    world.files.most_bytes.set(Some(CHUNK + 10));
    assert_eq!(world.whole(&request(URL)).unwrap(), file);
    assert!(world.notes.borrow().concat().contains("not wholly kept"), "{:?}", world.notes);
    let kept = stored(&block_on(world.files.ledgers()).unwrap());
    assert_eq!(kept[0].bytes_here, CHUNK as f64);
    assert_eq!(kept[0].sha256, None);

    // Full before the first byte.
    let world = World::new();
    world.files.most_bytes.set(Some(0));
    assert_eq!(world.whole(&request(URL)).unwrap(), file);
    assert!(world.notes.borrow().concat().contains("not wholly kept"), "{:?}", world.notes);
    assert!(world.files.all.borrow().is_empty(), "no empty file stays");

    let world = World::new();
    world.files.is_denied.set(true);
    assert_eq!(world.whole(&request(URL)).unwrap(), file);
    assert!(world.notes.borrow().concat().contains("private window"), "{:?}", world.notes);

    let world = World::new();
    let passing = LoadRequest { keep: false, ..request(URL) };
    assert_eq!(world.whole(&passing).unwrap(), file);
    assert!(world.files.all.borrow().is_empty() && world.notes.borrow().is_empty());
}

#[test]
fn a_ledger_that_is_no_ledger_is_shown_so_that_it_can_be_deleted() {
    let files = FakeFiles::default();
    block_on(files.open("odd")).unwrap().append("{}").unwrap();
    let shown = stored(&block_on(files.ledgers()).unwrap());
    assert_eq!((shown[0].id.as_str(), shown[0].bytes_here), ("odd", 0.0));
    block_on(files.remove("odd")).unwrap();
    assert!(stored(&block_on(files.ledgers()).unwrap()).is_empty());
    assert!(!FakeHost::default().is_cancelled());
}
