//! Session files from strangers: what one is made of, and all that a page does with it when it opens.
//!
//! The fuzz target and a property test of the main package both drive [`open`] with files of [`file`].

use std::collections::HashSet;

use concord::align::{
    BatchSettings, Comparison, Evaluating, LossSettings, Material, PromptIndex, batchwise::BatchItem,
    compose, losses,
};
use concord::curation::{
    Cell, Curation, Desk, Filter, LiveGrid, NeedCounter, Setup, agreement, cut, cut_count, longer_limit,
    next_row, notes, summary,
};
use concord::data::{
    DataError, MOST_PROBLEMS, MOST_RESPONSES, MOST_SAMPLES, MeasureKind, Method, Session, SessionConfig,
    SessionReader, check_run, check_session, export_trl, read_session, write_session,
};
use concord::pictures::{Heat, Margins, chart, prompt_pictures, represent};
use serde_json::{Value, json};

/// A session as the first version wrote it.
const FIRST: &str = include_str!("../../crates/concord-align/src/data/session_0_1.json");

/// Numbers that hurt somebody somewhere.
const NUMBERS: [f64; 20] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    3.0,
    5.0,
    0.5,
    1e-40,
    1e-7,
    1e6,
    1e9,
    1e19,
    1e38,
    1e39,
    -1e39,
    1e308,
    1025.0,
    2_147_483_648.0,
    4_294_967_295.0,
];

/// Texts that mean something elsewhere in a session.
const TEXTS: [&str; 12] =
    ["a", "b", "en", "sw", "eng", "fr", "", "math", "lidr", "undo", "redo", "concord-session/2"];

/// Where a case begins to differ, byte by byte; zeros once the bytes are used up.
struct Draws<'a>(std::slice::Iter<'a, u8>);

impl Draws<'_> {
    fn below(&mut self, n: usize) -> usize {
        let mut byte = || usize::from(self.0.next().copied().unwrap_or_default());
        (byte() << 8 | byte()) % n.max(1)
    }
}

/// The bytes of a file: `data` itself where it looks like JSON, else a good session that `data` says the changes of.
pub fn file(data: &[u8]) -> Vec<u8> {
    if data.first().is_some_and(|byte| b"{[\"\xef".contains(byte)) {
        return data.to_vec();
    }
    let mut draws = Draws(data.iter());
    let mut session = good();
    for _ in 0..draws.below(8) {
        change(&mut session, &mut draws);
    }
    session.to_string().into_bytes()
}

/// A session with something in every list.
fn good() -> Value {
    let mut session: Value = serde_json::from_str(FIRST).expect("the file is JSON");
    let cosines = session["similarities"].clone();
    let measured = &mut session["measurements"];
    measured["instructed"] = measured["own"].clone();
    measured["translations"] = json!([{ "promptId": "a", "language": "sw", "samples": [0, 1], "targets": [0, 1],
        "nTokens": [3, 3], "logprob": [[-1.0, -2.0], [-2.5, -0.5]] }]);
    measured["states"] = cosines;
    let layer = |layer: u32| {
        json!({ "text": "chat", "pooling": "last", "layer": layer, "nLayers": 2, "dim": 1,
            "order": [["a", "en"], ["a", "sw"], ["b", "en"]], "values": "AACAPwAAAEAAAEDA" })
    };
    session["measurements"]["representations"] = json!([layer(0), layer(2)]);
    session
}

/// Changes one value of a session: numbers most of all.
fn change(session: &mut Value, draws: &mut Draws<'_>) {
    let kind = draws.below(10);
    let is_wanted: fn(&Value) -> bool = match kind {
        0..=5 => Value::is_number,
        6 => Value::is_string,
        7 | 8 => |value| value.is_array() || value.is_object(),
        _ => |_| true,
    };
    let n = count(session, is_wanted);
    let Some(place) = nth(session, &mut draws.below(n), is_wanted) else { return };
    match (kind, place) {
        (6, place) => *place = json!(TEXTS[draws.below(TEXTS.len())]),
        (7, Value::Array(list)) if !list.is_empty() => {
            let element = list[draws.below(list.len())].clone();
            let n_more = [1, 2, 40][draws.below(3)];
            list.extend(std::iter::repeat_n(element, n_more));
        }
        (7 | 8, Value::Array(list)) if !list.is_empty() => drop(list.remove(draws.below(list.len()))),
        (7 | 8, Value::Object(members)) => {
            let key = members.keys().nth(draws.below(members.len())).cloned();
            key.map(|key| members.remove(&key));
        }
        (9, place) => *place = [json!(null), json!([]), json!({}), json!(true)][draws.below(4)].clone(),
        (_, place) => {
            let any = f64::from(f32::from_bits((draws.below(1 << 16) << 16 | draws.below(1 << 16)) as u32));
            let at = draws.below(2 * NUMBERS.len());
            let value = NUMBERS.get(at).copied().unwrap_or(any);
            // Whole numbers are written as such, or every count would be refused for its form.
            let is_whole = value.fract() == 0.0 && value.abs() < 1e10;
            *place = if is_whole { json!(value as i64) } else { json!(value) };
        }
    }
}

