//! A run that is done elsewhere: the page writes its folder, the real llama-server answers its requests by the folder's own
//! script, and the page takes the results back: first a part of them, then all.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use browser_tests::driver::Gpu;
use browser_tests::llama::LlamaServer;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::desk::{ROW, decide, session};
use crate::{LONG, SHORT};

const DIALOG: &str = "[data-testid=responses-dialog]";
/// What opens the panel about the model, and in it the form of the job.
pub(crate) const MODEL: &str = "section:has(#model-title) > details:has([data-testid=job-model]) > summary";
const FORM: &str = "details details:has([data-testid=job-model]) > summary";

fn python(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("python3").current_dir(folder).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    said
}

/// The folder as the page wrote it, unpacked.
pub(crate) fn written(page: &Page) -> PathBuf {
    page.click(FORM);
    page.set("[data-testid=job-model]", "concord/teaching-model");
    page.set("[data-testid=job-server]", "llama-server");
    page.click("[data-testid=download-job]");
    let zip = page.downloaded("zip", SHORT);
    let folder = zip.parent().unwrap().to_owned();
    python(&folder, &["-m", "zipfile", "-e", zip.to_str().unwrap(), "."]);
    fs::remove_file(&zip).unwrap();
    zip.with_extension("")
}

/// Opens files of the job and says what the dialog says of them.
fn picked(page: &Page, files: &[(&str, Vec<u8>)]) -> Vec<String> {
    page.pick_files("[data-testid=open-responses]", files);
    page.wait_visible("[data-testid=job-said]", LONG);
    said(page)
}

pub(crate) fn said(page: &Page) -> Vec<String> {
    page.text("[data-testid=job-said]").lines().map(str::to_owned).collect()
}

