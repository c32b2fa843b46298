//! Prompt sets in by the screen: what is clean is taken at once, the dialog asks about the rest, and what cannot be used
//! changes nothing. `concord.importPrompts` gives the same prompts and problems.

use std::process::Command;

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::SHORT;

type Files<'a> = [(&'a str, Vec<u8>)];

const DIALOG: &str = "[data-testid=import-dialog]";
const TAKE: &str = "[data-testid=use-prompts]";

#[test]
fn clean_sets_of_every_shape_are_taken_at_once_and_scripts_get_the_same() {
    let site = Site::start();
    let page = opened(&site);
    let wide = "\u{feff}id,answer,en,de\r\na,7,\"Seven,\nor \"\"7\"\"?\",\"Sieben,\noder 7?\"\r\nb,8,Eight?,Acht?\r\n";
    let lines = "{\"id\":\"a\",\"answer\":7,\"en\":\"Seven?\",\"de\":\"Sieben?\"}\n{\"id\":\"b\",\"answer\":8,\"en\":\"Eight?\",\"de\":\"Acht?\"}\n";
    let nested = r#"{"meta":{"n":2},"data":{"rows":[{"id":"a","target":7,"translation":{"en":"Seven?","de":"Sieben?"}},{"id":"b","target":8,"translation":{"en":"Eight?","de":"Acht?"}}]}}"#;
    let (en, de) = ("id,question\na,Seven?\nb,Eight?\n", "id,question,answer\na,Sieben?,7\nb,Acht?,8\n");
    let per_language: Vec<(&str, Vec<u8>)> = vec![("q_en.csv", en.into()), ("q_de.csv", de.into())];
    let zip = zipped(&page, &[("q/q_en.csv", en), ("q/q_de.csv", de), ("README.md", "Two questions.")]);
    let book = workbook(
        &page,
        &[["id", "answer", "en", "de"], ["a", "7", "Seven?", "Sieben?"], ["b", "8", "Eight?", "Acht?"]],
    );
    let eight = ["Eight?", "de en · answer 8"];
    for (files, first, name) in [
        (vec![("wide.csv", wide.into())], "Seven,\nor \"7\"?", "wide.csv"),
        (vec![("lines.json", lines.into())], "Seven?", "lines.json"),
        (vec![("deep.json", nested.into())], "Seven?", "deep.json"),
        (per_language, "Seven?", "q_en.csv and 1 more"),
        (vec![("both.zip", zip)], "Seven?", "both.zip"),
        (vec![("book.xlsx", book)], "Seven?", "book.xlsx"),
    ] {
        let anchor = anchor(&page);
        page.pick_files("[data-testid=open-prompts]", &files);
        wait_taken(&page, name, 2, 0);
        let wanted = json!({ "count": ["2", "2"], "list": [[first, "de en · answer 7"], eight] });
        assert_eq!(shown(&page), wanted, "{name}");
        assert_eq!(by_script(&page, &files, &anchor, &json!({})), json!([wanted["list"], 0]), "{name}");
    }

    // Pasted, it is read as a file would be.
    page.click("section:has(#prompts-title) > details:has(#paste-prompts) > summary");
    page.click("details details:has(#paste-prompts) > summary");
    page.set("[data-testid=paste-prompts]", "id\tanswer\ten\tsw\nx\t3\tThree?\tTatu?\n");
    page.click("[data-testid=read-pasted]");
    wait_taken(&page, "Pasted text", 1, 0);
    assert_eq!(shown(&page), json!({ "count": ["1", "1"], "list": [["Three?", "en sw · answer 3"]] }));

    // Which of two lists holds the rows is not guessed: the person says it.
    let two = r#"{"a":{"rows":[{"id":1,"en":"One?","de":"Eins?"}]},"b":{"rows":[{"id":2,"en":"Two?","de":"Zwei?"}]}}"#;
    let files = [("two.json", two.as_bytes().to_vec())];
    page.pick_files("[data-testid=open-prompts]", &files);
    page.wait_visible("[data-testid=import-refusal]", SHORT);
    let path = "return document.querySelector('[data-testid=import-path]').value";
    assert_eq!(page.driver().script(path, Vec::new()), json!(""), "neither looks chosen");
    page.set("[data-testid=import-path]", "b.rows");
    page.wait_for("the other rows", SHORT, || page.text(DIALOG).contains("Zwei?").then_some(()));
    assert_eq!(shown(&page)["list"][0][0], "Three?", "nothing is taken before the person says so");
    take(&page, "Use the 1 prompt");
    wait_taken(&page, "two.json", 1, 0);
    assert_eq!(shown(&page)["list"], json!([["Two?", "de en"]]));
    let said = by_script(&page, &files, "en", &json!({ "path": "b.rows" }));
    assert_eq!(said, json!([[["Two?", "de en"]], 0]));
    page.click("[data-testid=how-read]");
    page.wait_visible(TAKE, SHORT);
    page.click("[data-testid=cancel-import]");
}

