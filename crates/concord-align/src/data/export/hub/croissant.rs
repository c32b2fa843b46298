//! The folder as Croissant 1.1 describes data sets, with what responsible use asks for (RAI) and where the data came from.

use serde_json::{Value, json};

use super::super::facts::pretty;
use super::super::{RowColumn, SideFacts, names::folder};
use super::{card::method_words, languages, licence, model, repository};
use crate::data::{ColumnKind, PromptSource};

/// `croissant.json`.
pub(super) fn description(facts: &SideFacts<'_>) -> String {
    let session = facts.session;
    let encoding = if facts.options.parquet { "application/x-parquet" } else { "application/jsonlines" };
    let files: Vec<Value> = languages(facts.parts)
        .map(|(language, part)| {
            json!({
                "@type": "cr:FileObject", "@id": format!("file-{}", folder(language)), "name": part.path, "contentUrl": part.path,
                "encodingFormat": encoding, "sha256": part.sha256, "contentSize": format!("{} B", part.n_bytes),
            })
        })
        .collect();
    let records: Vec<Value> = languages(facts.parts)
        .map(|(language, _)| {
            let name = folder(language);
            let fields = facts.written.columns.iter().map(|column| field(column, &name));
            json!({ "@type": "cr:RecordSet", "@id": name, "name": name, "field": fields.collect::<Vec<_>>() })
        })
        .collect();
    let written = facts.written;
    let day: String = session.created.chars().take(10).collect();
    let name = repository(facts);
    let people = match facts.decisions.1 {
        0 => "Nobody has judged the pairs.".to_owned(),
        n => format!("{n} annotators, who are numbered in decisions.jsonl; nothing is recorded about them."),
    };
    let config = &session.config;
    let mut description = json!({
        "@context": serde_json::from_str::<Value>(CONTEXT).unwrap_or_default(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": name.rsplit('/').next().unwrap_or(name),
        "description": format!(
            "{} preference pairs (chosen and rejected responses) in {} languages. {}", written.n_pairs, languages(facts.parts).count(), method_words(config)
        ),
        "license": licence_url(&licence(facts)),
        "url": format!("https://huggingface.co/datasets/{name}"),
        "creator": { "@type": "sc:Person", "name": name.split('/').next().unwrap_or(name) },
        "datePublished": day,
        "version": "1.0.0",
        "inLanguage": languages(facts.parts).map(|(language, _)| language.as_str()).collect::<Vec<_>>(),
        "keywords": ["preference", "dpo", "multilingual", config.picked_by()],
        "distribution": files,
        "recordSet": records,
        "rai:dataCollection": format!(
            "{} prompts were answered {} times in each language by {} (temperature {}, seed {}).",
            session.prompts.len(), config.n, model(facts), config.temperature, config.seed
        ),
        "rai:dataCollectionType": ["Others"],
        "rai:machineAnnotationTools": [
            format!("Concord {}, method {}", session.app.version, config.picked_by()),
            config.encoder.clone().unwrap_or_else(|| model(facts).to_owned()),
        ],
        "rai:dataAnnotationProtocol": [
            "The method picked a chosen and a rejected response; people accepted the pair, swapped it, chose other responses, rewrote a text, or left the row out. Rows in conflict are left out."
        ],
        "rai:dataAnnotationPlatform": ["Concord, in a browser tab"],
        "rai:annotationsPerItem": format!("{} of {} pairs accepted by a person, the others by the method alone", written.n_accepted, written.n_pairs),
        "rai:annotatorDemographics": [people],
        "rai:dataLimitations": [
            "A chosen response is the better of two by one method, not necessarily a good one. Scores have no meaning across methods."
        ],
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "prov:label": "Selection of pairs, then judgement by people",
            "prov:used": [model(facts)],
            "prov:wasAssociatedWith": format!("Concord {}", session.app.version),
        },
    });
    if !config.prompt_set.is_empty() {
        description["prov:wasDerivedFrom"] = prompt_set(&config.prompt_set);
    }
    pretty(&description)
}

/// The prompt set that the pairs are from, as far as it is known.
fn prompt_set(set: &PromptSource) -> Value {
    let mut entity = json!({ "@type": "prov:Entity" });
    let source = set.hub_dataset().map(|name| format!("https://huggingface.co/datasets/{name}"));
    for (field, text) in [
        ("prov:label", set.name.clone()),
        ("sc:isBasedOn", source.unwrap_or_else(|| set.source.clone())),
        ("sc:license", known_licence(&set.licence)),
    ] {
        if !text.is_empty() {
            entity[field] = json!(text);
        }
    }
    entity
}