#[test]
fn a_job_goes_to_a_server_and_comes_back_in_parts_and_whole() {
    let (site, server) = (Site::start(), LlamaServer::start());
    let page = Page::open(&site, Gpu::None);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    page.set("[data-testid=prompt-count]", "2");
    page.click(MODEL);
    // Without a model's name there is no job, and the page says so.
    page.click(FORM);
    assert_eq!(page.violations("section:has(#model-title)"), Vec::<String>::new());
    page.click("[data-testid=download-job]");
    page.wait_for("what is missing", SHORT, || {
        page.text("[data-testid=fault]").contains("Name the model that the server is to run").then_some(())
    });
    page.click(FORM);

    let folder = written(&page);
    let said = python(&folder, &["run/server.py", "--url", &server.url(), "--wait", "0.1"]);
    assert!(said.contains("0 refused, 0 missing"), "{said}");
    let results = fs::read_to_string(folder.join("results/results-gen-00000.jsonl")).unwrap();
    let (job, prompts) = ("job.json", "prompts.jsonl");
    let of_folder = |name: &str| fs::read(folder.join(name)).unwrap();

    // Results alone are not enough to know what they are of.
    page.click("section:has(#prompts-title) > details:has(#paste-prompts) > summary");
    page.pick_files("[data-testid=open-responses]", &[("results.jsonl", results.clone().into_bytes())]);
    page.wait_for("the refusal", SHORT, || {
        let fault = page.texts("[data-testid=fault]").concat();
        fault.contains("choose them together with its job.json and prompts.jsonl").then_some(())
    });

    // A part: half the lines, and the last of them cut.
    let half = &results[..results.len() / 2];
    let part = [
        (job, of_folder(job)),
        (prompts, of_folder(prompts)),
        ("manifest.json", of_folder("manifest.json")),
        ("part.jsonl", half.as_bytes().to_vec()),
    ];
    let said = picked(&page, &part);
    assert!(said[0].contains(" are missing."), "{said:?}");
    assert!(said.contains(&"1 line cut off at the end of part.jsonl.".to_owned()), "{said:?}");
    assert_eq!(page.violations(DIALOG), Vec::<String>::new());
    page.click("[data-testid=download-missing]");
    let missing = fs::read_to_string(page.downloaded("jsonl", SHORT)).unwrap();
    let asked = fs::read_to_string(folder.join("requests-gen-00000.jsonl")).unwrap();
    assert!(
        missing.lines().count() > 0 && missing.lines().all(|line| asked.lines().any(|known| known == line))
    );
    page.click("[data-testid=cancel-responses]");

    one_of_two_models_is_chosen(&page, &results, &of_folder);

    // The part is enough to begin with.
    picked(&page, &part);
    assert!(!page.is_visible("[data-testid=add-responses]"), "no session of this job is open");
    page.click("[data-testid=use-responses]");
    open_and_pick(&page, "is open");
    let earlier = judged(&page);
    let decided = n_decided(&page);

    // All, as a zip, with the part once more: the same again changes nothing.
    fs::write(folder.join("results/again.jsonl"), half).unwrap();
    let zip = folder.with_extension("zip");
    let name = folder.file_name().unwrap().to_str().unwrap();
    python(folder.parent().unwrap(), &["-m", "zipfile", "-c", zip.to_str().unwrap(), name]);
    let said = picked(&page, &[("job.zip", fs::read(&zip).unwrap())]);
    assert!(said[0].starts_with("All ") && said[0].ends_with(" responses are here."), "{said:?}");
    assert_eq!(page.violations(DIALOG), Vec::<String>::new());
    page.click("[data-testid=add-responses]");
    // They are compared and picked at once, as before.
    picked_pairs(&page);
    assert_eq!(n_decided(&page), decided);
    assert!(!page.is_visible("[data-testid=all-decided]"), "there is more to decide now");
    let continued = session(&page);
    // After a reload it is all there, so it was stored.
    page.reload();
    page.wait_visible(ROW, SHORT);
    assert_eq!(session(&page), continued);
    check(&continued, &results, name);
    assert_eq!((&continued["events"], &continued["created"]), (&earlier["events"], &earlier["created"]));
    assert_eq!(n_decided(&page), decided);
    page.click("section:has(#prompts-title) > details:has(#paste-prompts) > summary");
    picked(&page, &[("job.zip", fs::read(&zip).unwrap())]);
    assert_eq!(page.text("[data-testid=later-said]"), "The open session has all of these responses.");

    // The same as a session of its own: the same pairs, but nothing is decided.
    page.click("[data-testid=use-responses]");
    open_and_pick(&page, "job.zip is open");
    let whole = session(&page);
    check(&whole, &results, name);
    for part in ["responses", "references", "pairs", "prompts", "similarities"] {
        assert_eq!(continued[part], whole[part], "{part}");
    }
    assert_eq!(page.driver().console(), Vec::<String>::new());
}

/// Waits for a session and picks its pairs.
fn open_and_pick(page: &Page, said: &str) {
    page.wait_for("the session", LONG, || {
        page.text("[data-testid=status-message]").contains(said).then_some(())
    });
    page.wait_visible("[data-testid=pick-note]", SHORT);
    page.click("[data-testid=pick-pairs]");
    picked_pairs(page);
}

/// How many rows are accepted, and how many are left out.
fn n_decided(page: &Page) -> [String; 2] {
    ["accepted", "left-out"].map(|filter| page.text(&format!("[data-testid=filter-{filter}] .number")))
}

fn picked_pairs(page: &Page) {
    page.wait_for("the pairs", LONG, || {
        page.text("[data-testid=status-message]").starts_with("Done.").then_some(())
    });
}

/// The open session after somebody has accepted a row of it and left all others out.
fn judged(page: &Page) -> Value {
    page.click("[data-testid=look-focus]");
    page.wait_visible(ROW, SHORT);
    decide(page, 'a');
    while !page.is_visible("[data-testid=all-decided]") {
        decide(page, 'x');
    }
    let [n_accepted, n_left_out] = n_decided(page);
    assert!(n_accepted == "1" && n_left_out != "0", "{n_left_out} left out");
    // The files are opened from the rail.
    page.click("[data-testid=fold-rail]");
    session(page)
}

