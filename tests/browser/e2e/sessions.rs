//! The sessions that a browser keeps: listed, named, copied, deleted and restored; as zip archives; and those of two people.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::SHORT;
use crate::storage::{decide, judged, open_small, wait_for_pairs, wait_kept, with_pairs};

const CREATED: &str = "2026-11-20T09:00:00.000Z";

#[test]
fn a_session_comes_back_from_its_archive_byte_for_byte_and_a_damaged_one_changes_nothing() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    open_small(&page, "small.json", CREATED);
    let ids = with_pairs(&page);
    decide(&page, &ids[0], "accept");
    decide(&page, &ids[1], "swap");
    decide(&page, &ids[2], "leave-out");
    let before = (page.session_file().to_string(), exported(&page));
    page.click("[data-testid=save-zip]");
    let path = page.downloaded("zip", SHORT);
    assert!(path.to_string_lossy().ends_with(".concord.zip"), "{}", path.display());
    let archive = std::fs::read(path).expect("the archive is there");
    assert!(page.text("[data-testid=kept]").contains("· backed up"), "{}", page.text("[data-testid=kept]"));

    page.open_session("other.json", browser_tests::large_session::large_session(6, 4, 4).as_bytes());
    page.open_session("again.concord.zip", &archive);
    wait_for_pairs(&page);
    assert_eq!(judged(&page), ids[..3]);
    assert_eq!((page.session_file().to_string(), exported(&page)), before);

    let mut broken = archive.clone();
    let middle = broken.len() / 2;
    broken[middle] ^= 0x55;
    for (name, bytes) in [("broken.zip", &broken[..]), ("half.zip", &archive[..middle])] {
        page.pick_file("[data-testid=open-session]", name, bytes);
        page.wait_for("what is wrong", SHORT, || {
            page.text("[data-testid=fault]").contains(name).then_some(())
        });
        assert_eq!(judged(&page), ids[..3], "{name} changed the desk");
    }
}

#[test]
fn sessions_are_named_copied_deleted_and_restored() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    open_small(&page, "first.json", CREATED);
    let ids = with_pairs(&page);
    decide(&page, &ids[0], "accept");
    open_small(&page, "second.json", "2026-11-21T09:00:00.000Z");
    let others = || page.texts("[data-testid=kept-other]");
    page.wait_for("the first in the list", SHORT, || (others().len() == 1).then_some(()));
    assert!(others()[0].contains("1 of "), "{:?}", others());
    assert!(page.text("[data-testid=session-facts]").starts_with("0 of "));

    page.click("[data-testid=kept-other] [data-testid=rename-session]");
    page.wait_visible("[data-testid=session-new-name]", SHORT);
    page.set("[data-testid=session-new-name]", "Erste <b>Runde</b>");
    page.click("[data-testid=kept-other] form [type=submit]");
    page.wait_for("the name", SHORT, || others()[0].starts_with("Erste <b>Runde</b>").then_some(()));
    page.click("[data-testid=kept-other] [data-testid=duplicate-session]");
    page.wait_for("the copy", SHORT, || (others().len() == 2).then_some(()));
    let copy = "[data-testid=kept-other]:last-child";
    assert!(page.texts("[data-testid=kept-other]").iter().any(|text| text.contains("(copy)")));

    page.click(&format!("{copy} [data-testid=delete-other]"));
    page.wait_for("one less", SHORT, || (others().len() == 1).then_some(()));
    page.click("[data-testid=restore-last]");
    page.wait_for("both again", SHORT, || (others().len() == 2).then_some(()));
    page.click(&format!("{copy} [data-testid=delete-other]"));
    page.wait_for("one less", SHORT, || (others().len() == 1).then_some(()));
    page.reload();
    wait_for_pairs(&page);
    page.wait_visible("[data-testid=deleted-sessions]", SHORT);
    page.click("[data-testid=deleted-sessions]");
    page.wait_visible("[data-testid=restore-session]", SHORT);
    page.click("[data-testid=restore-session]");
    page.wait_for("both after a reload", SHORT, || (others().len() == 2).then_some(()));
    page.click("[data-testid=open-other]");
    page.wait_for("the first session or its copy", SHORT, || (judged(&page) == ids[..1]).then_some(()));
    page.wait_for("the list", SHORT, || (others().len() == 2).then_some(()));
}

