//! The examples of `docs/scripting.md` run as they stand, in order and in one scope.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use browser_tests::synthetic::PARTS;
use browser_tests::unsteady::Unsteady;
use serde_json::{Map, Value, json};

use crate::LONG;
use crate::encoder::encoder;

/// The blocks of JavaScript on the page.
fn blocks() -> Vec<String> {
    let path = xtask::shell::root().join("docs/scripting.md");
    let text = std::fs::read_to_string(path).expect("docs/scripting.md is there");
    let parts = text.split("\n```js\n").skip(1);
    parts.map(|part| part.split("\n```").next().unwrap_or_default().to_owned()).collect()
}

/// What the examples find around them: a mirror of the Hub, and file inputs in which somebody has picked files.
fn surroundings(server: &Unsteady) -> String {
    let mirror = server.url("");
    let files: Vec<_> = encoder().into_iter().map(|(name, bytes)| json!([name, bytes])).collect();
    format!(
        "const mirror = {};
         const fileInput = {{ files: await Promise.all({}.map(async name =>
             new File([await (await fetch(mirror + '/parts/' + name)).arrayBuffer()], name))) }};
         const encoderInput = {{ files: {}.map(([name, bytes]) => new File([new Uint8Array(bytes)], name)) }};",
        json!(mirror),
        json!(PARTS),
        json!(files)
    )
}

#[test]
fn every_example_runs_and_gives_what_its_comments_say() {
    let blocks = blocks();
    assert!(blocks.len() > 15, "{} examples were read", blocks.len());
    let (site, server) = (Site::start(), Unsteady::start());
    let page = Page::open(&site, Gpu::None);
    // A mark before each block, so that a failure says which one.
    let marked: Vec<String> =
        blocks.iter().enumerate().map(|(at, block)| format!("window.__example = {at};\n{block}")).collect();
    let body = format!(
        "{}\n{}\n
         return {{
             tokens: text === 'Lucy has 3 apples.' && logits.length === info.vocabSize,
             responses: responses.length === 4 && responses.every(r => r.tokens.length === r.logprobs.length),
             vectors: apples.length === info.dim && aepfel.length === info.dim && one.length === two.length,
             encoder: encoder.pooling === 'mean',
             stored: stored.isComplete && (await concord.storedModels()).length === 0,
             session: session.responses.length === 2 * 3 * 4 && session.pairs.length === 2 * 3,
             file: (await blob.text()).split('\\n').filter(line => line).length
                 === session.pairs.filter(pair => pair.chosen !== null).length - blob.problems.filter(p => p.leftOut).length,
             resumed: whole.responses.length === 2 * 2 * 2 && whole.responses.every(r => r.finishReason !== 'cancelled'),
             rerun: longer.config.maxTokens === 24,
             measured: measured.measurements.instructed.length > 0 && measured.measurements.representations.length === 2,
             selected: pairs.length === session.pairs.length && references.length === 2,
             agreement: withMethod.all.cell.decided === 0 && withMethod.byMargin.length > 0 && people.actors.length === 0
                 && repeats.length === 0 && conflicts.length === 0 && people.all.alpha.undefined === 'too-few-units',
             prompts: mine.length === prompts.length && problems.length === 0 && !!spellings,
             answer: JSON.stringify(answer)
                 === JSON.stringify({{ value: '70000', rule: 'marker', start: 9, end: 15, ambiguous: [] }}),
             objects: {{
                 Environment: await concord.ready, ModelInfo: info, Memory: memory, StoredModel: stored, Prompt: prompts[0],
                 Generated: responses[0], ExtractedAnswer: answer, Session: {{...session}}, SessionConfig: session.config,
                 SessionResponse: session.responses[0], Reference: session.references[0], Pair: session.pairs[0],
                 Similarity: session.similarities[0], Measurements: measured.measurements,
                 RowScores: measured.measurements.instructed[0], Representations: measured.measurements.representations[0],
                 AgreementReport: await concord.agreement(session), Coefficient: people.all.alpha, Reliability: people.all,
                 GroupAgreement: withMethod.all, AgreementCell: withMethod.all.cell,
                 Counters: await concord.counters(), Message: {{ role: 'user', content: '' }},
             }},
             counters: [promptTokensEvaluated, tokensGenerated, bytesReadBack, peakHeapBytes, gpuBytes].every(Number.isFinite),
         }}",
        surroundings(&server),
        marked.join("\n")
    );
    let outcome = page.try_call(&body, LONG).unwrap_or_else(|rejection| {
        let at = page.driver().script("return window.__example", Vec::new()).as_u64().unwrap_or_default();
        panic!("{rejection:?} in this example:\n{}", blocks[at as usize])
    });
    let mut held = outcome.as_object().expect("a list of what holds").clone();
    the_types_are_those(held.remove("objects").as_ref().and_then(Value::as_object).expect("objects"));
    let broken: Vec<&String> =
        held.iter().filter(|(_, holds)| **holds != json!(true)).map(|(what, _)| what).collect();
    assert!(broken.is_empty(), "these are not as the page says: {broken:?}");
}