fn children(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Array(list) => list.iter_mut().collect(),
        Value::Object(members) => members.values_mut().collect(),
        _ => Vec::new(),
    }
}

fn count(value: &mut Value, is_wanted: fn(&Value) -> bool) -> usize {
    usize::from(is_wanted(value))
        + children(value).into_iter().map(|child| count(child, is_wanted)).sum::<usize>()
}

fn nth<'v>(value: &'v mut Value, at: &mut usize, is_wanted: fn(&Value) -> bool) -> Option<&'v mut Value> {
    if is_wanted(value) {
        if *at == 0 {
            return Some(value);
        }
        *at -= 1;
    }
    children(value).into_iter().find_map(|child| nth(child, at, is_wanted))
}

/// Opens a file as a page does, and asserts that what is done is bounded by the size of the file; whether it is a session.
pub fn open(bytes: &[u8]) -> bool {
    let mut reader = SessionReader::default();
    let mut read = || {
        for part in bytes.chunks(1_000) {
            reader.push(part);
            while reader.step()? {}
        }
        Ok(())
    };
    let outcome: Result<(), DataError> = read();
    match outcome.and_then(|()| reader.finish()) {
        Ok(session) => {
            use_it(session, bytes.len());
            true
        }
        Err(error) => {
            assert!(error.to_string().len() > 20, "a refusal says why: {error}");
            if let DataError::Fields { problems } = &error {
                assert!((1..=MOST_PROBLEMS).contains(&problems.len()));
                assert!(
                    problems.iter().all(|p| !p.field.is_empty() && !p.reason.is_empty() && !p.fix.is_empty())
                );
            }
            false
        }
    }
}

/// Everything that a page does when a session opens, and when each of its panels does.
fn use_it(session: Session, n_bytes: usize) {
    // What a file can ask for: some of everything in it, by every other, but never by a number that it names.
    let most = 10_000 + 20 * n_bytes;
    let written = write_session(&session).expect("what is read can be written");
    let again = read_session(&written).expect("what is written opens");
    assert_eq!(again, session, "and is the same");
    assert_eq!(check_session(&session), []);

    let mut setup = Setup::default();
    setup.set_session(session.prompts.clone(), session.config.clone());
    assert!(setup.n_responses() <= MOST_RESPONSES || !setup.blockers().is_empty(), "a job that cannot end");
    let (_, _) = (setup.warnings(), setup.most_tokens(u32::MAX, true));
    let (_, longer) = cut::again(&session, longer_limit(&session));
    assert_eq!(check_run(&session.prompts, &longer), check_run(&session.prompts, &session.config));
    assert!(cut_count(&session).n_responses <= session.responses.len());

    let mut grid = LiveGrid::new(&session.prompts, &session.config.languages, session.config.n);
    session.responses.iter().for_each(|response| grid.finish(response));
    let counter = NeedCounter::new(&session);
    for need in [
        MeasureKind::Own,
        MeasureKind::Instructed,
        MeasureKind::Translations,
        MeasureKind::Translated,
        MeasureKind::States,
        MeasureKind::Chat,
        MeasureKind::Plain,
    ] {
        let _ = counter.missing(need);
    }
    let desk = Desk::new(session.clone());
    assert_eq!(desk.session(), &session, "nothing is dropped");
    assert!(notes(&desk).len() <= 3);
    let counts = summary(&desk).counts;
    // A row for each pair, and for each prompt and language with responses that has none.
    let n_rows = desk.curation().rows().len();
    assert!(n_rows <= session.pairs.len() + session.responses.len());
    assert!(counts.0.iter().all(|n| *n <= n_rows));
    for filter in Filter::ALL {
        let (mut cell, mut n) = (Cell::default(), 0);
        while let Some(next) = next_row(&desk, cell, 1, &filter.into()) {
            (cell, n) = (next, n + 1);
        }
        assert!(n <= n_rows, "{n} rows");
    }
    let mut n_shown = 0;
    for prompt in 0..session.prompts.len() {
        let heat = Heat::of(desk.session(), prompt);
        n_shown += heat.map_or(0, |heat| heat.plot("x").series.iter().map(|s| s.marks.len()).sum());
        n_shown += desk.reference_view(prompt).map_or(0, |view| view.candidates.len());
        for language in 0..session.config.languages.len() {
            let cell = Cell { prompt, language };
            assert!(grid.states(cell).len() <= MOST_SAMPLES as usize);
            let _ = desk.row_view(cell);
            n_shown += desk.candidates(cell).len();
        }
        let plots = [
            prompt_pictures::siblings(&session, prompt, 640.0),
            prompt_pictures::targets(&session, prompt, 640.0),
            prompt_pictures::cloud(&session, prompt).map(|cloud| prompt_pictures::cloud_plot(&cloud, 640.0)),
        ];
        n_shown += plots.iter().flatten().map(drawn).sum::<usize>();
    }
    n_shown += pictures(&session);
    assert!(n_shown <= most, "{n_shown} marks and candidates of a file of {n_bytes} bytes");
    methods(&session, &desk);
}