#[test]
fn what_no_file_holds_is_said_the_same_after_a_reload() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    // Opened from a file, and its pairs picked again since.
    open_small(&page, "small.json", CREATED);
    wait_kept(&page, "Saved here");
    let backup =
        || page.text("[data-testid=kept]").split('·').next_back().unwrap_or_default().trim().to_owned();
    assert!(backup().starts_with("not backed up since"), "{}", backup());
    let ids = with_pairs(&page);
    decide(&page, &ids[0], "accept");
    decide(&page, &ids[1], "accept");
    let said = backup();
    assert!(said.ends_with(": 2 decisions"), "{said}");
    page.wait_for("what the browser promises", SHORT, || {
        (!page.text("[data-testid=persistence]").starts_with("After your first")).then_some(())
    });
    page.reload();
    wait_for_pairs(&page);
    assert_eq!(backup(), said);
    page.session_file();
    page.wait_for("a backup", SHORT, || backup().starts_with("backed up").then_some(()));
    let said = backup();
    page.reload();
    wait_for_pairs(&page);
    assert_eq!(backup(), said);
}

#[test]
fn two_tabs_that_decide_in_turn_are_both_right_after_each_step() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    open_small(&page, "small.json", CREATED);
    let ids = with_pairs(&page);
    let first = page.driver().tab();
    let second = page.open_tab(&site);
    wait_for_pairs(&page);
    for (step, id) in ids.iter().take(8).enumerate() {
        let (here, there) = if step % 2 == 0 { (&first, &second) } else { (&second, &first) };
        page.driver().look_at(here);
        decide(&page, id, "accept");
        // The one that decided writes its whole session anew, too, every third time.
        if step % 3 == 2 {
            page.set("[data-testid=min-margin]", if step % 2 == 0 { "0.011" } else { "0.012" });
            wait_for_pairs(&page);
        }
        for tab in [here, there] {
            page.driver().look_at(tab);
            page.wait_for("every decision so far", SHORT, || (judged(&page) == ids[..=step]).then_some(()));
        }
    }
    for tab in [&first, &second] {
        page.driver().look_at(tab);
        page.reload();
        wait_for_pairs(&page);
        assert_eq!(judged(&page), ids[..8.min(ids.len())]);
    }
}