fn one_of_two_models_is_chosen(page: &Page, results: &str, of_folder: &dyn Fn(&str) -> Vec<u8>) {
    let (first, others) = results.split_at(results.find('\n').unwrap() + 1);
    let line: Value = serde_json::from_str(first).unwrap();
    let mixed = first.replace(line["response"]["body"]["model"].as_str().unwrap(), "somebody/else") + others;
    let mut files = ["job.json", "prompts.jsonl"].map(|name| (name, of_folder(name))).to_vec();
    files.push(("mixed.jsonl", mixed.into_bytes()));
    page.pick_files("[data-testid=open-responses]", &files);
    page.wait_visible("[data-testid=choose-served]", LONG);
    assert!(page.text("[data-testid=responses-refusal]").starts_with("Results of 2 models:"));
    let choices = page.texts("[data-testid=choose-served]");
    let second = choices[1].split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(choices.len() == 2 && second.ends_with(" responses of somebody/else"), "{choices:?}");
    assert_eq!(page.violations(DIALOG), Vec::<String>::new());
    page.click("[data-testid=choose-served]");
    page.wait_for("the choice", LONG, || (!page.is_visible("[data-testid=choose-served]")).then_some(()));
    assert!(said(page)[0].contains(" are missing."), "{:?}", said(page));
    assert!(page.text("[data-testid=use-responses]").ends_with(" responses for review"));
    page.click("[data-testid=cancel-responses]");
}

/// The session has every text that the server gave, with its log-prob, and says where it came from.
fn check(session: &Value, results: &str, folder: &str) {
    let responses = session["responses"].as_array().unwrap();
    let mut texts: Vec<&str> = responses.iter().map(|response| response["text"].as_str().unwrap()).collect();
    let lines: Vec<Value> = results.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let choices = lines.iter().flat_map(|line| line["response"]["body"]["choices"].as_array().unwrap());
    let mut served: Vec<&str> =
        choices.map(|choice| choice["message"]["content"].as_str().unwrap()).collect();
    texts.sort_unstable();
    served.sort_unstable();
    assert_eq!(texts, served);
    assert!(responses.iter().all(|response| response["logprob"].as_f64().is_some_and(|sum| sum < 0.0)));
    assert!(responses.iter().any(|response| !response["answer"].is_null()));
    let handoff = &session["handoff"];
    assert!(folder.ends_with(&handoff["job"].as_str().unwrap()[..8]), "{handoff}");
    assert_eq!((&handoff["missing"], &handoff["server"]), (&json!(0), &json!("llama-server")));
    assert_eq!(handoff["imported"].as_array().unwrap().len(), 2, "{handoff}");
    assert_eq!(session["model"]["name"], json!("concord/teaching-model"));
}

/// Vectors that an encoder might give: texts that begin alike are alike.
fn vectors(requests: &str) -> String {
    let line = |line: &str| {
        let request: Value = serde_json::from_str(line).unwrap();
        let inputs = request["body"]["input"].as_array().unwrap().iter().zip(0..);
        let data: Vec<Value> = inputs
            .map(|(text, index)| {
                let text = text.as_str().unwrap().strip_prefix("passage: ").unwrap();
                let mut vector = [0.1_f32; 16];
                text.bytes().for_each(|byte| vector[usize::from(byte % 16)] += 1.0);
                json!({ "index": index, "embedding": vector })
            })
            .collect();
        let body = json!({ "model": request["body"]["model"], "data": data });
        let response = json!({ "status_code": 200, "body": body });
        format!("{}\n", json!({ "custom_id": request["custom_id"], "error": null, "response": response }))
    };
    requests.lines().map(line).collect()
}