/// Every field of an object is declared in `www/concord.d.ts`, and every declared one that is not optional is there.
fn the_types_are_those(objects: &Map<String, Value>) {
    let path = xtask::shell::root().join("www/concord.d.ts");
    let types = std::fs::read_to_string(path).expect("www/concord.d.ts is there");
    let mut differences = Vec::new();
    for (name, object) in objects {
        let mut declared = fields(&types, name);
        match name.as_str() {
            "SessionConfig" => {
                declared.extend(fields(&types, "Sampling").into_iter().map(|(field, _)| (field, false)))
            }
            // What `build` adds to it.
            "Session" => declared.push(("problems".to_owned(), false)),
            _ => {}
        }
        let found = object.as_object().unwrap_or_else(|| panic!("there is no {name}: {object}"));
        let is_declared = |field: &String| declared.iter().any(|(name, _)| name == field);
        differences
            .extend(found.keys().filter(|f| !is_declared(f)).map(|f| format!("{name}.{f} is not declared")));
        let missing = declared.iter().filter(|(field, is_needed)| *is_needed && !found.contains_key(field));
        differences.extend(missing.map(|(field, _)| format!("{name}.{field} is declared and not there")));
    }
    assert!(differences.is_empty(), "www/concord.d.ts differs from what the page gives: {differences:#?}");
}

/// The fields of an interface, and whether each is always there.
fn fields(types: &str, interface: &str) -> Vec<(String, bool)> {
    let marks =
        [format!("export interface {interface} {{"), format!("export interface {interface} extends ")];
    let begin = marks.iter().find_map(|mark| types.find(mark.as_str()).map(|at| at + mark.len()));
    let body = &types[begin.unwrap_or_else(|| panic!("no interface {interface}"))..];
    let body = if types[..types.len() - body.len()].ends_with('{') {
        body
    } else {
        &body[body.find('{').expect("a body") + 1..]
    };
    let (mut depth, mut members, mut member) = (0, Vec::new(), String::new());
    for line in body.lines() {
        for c in line.split("//").next().unwrap_or_default().chars() {
            match c {
                '}' if depth == 0 => {
                    members.push(member);
                    let named = members.iter().filter_map(|member| member.split_once(':'));
                    let field = |(name, _): (&str, &str)| {
                        let name = name.trim();
                        (name.trim_end_matches('?').to_owned(), !name.ends_with('?'))
                    };
                    return named.map(field).collect();
                }
                ';' if depth == 0 => members.push(std::mem::take(&mut member)),
                _ => {
                    depth += i32::from("{[<(".contains(c)) - i32::from("}]>)".contains(c));
                    member.push(c);
                }
            }
        }
    }
    panic!("the interface {interface} does not end")
}