#[test]
fn another_persons_decisions_are_added_and_nobodys_are_lost() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    open_small(&page, "small.json", CREATED);
    let ids = with_pairs(&page);
    decide(&page, &ids[0], "accept");
    decide(&page, &ids[1], "accept");
    let ours = page.session_file();
    let mut theirs = ours.clone();
    for (at, event) in theirs["events"].as_array_mut().expect("a log").iter_mut().enumerate() {
        event["time"] = json!(format!("2026-11-20T10:00:0{at}.000Z"));
        if at == 0 {
            event["event"] = json!("leave-out");
            event["after"]["status"] = json!("left-out");
        }
    }
    let n_events = || page.session_file()["events"].as_array().map_or(0, Vec::len);

    let mut other = theirs.clone();
    let text = other["prompts"][0]["text"].as_object_mut().expect("texts");
    text.values_mut().for_each(|text| *text = json!("Something else?"));
    page.pick_file("[data-testid=open-merge]", "other.json", other.to_string().as_bytes());
    page.wait_for("why not", SHORT, || {
        page.text("[data-testid=fault]").contains("has other words there").then_some(())
    });
    assert!(!page.is_visible("[data-testid=merge-offer]"));

    page.pick_file("[data-testid=open-merge]", "ben.json", theirs.to_string().as_bytes());
    page.wait_visible("[data-testid=merge-offer]", SHORT);
    let offer = page.text("[data-testid=merge-offer]");
    assert!(offer.contains("2 new decisions") && offer.contains("People differ in 1 row"), "{offer}");
    assert_eq!(n_events(), 2, "nothing is added before the person says so");
    page.set("[data-testid=merge-name]", "");
    page.wait_visible("[data-testid=merge-blocker]", SHORT);
    page.set("[data-testid=merge-name]", "Ben");
    page.wait_for("a name", SHORT, || (!page.is_visible("[data-testid=merge-blocker]")).then_some(()));
    page.click("[data-testid=merge]");
    page.wait_for("the merge", SHORT, || (!page.is_visible("[data-testid=merge-offer]")).then_some(()));
    wait_kept(&page, "Saved here");
    page.reload();
    wait_for_pairs(&page);
    let merged = page.session_file();
    let actors: Vec<&Value> =
        merged["events"].as_array().expect("a log").iter().map(|e| &e["actor"]).collect();
    assert_eq!(actors, ["person", "person", "Ben", "Ben"]);
    assert_eq!(merged["events"][0], ours["events"][0], "ours stays as it was");

    page.pick_file("[data-testid=open-merge]", "Ben.json", theirs.to_string().as_bytes());
    page.wait_visible("[data-testid=merge-offer]", SHORT);
    assert!(page.text("[data-testid=merge-offer]").contains("no decision that is not here already"));
}

#[test]
fn settings_are_kept_named_and_carried_by_a_link_that_is_refused_where_it_is_absurd() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::None);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    let value = |name: &str| {
        let script = "return document.querySelector(arguments[0])?.value ?? ''";
        page.driver().script(script, vec![json!(format!("[data-testid={name}]"))])
    };
    page.set("[data-testid=n]", "5");
    page.set("[data-testid=temperature]", "0.3");
    page.set("[data-testid=prompt-count]", "3");
    page.reload();
    page.wait_visible("[data-testid=board-cell]", SHORT);
    page.wait_for("the settings", SHORT, || (value("n") == json!("5")).then_some(()));
    assert_eq!((value("temperature"), value("prompt-count")), (json!("0.3"), json!("3")));

    page.driver().script(
        "document.querySelector('[data-testid=preset-name]').closest('details').open = true",
        Vec::new(),
    );
    page.set("[data-testid=preset-name]", "quick");
    page.click("[data-testid=save-preset]");
    page.set("[data-testid=n]", "9");
    page.click("[data-testid=use-preset]");
    page.wait_for("the preset", SHORT, || (value("n") == json!("5")).then_some(()));

    let follow = |settings: &str| {
        page.driver()
            .script("location.hash = arguments[0]", vec![json!(format!("#pairs?settings={settings}"))]);
    };
    follow("n:7,temperature:0.5");
    page.wait_for("the link's settings", SHORT, || (value("n") == json!("7")).then_some(()));
    assert_eq!(page.driver().script("return location.hash", Vec::new()), json!("#pairs"));
    for (settings, wanted) in [
        ("n:99999999", "it must be 1 to"),
        ("n:%3Cimg%20src=x%3E", "neither a number"),
        ("magic:1", "no setting"),
    ] {
        follow(settings);
        page.wait_for(wanted, SHORT, || page.text("[data-testid=fault]").contains(wanted).then_some(()));
        assert_eq!((value("n"), value("temperature")), (json!("7"), json!("0.5")));
    }
}

/// The pairs as a trainer gets them.
fn exported(page: &Page) -> String {
    page.click("[data-testid=download-trl]");
    let path = page.downloaded("jsonl", SHORT);
    let text = std::fs::read_to_string(&path).expect("the export is there");
    std::fs::remove_file(path).expect("the export is ours");
    text
}