#[test]
fn an_encoder_on_the_server_compares_responses_that_no_answer_decides() {
    let (site, server) = (Site::start(), LlamaServer::start());
    let page = Page::open(&site, Gpu::None);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    let zip = page.call(
        "const text = { en: 'Tom has 3 apples and buys 4. How many has he?', de: 'Tom hat 3 Äpfel und kauft 4. Wie viele hat er?' };
         const prompts = ['a', 'b'].map(id => ({ id, task: 'general', text }));
         const config = { languages: ['en', 'de'], n: 4, temperature: 1.0, maxTokens: 24 };
         const zip = await concord.handOff(prompts, { model: 'concord/teaching-model', server: 'llama-server', config });
         return [zip.name, [...new Uint8Array(await zip.arrayBuffer())]];",
        SHORT,
    );
    let name = zip[0].as_str().unwrap().trim_end_matches(".zip");
    let path = page.driver().folder().join("job.zip");
    let bytes: Vec<u8> = zip[1].as_array().unwrap().iter().map(|byte| byte.as_u64().unwrap() as u8).collect();
    fs::write(&path, bytes).unwrap();
    let parent = path.parent().unwrap();
    python(parent, &["-m", "zipfile", "-e", "job.zip", "."]);
    let folder = parent.join(name);
    python(&folder, &["run/server.py", "--url", &server.url(), "--wait", "0.1"]);
    let zipped = || {
        python(parent, &["-m", "zipfile", "-c", "job.zip", name]);
        fs::read(&path).unwrap()
    };

    page.click("section:has(#prompts-title) > details:has(#paste-prompts) > summary");
    let said = picked(&page, &[("job.zip", zipped())]);
    assert_eq!(said[0], "All 16 responses are here.");
    page.click("[data-testid=embed-form] > summary");
    assert_eq!(page.violations(DIALOG), Vec::<String>::new());
    page.set("[data-testid=embed-model]", "lab/encoder");
    page.set("[data-testid=embed-prefix]", "passage: ");
    page.click("[data-testid=download-embed]");
    let downloaded = page.downloaded("jsonl", SHORT);
    let requests = fs::read_to_string(&downloaded).unwrap();
    fs::remove_file(downloaded).unwrap();
    let first: Value = serde_json::from_str(requests.lines().next().unwrap()).unwrap();
    assert_eq!((&first["url"], &first["body"]["model"]), (&json!("/v1/embeddings"), &json!("lab/encoder")));
    page.click("[data-testid=cancel-responses]");
    let n_texts = requests.matches("\"passage: ").count();

    // A part of the vectors: what is missing is asked for again, and nothing else.
    let vectors = vectors(&requests);
    let rest = vectors.find('\n').unwrap() + 1;
    fs::write(folder.join("results/results-embed-00000.jsonl"), &vectors[..rest]).unwrap();
    let said = picked(&page, &[("job.zip", zipped())]);
    assert!(
        said.iter().any(|line| line.ends_with(&format!(" of {n_texts} responses have a vector."))),
        "{said:?}"
    );
    page.set("[data-testid=embed-model]", "lab/encoder");
    page.set("[data-testid=embed-prefix]", "passage: ");
    page.click("[data-testid=embed-form] > summary");
    page.click("[data-testid=download-embed]");
    let again = fs::read_to_string(page.downloaded("jsonl", SHORT)).unwrap();
    assert_eq!(again.lines().collect::<Vec<_>>(), requests.lines().skip(1).collect::<Vec<_>>());
    page.click("[data-testid=cancel-responses]");

    fs::write(folder.join("results/results-embed-00001.jsonl"), &vectors[rest..]).unwrap();
    let said = picked(&page, &[("job.zip", zipped())]);
    assert!(said.contains(&format!("{n_texts} of {n_texts} responses have a vector.")), "{said:?}");
    assert!(!page.is_visible("[data-testid=embed-form]"));
    page.click("[data-testid=use-responses]");
    page.wait_for("the pairs", LONG, || {
        let status = page.text("[data-testid=status-message]");
        (status.starts_with("job.zip is open. ") && status.contains("pair")).then_some(())
    });
    let whole = session(&page);
    assert_eq!(whole["config"]["encoder"], json!("lab/encoder"));
    assert_eq!(whole["similarities"].as_array().unwrap().len(), 2);
    let pairs = whole["pairs"].as_array().unwrap();
    assert!(pairs.iter().any(|pair| !pair["chosen"].is_null()), "{pairs:?}");
    assert_eq!(page.driver().console(), Vec::<String>::new());
}
