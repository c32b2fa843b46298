//! The scans against the methods they go through, and the pictures against numbers known by hand.

use super::{super::chart::Value, *};
use crate::{
    align::{
        alignx::{TEMPERATURE, align_layer},
        mlc::{MlcSettings, mlc_of_set, prompt_cosines},
    },
    data::Language,
};

const PLAIN: Source = (RepresentedText::Plain, StatePooling::Mean);

/// Two prompts in three languages of two dimensions, after two layers, the later one first.
fn layers() -> Vec<Representations> {
    let layer = |layer: u32, values: [f32; 12]| Representations {
        text: PLAIN.0,
        pooling: PLAIN.1,
        layer,
        n_layers: 1,
        dim: 2,
        order: ["a", "b"]
            .into_iter()
            .flat_map(|id| ["en", "de", "sw"].map(|tag| (id.to_owned(), Language::from(tag))))
            .collect(),
        values: values.to_vec(),
    };
    vec![
        layer(1, [1.0, 0.0, 0.8, 0.6, 0.0, 1.0, 0.0, 1.0, 0.6, 0.8, 1.0, 0.0]),
        layer(0, [1.0, 0.1, 1.0, 0.2, 1.0, 0.3, 0.1, 1.0, 0.2, 1.0, 0.3, 1.0]),
    ]
}

fn scanned() -> Vec<LayerFacts> {
    let all = layers();
    let mut scan = LayerScan::new(&all, PLAIN);
    let mut n_steps = 0;
    while scan.step(&all) {
        n_steps += 1;
        assert!(n_steps < 1000, "the scan ends");
    }
    assert_eq!(scan.progress(), (2, 2));
    scan.finish()
}

fn mlc(facts: &[LayerFacts]) -> Vec<crate::align::mlc::SetMlc> {
    let mut scan = MlcScan::new(MlcSettings::default());
    while scan.step(facts) {}
    scan.finish()
}

#[test]
fn steps_find_what_the_methods_find_at_once() {
    let (all, facts) = (layers(), scanned());
    assert_eq!(facts.iter().map(|layer| layer.layer).collect::<Vec<_>>(), [0, 1]);
    for layer in &facts {
        let whole = &all[layer.place];
        assert_eq!(layer.prompts, prompt_cosines(whole));
        assert_eq!(layer.alignment, align_layer(whole, TEMPERATURE));
    }
    let expected = mlc_of_set(&facts[1].prompts, None, MlcSettings::default());
    assert_eq!(mlc(&facts)[1], expected);
    let mut none = LayerScan::new(&all, (RepresentedText::Chat, StatePooling::Last));
    assert!(!none.step(&all) && none.finish().is_empty());
}

#[test]
fn the_spectrum_is_the_papers_test_vector() {
    let facts = scanned();
    let on = ["en", "de", "sw"].map(Language::from);
    let (spectrum, numbers) = spectrum_of(&facts[1], Some(0), &on, 0.2).expect("three languages");
    assert!((spectrum.on[0] - 2_f64.sqrt()).abs() < 1e-6 && (spectrum.on[1] - 1.0).abs() < 1e-6);
    assert!(spectrum.all.is_empty(), "all are on");
    assert!((numbers.code_loss - 0.20799).abs() < 1e-4, "{numbers:?}");
    assert!(numbers.min_cosine.abs() < 1e-6);
    let (spectrum, numbers) = spectrum_of(&facts[1], None, &on[..2], 0.2).expect("two languages");
    assert_eq!((spectrum.all.is_empty(), numbers.n_prompts), (false, 2));
    // Cosine 0.8 in both prompts.
    assert!((numbers.code_loss - 0.0351).abs() < 1e-4, "{numbers:?}");
    assert!(spectrum_of(&facts[1], None, &on[..1], 0.2).is_none());
    assert!(spectrum_of(&facts[1], Some(9), &on, 0.2).is_none());
}

#[test]
fn a_pairs_curve_is_the_loss_of_its_cosine() {
    let facts = scanned();
    let languages = ["en", "de", "sw"].map(Language::from);
    let pairs = all_pairs(&facts);
    assert_eq!(pairs.len(), 3);
    let draw = |metric| {
        layer_curves(&facts, &mlc(&facts), metric, &pairs[..1], (&languages, MlcSettings::default()))
    };
    let loss = draw(Metric::Loss);
    assert_eq!(loss.places, [0, 1]);
    assert_eq!(loss.curves[1].name, "en–de");
    assert!((loss.curves[1].values[1].expect("a loss") - 0.0351).abs() < 1e-4, "{loss:?}");
    for metric in Metric::ALL {
        let found = draw(metric);
        assert!(found.curves.iter().all(|curve| curve.values.iter().all(Option::is_some)), "{metric:?}");
    }
    assert_eq!(draw(Metric::Retrieval).curves[1].values, [Some(1.0), Some(1.0)]);
}

#[test]
fn tables_and_matrices_name_every_pair_once() {
    let facts = scanned();
    let sets = mlc(&facts);
    let table = pair_table(&facts[1], &sets[1]);
    assert_eq!(table.rows.len(), 3);
    assert_eq!(table.rows[0][0], Value::Text("en–de".into()));
    assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
    let matrix = language_matrix(&facts[1], &sets[1], None);
    assert!((matrix.values[0][1].expect("both") - 0.8).abs() < 1e-6);
    assert!(matrix.summary.contains("furthest apart en and sw"), "{}", matrix.summary);
    assert_eq!(language_matrix(&facts[1], &sets[1], Some(1)).names.len(), 3);
    assert_eq!(distribution(&sets[1], Metric::Loss).values.len(), 2);
    assert_eq!(sources(&layers()), [PLAIN]);
    assert!((file_bytes(10, 3, 6, 2) - 10.0 * 4.0 * 6.0 * 2.0 * 16.0 / 3.0).abs() < 1e-9);
}

#[test]
fn only_where_every_cosine_is_one_has_each_text_the_same_token() {
    const CHAT: Source = (RepresentedText::Chat, StatePooling::Last);
    let all = layers();
    let as_chat = |same: bool| {
        let mut all = all.clone();
        for layer in &mut all {
            (layer.text, layer.pooling) = CHAT;
            if same {
                layer.values = [0.6, 0.8].repeat(6);
            }
        }
        let mut scan = LayerScan::new(&all, CHAT);
        while scan.step(&all) {}
        scan.finish()
    };
    let seen =
        |facts: &[LayerFacts], source| facts.iter().map(|f| f.sees_one_token(source)).collect::<Vec<_>>();
    assert_eq!(seen(&as_chat(true), CHAT), [true, false], "before the first layer");
    assert_eq!(seen(&as_chat(true), PLAIN), [false, false], "bare texts end in tokens of their own");
    assert_eq!(seen(&as_chat(false), CHAT), [false, false]);
}