#[test]
fn the_dialog_asks_where_something_is_wrong_and_what_cannot_be_used_changes_nothing() {
    let site = Site::start();
    let page = opened(&site);
    let before = shown(&page);

    for (name, content, wanted) in [
        ("half.zip", &b"PK\x03\x04"[..], "damaged"),
        ("bytes.csv", b"ab\0\0\0\0\0\0cd", "binary"),
        ("none.json", b"[]", "an empty list"),
    ] {
        page.pick_file("[data-testid=open-prompts]", name, content);
        page.wait_visible("[data-testid=fault]", SHORT);
        let fault = page.text("[data-testid=fault]");
        assert!(fault.contains(name) && fault.contains(wanted), "{fault}");
        assert!(!page.is_visible(DIALOG));
        assert_eq!(shown(&page), before, "{name}");
        let files = [(name, content.to_vec())];
        let refused = by_script(&page, &files, "en", &json!({}));
        assert!(refused["badInput"].as_str().is_some_and(|reason| reason.contains(wanted)), "{refused}");
        page.click("[data-testid=fault] button");
    }

    // Rows with problems: named by row and column, and left out only by the person's word.
    let holes =
        "id,answer,en,de\na,7,Seven?,Sieben?\nb,8,,Acht?\nc,9,Nine?,\na,10,Ten?,Zehn?\nd,4,Four?,Vier?\n";
    let files = [("holes.csv", holes.as_bytes().to_vec())];
    page.pick_files("[data-testid=open-prompts]", &files);
    page.wait_visible(DIALOG, SHORT);
    assert_eq!(page.violations(DIALOG), Vec::<String>::new());
    let [summary, problems] =
        ["import-summary", "import-problems"].map(|name| page.text(&format!("[data-testid={name}]")));
    assert_eq!(summary, "2 prompts of 5 rows.");
    for place in [r#"Row 2 (b), column "en": "#, r#"Row 3 (c), column "de": "#, "Row 4 (a): "] {
        assert!(problems.contains(place), "{place}: {problems}");
    }
    page.click("[data-testid=cancel-import]");
    page.wait_for("the dialog to go", SHORT, || (!page.is_visible(DIALOG)).then_some(()));
    assert_eq!(shown(&page), before, "cancelled");
    page.pick_files("[data-testid=open-prompts]", &files);
    page.wait_visible(DIALOG, SHORT);
    assert_eq!(shown(&page), before, "not yet taken");
    take(&page, "Use the 2 good prompts");
    page.wait_for("the good rows", SHORT, || (shown(&page)["count"] == json!(["2", "2"])).then_some(()));
    let good = json!([["Seven?", "de en · answer 7"], ["Four?", "de en · answer 4"]]);
    assert_eq!(shown(&page)["list"], good);
    let n = page.text("[data-testid=prompt-problems] summary");
    let said = by_script(&page, &files, "en", &json!({}));
    assert_eq!(said[0], good);
    assert_eq!(n, format!("{} problems in this set", said[1]));

    // Rows at the same place that are those of other prompts.
    let line = |at: usize, times: usize| format!("Ngapi {} + {}?\t{}\n", at, times * at, (times + 1) * at);
    let questions =
        |first: usize, times: usize| (1..=30).map(|at| line(first + at, times)).collect::<String>();
    let files = [("q_en.tsv", questions(0, 2).into_bytes()), ("q_sw.tsv", questions(100, 7).into_bytes())];
    page.pick_files("[data-testid=open-prompts]", &files);
    page.wait_visible("[data-testid=import-refusal]", SHORT);
    assert!(page.text("[data-testid=import-refusal]").contains("not parallel"));
    let disabled = "return document.querySelector('[data-testid=use-prompts]').disabled";
    assert_eq!(page.driver().script(disabled, Vec::new()), json!(true));
    let by_order = "return [...document.querySelectorAll('[data-testid=import-join] option')].find(o => o.textContent === 'rows at the same place').value";
    let by_order = page.driver().script(by_order, Vec::new());
    page.set("[data-testid=import-join]", by_order.as_str().unwrap());
    page.wait_visible("[data-testid=import-verdict]", SHORT);
    let verdict = page.text("[data-testid=import-verdict]");
    assert!(verdict.starts_with("These texts are not of the same prompts"), "{verdict}");
    assert_eq!(page.text(TAKE), "Use the 30 prompts anyway");
    page.click("[data-testid=cancel-import]");
    page.wait_for("the dialog to go", SHORT, || (!page.is_visible(DIALOG)).then_some(()));
    assert_eq!(shown(&page)["list"], good, "cancelled");

    // No text in the anchor language: said, and taken with another anchor.
    let files = [("noanchor.csv", "id,sw,de\n1,Ngapi?,Wie viele?\n2,Na sasa?,Und nun?\n".into())];
    page.pick_files("[data-testid=open-prompts]", &files);
    page.wait_for("another anchor", SHORT, || (anchor(&page) != "en").then_some(()));
    let said = by_script(&page, &files, "en", &json!({}));
    assert_eq!(shown(&page)["list"], said[0]);
    assert_eq!(said[0].as_array().map(Vec::len), Some(2));
    page.click("[data-testid=prompt-problems] summary");
    let problems = page.text("[data-testid=prompt-problems]");
    assert!(problems.contains("no text in the anchor language en"), "{problems}");
}

