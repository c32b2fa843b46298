//! Cases counted by hand, and what must hold of every composition.

use proptest::prelude::*;

use super::*;

fn item(prompt_id: &str, language: &str) -> BatchItem {
    BatchItem { prompt_id: prompt_id.into(), language: language.into(), n_tokens: 10 }
}

/// Prompts 0..n in these languages.
fn full(n: usize, languages: &[&str]) -> Vec<BatchItem> {
    let prompts = (0..n).map(|i| format!("p{i:02}"));
    prompts.flat_map(|id| languages.iter().map(|l| item(&id, l)).collect::<Vec<_>>()).collect()
}

fn settings(composition: Composition, groups_per_batch: u32) -> BatchSettings {
    BatchSettings { composition, groups_per_batch, ..BatchSettings::default() }
}

fn composed(items: &[BatchItem], settings: &BatchSettings) -> Batches {
    compose(items, &"en".into(), settings)
}

#[test]
fn complete_groups_fill_their_batches() {
    let items = full(5, &["en", "de", "sw"]);
    let batches = composed(&items, &settings(Composition::AnchorIncluded, 2));
    let sizes: Vec<usize> = batches.batches.iter().map(|batch| batch.items.len()).collect();
    assert_eq!((sizes, batches.batch_size, batches.has_one_size()), (vec![6, 6, 3], 6, true));
    let statistics = batches.statistics(&items);
    assert_eq!((statistics.n_steps_with_all, statistics.mean_languages), (3, Some(3.0)));
    assert_eq!((statistics.n_split_groups, statistics.n_remainder), (0, 0));
    let counts = BatchCounts { n_rows: 6, n_groups: 2, n_aligned_groups: 2, n_languages: 3, n_tokens: 60 };
    assert_eq!(statistics.batches[0], counts);
    assert_eq!(statistics.rows_by_language[0], ("de".into(), 5));
}

#[test]
fn what_is_left_over_says_why() {
    use RemainderReason::*;
    let items = [
        item("a", "en"),
        item("a", "de"),
        item("b", "de"),
        item("b", "sw"),
        item("c", "en"),
        item("d", "en"),
        item("d", "de"),
        item("d", "sw"),
    ];
    let reasons = |settings: &BatchSettings| {
        let left = composed(&items, settings).remainder;
        left.into_iter().map(|left| (left.item, left.reason)).collect::<Vec<_>>()
    };
    let included = settings(Composition::AnchorIncluded, 1);
    assert_eq!(reasons(&included), [(2, NoAnchorPair), (3, NoAnchorPair), (4, OneLanguage)]);
    let complete = BatchSettings { complete_groups_only: true, ..included };
    assert_eq!(reasons(&complete)[..2], [(0, Incomplete), (1, Incomplete)]);
    assert!(composed(&items, &complete).has_one_size());
    let excluded = settings(Composition::AnchorExcluded, 1);
    let wanted = [(0, AnchorExcluded), (1, OneLanguage), (4, AnchorExcluded), (5, AnchorExcluded)];
    assert_eq!(reasons(&excluded), wanted);
    assert_eq!(reasons(&settings(Composition::Random, 1)), []);
    // a has two languages of three and d all of them: two sizes.
    assert!(!composed(&items, &settings(Composition::AnchorIncluded, 1)).has_one_size());
}

#[test]
fn epochs_and_steps_go_on_counting() {
    let items = full(5, &["en", "de"]);
    let batches = composed(
        &items,
        &BatchSettings { n_epochs: 2, batches_per_step: 2, ..settings(Composition::AnchorIncluded, 1) },
    );
    let steps: Vec<(u32, u32)> = batches.batches.iter().map(|batch| (batch.epoch, batch.step)).collect();
    assert_eq!(steps[..5], [(0, 0), (0, 0), (0, 1), (0, 1), (0, 2)]);
    assert_eq!(steps[5..], [(1, 3), (1, 3), (1, 4), (1, 4), (1, 5)]);
    let order = |epoch| {
        let of_epoch = batches.batches.iter().filter(|batch| batch.epoch == epoch);
        of_epoch.map(|batch| batches.group_of[batch.items[0] as usize]).collect::<Vec<_>>()
    };
    assert_ne!(order(0), order(1));
}