/// The field of a column: of a list of messages their texts. Each says in its description whether the method or a person
/// decided it.
fn field(column: &RowColumn, record: &str) -> Value {
    let (name, is_list) = (column.name, column.kind == ColumnKind::Messages);
    let kind = match column.kind {
        ColumnKind::Integer | ColumnKind::IntegerList => "sc:Integer",
        ColumnKind::Number | ColumnKind::NumberList => "sc:Float",
        ColumnKind::Flag => "sc:Boolean",
        ColumnKind::Text
        | ColumnKind::TextList
        | ColumnKind::Messages
        | ColumnKind::Turns
        | ColumnKind::Turn => "sc:Text",
    };
    let mut field = json!({
        "@type": "cr:Field", "@id": format!("{record}/{name}"), "name": name, "description": meaning(name), "dataType": kind,
        "source": { "fileObject": { "@id": format!("file-{record}") }, "extract": { "column": name } },
    });
    if is_list {
        // A path is applied to each message.
        field["source"]["transform"] = json!({ "jsonPath": "content" });
        field["isArray"] = json!(true);
        field["arrayShape"] = json!("-1");
    }
    field
}

/// What a column means, and who it is from.
fn meaning(column: &str) -> &'static str {
    match column {
        "prompt" => "What the user asks, from the prompt set.",
        "chosen" => "The better response: the method's pick, or a person's where concord_decided_by says so.",
        "rejected" => {
            "The worse response: the method's pick, or a person's where concord_decided_by says so."
        }
        "prompt_id" => "The prompt's name in the prompt set.",
        "language" => "The language as the prompt set writes it.",
        "score_chosen" | "score_rejected" => "The method's score; 0 where concord_has_scores is false.",
        "concord_margin" => "score_chosen less score_rejected.",
        "concord_status" => "accepted by a person, or undecided.",
        "concord_decided_by" => "method or person.",
        "concord_prompt_draft" => {
            "The model that translated the prompt where nobody has confirmed it, else empty."
        }
        "concord_chosen_edited" | "concord_rejected_edited" => "Whether a person rewrote the text.",
        "concord_reference" => "The response in the anchor language that the method compared with.",
        "concord_epoch" | "concord_step" | "concord_batch" | "concord_group" => {
            "Place in the training order, from 0."
        }
        _ => "Where the row comes from.",
    }
}

/// The licence of a prompt set: an address where it has one, else as it was written.
fn known_licence(licence: &str) -> String {
    let known = licence.trim().to_lowercase();
    match licence_url(&known) {
        address if address != known => address,
        _ => licence.trim().to_owned(),
    }
}

/// Croissant wants an address; licences that are known by an SPDX name have one.
fn licence_url(licence: &str) -> String {
    match licence {
        "unknown" => "unknown".to_owned(),
        known if known.starts_with("cc-by-") || known.starts_with("cc0") || known.starts_with("odc-") => {
            format!("https://spdx.org/licenses/{}.html", known.to_uppercase())
        }
        "apache-2.0" => "https://spdx.org/licenses/Apache-2.0.html".to_owned(),
        "mit" => "https://spdx.org/licenses/MIT.html".to_owned(),
        other => other.to_owned(),
    }
}

/// The context of Croissant 1.1, with PROV-O.
const CONTEXT: &str = r#"{
    "@language": "en", "@vocab": "https://schema.org/", "arrayShape": "cr:arrayShape", "citeAs": "cr:citeAs", "column": "cr:column",
        "conformsTo": "dct:conformsTo", "containedIn": "cr:containedIn", "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/", "prov": "http://www.w3.org/ns/prov#", "data": { "@id": "cr:data", "@type": "@json" },
        "dataType": { "@id": "cr:dataType", "@type": "@vocab" }, "dct": "http://purl.org/dc/terms/", "description": { "@container": "@language" },
        "equivalentProperty": "cr:equivalentProperty", "examples": { "@id": "cr:examples", "@type": "@json" }, "extract": "cr:extract",
        "field": "cr:field", "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format",
        "includes": "cr:includes", "isArray": "cr:isArray", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key",
        "md5": "cr:md5", "name": { "@container": "@language" }, "parentField": "cr:parentField", "path": "cr:path", "recordSet": "cr:recordSet",
        "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace", "samplingRate": "cr:samplingRate",
        "sc": "https://schema.org/", "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform"
}"#;