#[test]
fn prompts_that_come_late_do_not_replace_what_was_opened_meanwhile() {
    let site = Site::start();
    let page = opened(&site);
    let hold = "const get = window.fetch;
        window.fetch = (what, ...more) => String(what.url ?? what).includes('practice')
            ? new Promise(answer => { window.letGo = async () => { const got = await get(what, ...more); answer(got); return got.status; }; })
            : get(what, ...more);
        document.querySelector('[data-testid=practice-prompts]').closest('details').open = true";
    page.driver().script(hold, Vec::new());
    page.click("[data-testid=practice-prompts]");
    page.pick_files("[data-testid=open-prompts]", &[("mine.csv", b"id,en,de\na,Seven?,Sieben?\n".to_vec())]);
    wait_taken(&page, "mine.csv", 1, 0);
    let mine = shown(&page);
    assert_eq!(page.call("return await letGo()", SHORT), json!(200), "they have come");
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(shown(&page), mine);
}

/// The page with the starter prompts on it.
fn opened(site: &Site) -> Page {
    let page = Page::open(site, Gpu::None);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    page
}

/// Uses the prompts of the dialog, by the button with these words.
fn take(page: &Page, words: &str) {
    page.wait_for(words, SHORT, || (page.text(TAKE) == words).then_some(()));
    page.click(TAKE);
    page.wait_for("the dialog to go", SHORT, || (!page.is_visible(DIALOG)).then_some(()));
}