/// Marks and bytes of a picture.
fn drawn(plot: &chart::Plot) -> usize {
    let svg = chart::svg::body(plot, &str::to_owned);
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "a place that is no number");
    plot.series.iter().map(|series| series.marks.len()).sum()
}

fn pictures(session: &Session) -> usize {
    let margins = Margins::of(session);
    let _ = (margins.counts(0.0), margins.counts_by_language(f32::MAX));
    let mut n = 0;
    for spreads in [margins.spreads(), margins.cosine_spreads()] {
        n += drawn(&chart::histogram("margins", "margin", &spreads, 640.0));
    }
    let all = &session.measurements.representations;
    for source in represent::sources(all) {
        let mut scan = represent::LayerScan::new(all, source);
        while scan.step(all) {}
        let facts = scan.finish();
        assert!(facts.len() <= all.len());
        let _ = represent::all_pairs(&facts);
    }
    n
}

fn methods(session: &Session, desk: &Desk) {
    let configs = Method::ALL.map(|method| SessionConfig { method, ..session.config.clone() });
    let index = PromptIndex::new(Material::of(session));
    let mut comparison = Comparison::new(&index, &configs);
    // Every prompt, and two of the resamples, which are all alike.
    for _ in 0..session.prompts.len() + 2 {
        comparison.step();
    }
    let table = comparison.finish();
    for row in &table.methods {
        let picked: HashSet<_> = row.selection.pairs.iter().map(|p| (&p.prompt_id, &p.language)).collect();
        assert_eq!(picked.len(), row.selection.pairs.len(), "a pair for each row");
        let mut anew = session.clone();
        (anew.config.method, anew.references) = (row.method, row.selection.references.clone());
        anew.pairs.clone_from(&row.selection.pairs);
        assert_eq!(check_session(&anew), [], "what {} picks opens again", row.method.as_str());
    }
    let Session { prompts, responses, references, pairs, config, measurements, .. } = session;
    let evaluation = {
        let mut evaluating = Evaluating::new(prompts, responses, references, pairs, config, config.seed);
        evaluating.resample();
        evaluating.finish()
    };
    let own = &measurements.own;
    let _ = losses(pairs, own, &config.anchor, &config.languages, LossSettings::default(), Some(&evaluation));
    let _ = agreement(&Curation::fold(session), 5);
    let rows = desk.curation().export_rows();
    let lines = export_trl(session, &rows).text.lines().count();
    // A pair that a person made stands in a row that no method has looked at.
    assert!(lines <= desk.curation().rows().len());
    let items = BatchItem::of_rows(session, &rows);
    let _ = compose(&items, &config.anchor, &BatchSettings::default());
}