#[test]
fn nothing_gives_nothing() {
    for composition in [Composition::AnchorIncluded, Composition::AnchorExcluded, Composition::Random] {
        let batches = composed(&[], &settings(composition, 0));
        assert_eq!((batches.batches.len(), batches.batch_size), (0, 0));
        let statistics = batches.statistics(&[]);
        assert_eq!((statistics.mean_languages, statistics.n_steps_with_all), (None, 0));
    }
    let alone = full(3, &["en"]);
    assert_eq!(composed(&alone, &settings(Composition::AnchorIncluded, 2)).remainder.len(), 3);
}

#[test]
fn rows_of_the_export_are_in_the_order_of_the_batches() {
    let items = full(4, &["en", "de"]);
    let rows: Vec<ExportRow> = (items.iter())
        .map(|i| ExportRow {
            prompt_id: i.prompt_id.clone(),
            language: i.language.clone(),
            chosen: 0,
            rejected: 1,
            record: Default::default(),
        })
        .collect();
    let batches = composed(&items, &settings(Composition::Random, 1));
    let batched = batches.batched_rows(&rows);
    let wanted: Vec<ExportRow> =
        batches.batches.iter().flat_map(|b| &b.items).map(|&i| rows[i as usize].clone()).collect();
    assert_eq!(batched.iter().map(|b| b.row.clone()).collect::<Vec<_>>(), wanted);
    assert_eq!(batched.last().map(|row| (row.batch, row.step)), Some((3, 3)));
}

fn some_items() -> impl Strategy<Value = Vec<BatchItem>> {
    let row = (0_u8..9, prop::sample::select(vec!["en", "de", "sw", "bn"]));
    prop::collection::btree_set(row, 0..30)
        .prop_map(|items| items.into_iter().map(|(id, l)| item(&id.to_string(), l)).collect())
}

fn some_settings() -> impl Strategy<Value = BatchSettings> {
    let composition = prop::sample::select(vec![
        Composition::AnchorIncluded,
        Composition::AnchorExcluded,
        Composition::Random,
    ]);
    (composition, 1_u32..4, 1_u32..3, 1_u32..3, any::<u32>(), any::<bool>()).prop_map(
        |(composition, groups_per_batch, batches_per_step, n_epochs, seed, complete_groups_only)| {
            BatchSettings {
                composition,
                groups_per_batch,
                batches_per_step,
                n_epochs,
                seed,
                complete_groups_only,
            }
        },
    )
}

proptest! {
    /// Every item is once in every epoch or once in the remainder, and no group is torn over two batches.
    #[test]
    fn nothing_is_lost_and_no_group_is_split(items in some_items(), settings in some_settings()) {
        let batches = composed(&items, &settings);
        for epoch in 0..settings.n_epochs {
            let mut seen: Vec<u32> = batches.remainder.iter().map(|left| left.item).collect();
            let of_epoch = batches.batches.iter().filter(|batch| batch.epoch == epoch);
            seen.extend(of_epoch.flat_map(|batch| &batch.items));
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..items.len() as u32).collect::<Vec<_>>());
        }
        let statistics = batches.statistics(&items);
        if settings.composition != Composition::Random {
            prop_assert_eq!(statistics.n_split_groups, 0);
            prop_assert!(statistics.batches.iter().all(|batch| batch.n_aligned_groups == batch.n_groups));
        }
        if settings.complete_groups_only && settings.n_epochs == 1 {
            prop_assert!(batches.has_one_size());
        }
        prop_assert!(statistics.batches.iter().all(|batch| batch.n_rows > 0));
    }

    /// The order of the items changes nothing.
    #[test]
    fn order_changes_nothing(items in some_items(), settings in some_settings(), seed in any::<u64>()) {
        let mut shuffled = items.clone();
        SplitMix64::new(seed).shuffle(&mut shuffled);
        let named = |items: &[BatchItem]| {
            let batches = composed(items, &settings);
            let named = batches.batches.iter().map(|b| {
                (b.step, b.items.iter().map(|&i| items[i as usize].clone()).collect::<Vec<_>>())
            });
            (named.collect::<Vec<_>>(), batches.statistics(items))
        };
        prop_assert_eq!(named(&items), named(&shuffled));
    }
}