fn wait_taken(page: &Page, name: &str, n_prompts: usize, n_problems: usize) {
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let wanted = format!("{name}: {}, {}.", plural(n_prompts, "prompt"), plural(n_problems, "problem"));
    page.wait_for(&wanted, SHORT, || (page.text("[data-testid=status-message]") == wanted).then_some(()));
    assert!(!page.is_visible(DIALOG), "a clean set asks nothing");
}

/// How many prompts the panel counts, and text and facts of each that it lists.
fn shown(page: &Page) -> Value {
    let script = "const n = document.querySelector('[data-testid=prompt-count]');
        const list = [...document.querySelectorAll('.prompt-list li')];
        const text = item => [...item.querySelectorAll('.speech p')].map(part => part.textContent).join('\\n');
        const facts = item => item.querySelector('.prompt-list__facts').textContent;
        return { count: [n.value, n.max], list: list.map(item => [text(item), facts(item)]) }";
    page.driver().script(script, Vec::new())
}

fn anchor(page: &Page) -> String {
    let anchor =
        page.driver().script("return document.querySelector('[data-testid=anchor]').value", Vec::new());
    anchor.as_str().unwrap_or_default().to_owned()
}

/// What `importPrompts` gives, as the panel lists it, and how many problems it names; or why it gives nothing.
fn by_script(page: &Page, files: &Files, anchor: &str, mapping: &Value) -> Value {
    let body = format!(
        "const files = {}.map(([name, bytes]) => new File([new Uint8Array(bytes)], name));
         const shownIn = document.querySelector('[data-testid=anchor]').value;
         try {{
           const {{ prompts, problems }} = await concord.importPrompts(files, {{ anchor: {anchor:?}, mapping: {mapping} }});
           const line = ({{ text, answer }}) => {{
             const tags = Object.keys(text).sort();
             return [text[shownIn] ?? text[tags[0]], tags.join(' ') + (answer === undefined ? '' : ` · answer ${{answer}}`)];
           }};
           return [prompts.map(line), problems.length];
         }} catch (error) {{ return {{ badInput: error.message }} }}",
        json!(files)
    );
    page.call(&body, SHORT)
}

/// A zip archive of these files, by a program that is not ours.
fn zipped(page: &Page, files: &[(&str, &str)]) -> Vec<u8> {
    let path = page.driver().folder().join("made.zip");
    let script = "import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as archive:
    for name, text in json.loads(sys.argv[2]):
        archive.writestr(name, text)";
    let made = Command::new("python3").args(["-c", script]).arg(&path).arg(json!(files).to_string()).status();
    assert!(made.expect("python3 is there").success());
    std::fs::read(path).expect("the archive is there")
}

/// A workbook of one sheet, as small as a spreadsheet takes it.
fn workbook(page: &Page, rows: &[[&str; 4]]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let (package, document) = (
        "http://schemas.openxmlformats.org/package/2006",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    );
    let cell = |text: &&str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let row = |row: &[&str; 4]| format!("<row>{}</row>", row.iter().map(cell).collect::<String>());
    let sheet = format!(
        "<worksheet xmlns=\"{main}\"><sheetData>{}</sheetData></worksheet>",
        rows.iter().map(row).collect::<String>()
    );
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{document}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let types = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let content_types = format!(
        "<Types xmlns=\"{package}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"{types}.sheet.main+xml\"/>\
         <Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"{types}.worksheet+xml\"/></Types>"
    );
    let book = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{document}\"><sheets><sheet name=\"Set\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    zipped(
        page,
        &[
            ("[Content_Types].xml", &content_types),
            ("_rels/.rels", &relation("officeDocument", "xl/workbook.xml")),
            ("xl/workbook.xml", &book),
            ("xl/_rels/workbook.xml.rels", &relation("worksheet", "worksheets/sheet1.xml")),
            ("xl/worksheets/sheet1.xml", &sheet),
        ],
    )
}
