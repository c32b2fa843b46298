#!/usr/bin/env python3
"""Loads every export of a folder with the libraries that trainers use, and holds it against the trainers' own rules.

    python3 check.py FOLDER

FOLDER has a folder for each format and `wanted.json`, the pairs before any guard. The guards are written here again, from
what trainers do with a row: what would break there must be missing, everything else must be there word for word. Prints
"all hold", or what differs, and then exits with 1.
"""

import csv
import hashlib
import json
import os
import pathlib
import re
import sys
import tempfile
import unicodedata
import warnings

os.environ.update(HF_DATASETS_OFFLINE="1", HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", TQDM_DISABLE="1")
warnings.filterwarnings("ignore")

import datasets  # noqa: E402
import mlcroissant  # noqa: E402
import pyarrow.json  # noqa: E402
import pyarrow.parquet  # noqa: E402
import yaml  # noqa: E402

datasets.disable_progress_bars()
FOLDER = pathlib.Path(sys.argv[1])
CACHE = tempfile.mkdtemp(prefix="concord-exports-")
# Columns that TRL, OpenRLHF or ms-swift read beside those of a format's own shape.
RESERVED = {
    "tools", "images", "image", "videos", "audios", "objects", "channel", "margin", "chat_template_kwargs",
    "teacher_prompt", "ref_chosen_logps", "ref_rejected_logps", "system", "query", "response", "history",
}
DATE = re.compile(r"\d{4}-\d\d-\d\d[\dT :.Z+-]*$")
problems = []


def expect(holds, what):
    if not holds:
        problems.append(what)


def comparable(text):
    return " ".join(unicodedata.normalize("NFC", text).split())


def is_blank(text):
    unseen = {chr(c) for c in (0xAD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A))}
    return all(c.isspace() or c in unseen or unicodedata.category(c) == "Cc" for c in text)


def wanted_rows():
    rows = []
    for row in json.loads((FOLDER / "wanted.json").read_text("utf-8")):
        chosen, rejected = row["chosen"].strip(), row["rejected"].strip()
        if not (is_blank(row["prompt"]) or is_blank(chosen) or is_blank(rejected)) and comparable(chosen) != comparable(rejected):
            rows.append({**row, "chosen": chosen, "rejected": rejected})
    return rows


def lines_of(path):
    data = path.read_bytes()
    text = data.decode("utf-8")
    expect(not text.startswith("\ufeff"), f"{path}: begins with a byte-order mark")
    expect(text.endswith("\n"), f"{path}: the last line is not ended")
    # Readers that use splitlines() cut at these as well.
    expect(len(text.splitlines()) == text.count("\n"), f"{path}: a line separator is not escaped")
    return [json.loads(line) for line in text.lstrip("\ufeff").split("\n") if line]


def loaded(path, features=None):
    kind = "parquet" if path.suffix == ".parquet" else "json"
    return datasets.load_dataset(kind, data_files=str(path), split="train", cache_dir=CACHE, features=features)


def columns_are_whole(name, rows):
    """Every row has every key, with one type, and no null."""
    first = {key: type(value) for key, value in rows[0].items()}
    for row in rows:
        expect({key: type(value) for key, value in row.items()} == first, f"{name}: a row has other keys or types: {row}")
    expect(not set(first) & (RESERVED - {"messages"}), f"{name}: a column that trainers read: {set(first) & RESERVED}")


def provenance(name, row, want):
    found = (row["prompt_id"], row["language"], row["concord_status"], row["concord_method"], row["concord_has_scores"])
    expect(found == (want["prompt_id"], want["language"], want["status"], "cm-align", True), f"{name}: provenance {found}")
    expect(row["concord_margin"] == 0.5 and row["concord_model"].startswith("tiny"), f"{name}: margin or model of {row}")


# ---- the trainers' own rules --------------------------------------------------------------------------------------------


def is_conversational(value):
    """TRL: a list of messages with a role and a content."""
    return isinstance(value, list) and all(isinstance(m, dict) and set(m) == {"role", "content"} for m in value) and value


def trl_explicit(row):
    assert is_conversational(row["prompt"]) and row["prompt"][-1]["role"] == "user"
    assert [m["role"] for m in row["chosen"]] == ["assistant"] == [m["role"] for m in row["rejected"]]
    return row["prompt"][0]["content"], row["chosen"][0]["content"], row["rejected"][0]["content"]


def trl_implicit(row):
    """TRL takes the messages that both sides begin with for the prompt."""
    chosen, rejected = row["chosen"], row["rejected"]
    assert is_conversational(chosen) and is_conversational(rejected)
    n = next((i for i, (a, b) in enumerate(zip(chosen, rejected)) if a != b), min(len(chosen), len(rejected)))
    return trl_explicit({"prompt": chosen[:n], "chosen": chosen[n:], "rejected": rejected[n:]})


def openrlhf(row):
    """With a prompt key: list + list."""
    both = [row["prompt"] + row[side] for side in ("chosen", "rejected")]
    assert all([m["role"] for m in messages] == ["user", "assistant"] for messages in both)
    return both[0][0]["content"], both[0][1]["content"], both[1][1]["content"]


def axolotl(row):
    """The response is looked for in the rendered text, of a template that trims; not found, or empty, it is lost."""
    for side in ("chosen", "rejected"):
        content = row[side][-1]["content"]
        rendered = f"<user>{row['prompt'][0]['content'].strip()}<assistant>{content.strip()}<end>"
        assert rendered.find(content) > 0 and content.strip() == content
    return trl_explicit(row)


def llama_factory(row):
    """With a ranking: an odd number of turns that ends on the user, and sides that are dicts."""
    turns = row["conversations"]
    assert len(turns) % 2 == 1 and turns[-1]["from"] == "human"
    assert all(isinstance(row[side], dict) and row[side]["from"] == "gpt" for side in ("chosen", "rejected"))
    return turns[0]["value"], row["chosen"]["value"], row["rejected"]["value"]


def ms_swift(row):
    """The rejected response differs from the last message."""
    messages = row["messages"]
    assert [m["role"] for m in messages] == ["user", "assistant"] and isinstance(row["rejected_response"], str)
    assert row["rejected_response"] != messages[-1]["content"]
    return messages[0]["content"], messages[1]["content"], row["rejected_response"]


def ultrafeedback(row):
    assert isinstance(row["prompt"], str) and row["messages"] == row["chosen"] and isinstance(row["score_chosen"], float)
    both = trl_implicit(row)
    assert both[0] == row["prompt"]
    return both


RULES = {
    "trl": [trl_explicit, openrlhf, axolotl],
    "trl-implicit": [trl_implicit],
    "llama-factory": [llama_factory],
    "ms-swift": [ms_swift],
    "ultrafeedback": [ultrafeedback],
    "full": [trl_explicit, openrlhf, axolotl],
}


def check_rows(name, rows, wanted):
    expect(len(rows) == len(wanted), f"{name}: {len(rows)} rows, not {len(wanted)}")
    for row, want in zip(rows, wanted):
        provenance(name, row, want)
        for rule in RULES[name]:
            try:
                texts = rule(row)
            except (AssertionError, KeyError, TypeError, IndexError, AttributeError) as error:
                problems.append(f"{name}: {rule.__name__} refuses {row}: {error!r}")
                continue
            expect(texts == (want["prompt"], want["chosen"], want["rejected"]), f"{name}: {rule.__name__} reads {texts}")


def check_kto(rows, wanted):
    sides = [(want, side) for want in wanted for side in ("chosen", "rejected")]
    expect(len(rows) == len(sides), f"kto: {len(rows)} rows, not {len(sides)}")
    for row, (want, side) in zip(rows, sides):
        provenance("kto", row, want)
        texts = (row["prompt"][0]["content"], row["completion"][0]["content"], row["label"])
        expect(texts == (want["prompt"], want[side], side == "chosen"), f"kto: {texts}")
        expect(is_conversational(row["completion"]) and row["label"] in (True, False), f"kto: {row}")


def check_format(name, wanted):
    [path] = sorted((FOLDER / name).glob("pairs.*.jsonl"))
    rows = lines_of(path)
    columns_are_whole(name, rows)
    # pyarrow reads what Python reads; a whole column of dates becomes timestamps, which the page warns of.
    table = pyarrow.json.read_json(str(path))
    expect(table.num_rows == len(rows) and table.column_names == list(rows[0]), f"{name}: pyarrow reads other columns")
    expect(not any("null" in str(kind) for kind in table.schema.types), f"{name}: a column of nulls: {table.schema}")
    dataset = loaded(path)
    expect(dataset.num_rows == len(rows), f"{name}: datasets reads {dataset.num_rows} rows of {len(rows)}")
    if len(rows) < 1000:
        expect(dataset.to_list() == rows, f"{name}: datasets reads other values")
    check_kto(rows, wanted) if name == "kto" else check_rows(name, rows, wanted)
    run = json.loads((FOLDER / name / "concord-run.json").read_text("utf-8"))
    expect(run["export"]["format"] == name and run["nPairs"] == len(wanted), f"{name}: concord-run.json says {run}")
    for part in run["files"]:
        found = hashlib.sha256((FOLDER / name / part["path"]).read_bytes()).hexdigest()
        expect(found == part["sha256"], f"{name}: {part['path']} has another hash")
    return len(rows)


def check_parquet(name):
    """The rows of the lines, with the types that these have, whatever a text looks like."""
    [lines] = sorted((FOLDER / name).glob("pairs.*.jsonl"))
    [path] = sorted((FOLDER / f"{name}-parquet").glob("pairs.*.parquet"))
    rows = lines_of(lines)
    table = pyarrow.parquet.read_table(path)
    expect(table.column_names == list(rows[0]), f"{name}-parquet: columns {table.column_names}")
    expect(table.to_pylist() == rows, f"{name}-parquet: pyarrow reads other rows")
    expect(not any("timestamp" in str(kind) for kind in table.schema.types), f"{name}-parquet: {table.schema}")
    dataset = datasets.load_dataset("parquet", data_files=str(path), split="train", cache_dir=CACHE)
    expect(dataset.num_rows == len(rows), f"{name}-parquet: datasets reads {dataset.num_rows} rows of {len(rows)}")
    if len(rows) < 1000:
        expect(dataset.to_list() == rows, f"{name}-parquet: datasets reads other values")
    run = json.loads((FOLDER / f"{name}-parquet" / "concord-run.json").read_text("utf-8"))
    for part in run["files"]:
        found = hashlib.sha256((FOLDER / f"{name}-parquet" / part["path"]).read_bytes()).hexdigest()
        expect(found == part["sha256"], f"{name}-parquet: {part['path']} has another hash")


def check_dataset_info(folder):
    entries = json.loads((folder / "dataset_info.json").read_text("utf-8"))
    expect(bool(entries), f"{folder}: dataset_info.json is empty")
    for entry in entries.values():
        expect(entry["ranking"] is True and entry["formatting"] == "sharegpt", f"{folder}: {entry}")
        expect(set(entry["columns"]) == {"messages", "chosen", "rejected"}, f"{folder}: {entry}")
        dataset = loaded(folder / entry["file_name"])
        for column in entry["columns"].values():
            expect(column in dataset.column_names, f"{folder}: {entry['file_name']} has no column {column}")
    return entries


def check_hub(folder, wanted):
    is_parquet = folder.name.endswith("-parquet")
    card = yaml.safe_load((folder / "README.md").read_text("utf-8").split("---\n")[1])
    languages = list(dict.fromkeys(row["language"] for row in wanted))
    expect(sorted(card["language"]) == sorted({tag.split("-")[0] for tag in languages}), f"hub: language is {card['language']}")
    expect(card["license"] == "cc-by-4.0" and card["size_categories"] == [size(len(wanted))], f"hub: {card}")
    said = json.loads((folder / "concord-run.json").read_text("utf-8"))["config"].get("promptSet", {})
    known = "juletxara/mgsm" if said else "extended"
    expect(card["source_datasets"] == [known], f"hub: source_datasets is {card['source_datasets']}")
    files = sorted(folder.glob("data/*/train.*"))
    licences = {row["concord_licence"] for path in files for row in (pyarrow.parquet.read_table(path).to_pylist() if is_parquet else lines_of(path))}
    expect(licences == {said.get("licence", "")}, f"hub: licences of rows are {licences}")
    names = [config["config_name"] for config in card["configs"]]
    expect(len(names) == len(set(names)) == len(languages) + 1, f"hub: configurations {names}")
    every = next(config["config_name"] for config in card["configs"] if config.get("default"))
    texts = 0
    for name in [every, *languages]:
        dataset = datasets.load_dataset(str(folder), name, split="train", cache_dir=CACHE)
        mine = [row for row in wanted if name in (every, row["language"])]
        expect(dataset.num_rows == len(mine), f"hub: {name} has {dataset.num_rows} rows, not {len(mine)}")
        for column, feature in dataset.features.items():
            expect("timestamp" not in str(feature) and "null" not in str(feature), f"hub: {name}.{column} is {feature}")
        if name != every and is_parquet and len(mine) < 100:
            check_rows("full", dataset.to_list(), mine)
            expect("looks like a date" not in left_out(folder, name), f"hub: {name}: Parquet needs no warning of dates")
        elif name != every and len(mine) < 100:
            # A loader guesses the type of a column of dates before the card is asked: the export says so, and what to do.
            path = folder / f"data/{name}/train.jsonl"
            is_dates = all(DATE.match(row[side]) for row in mine for side in ("chosen", "rejected"))
            expect(is_dates == ("looks like a date" in left_out(folder, name)), f"hub: {name}: what is said of dates")
            check_rows("full", (by_parquet(path) if is_dates else dataset).to_list(), mine)
        texts += dataset.num_rows
    expect(texts == 2 * len(wanted), f"hub: {texts} rows in all")
    entries = check_dataset_info(folder)
    expect(len(entries) == len(languages), f"hub: dataset_info.json has {list(entries)}")
    for entry in entries.values():
        for row in lines_of(folder / entry["file_name"]):
            llama_factory(row)
    check_croissant(folder, wanted, languages)
    check_decisions(folder)


def by_parquet(path):
    """The lines as an export with columns of dates says to read them."""
    file = pathlib.Path(CACHE) / "rows.parquet"
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(lines_of(path)), file)
    return datasets.load_dataset("parquet", data_files=str(file), split="train", cache_dir=CACHE)


def left_out(folder, language):
    """What the list of an export says of a language's file as a whole."""
    path = folder / "rows-left-out.csv"
    if not path.exists():
        return ""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expect(not any(cell[:1] in "=+-@\t\r" for row in rows for cell in row.values() if cell), f"{path}: a formula")
    return " ".join(row["reason"] for row in rows if row["row"] == "0" and row["language"] == language)


def size(n):
    return "n<1K" if n < 1000 else "1K<n<10K" if n < 10_000 else "10K<n<100K"


def check_croissant(folder, wanted, languages):
    described = json.loads((folder / "croissant.json").read_text("utf-8"))
    for name in ("name", "description", "license", "url", "creator", "datePublished", "conformsTo", "distribution", "recordSet"):
        expect(bool(described.get(name)), f"croissant: {name} is missing")
    for name in ("dataCollection", "machineAnnotationTools", "dataAnnotationProtocol", "annotationsPerItem", "dataLimitations"):
        expect(bool(described.get(f"rai:{name}")), f"croissant: rai:{name} is missing")
    expect("prov:wasGeneratedBy" in described, "croissant: no provenance")
    for file in described["distribution"]:
        found = hashlib.sha256((folder / file["contentUrl"]).read_bytes()).hexdigest()
        expect(found == file["sha256"], f"croissant: {file['contentUrl']} has another hash")
    dataset = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    issues = dataset.metadata.ctx.issues
    expect(not issues.errors, f"croissant: {issues.errors}")
    for language in languages if len(wanted) < 1000 else languages[:1]:
        mine = [row for row in wanted if row["language"] == language]
        records = list(dataset.records(record_set=language))
        expect(len(records) == len(mine), f"croissant: {language} has {len(records)} records, not {len(mine)}")
        for record, want in zip(records, mine):
            texts = [[text(one) for one in record[f"{language}/{name}"]] for name in ("prompt", "chosen", "rejected")]
            expect(texts == [[want[name]] for name in ("prompt", "chosen", "rejected")], f"croissant: {texts}")
            expect(text(record[f"{language}/prompt_id"]) == want["prompt_id"], f"croissant: {record}")


def text(value):
    return value.decode("utf-8") if isinstance(value, bytes) else value


def check_decisions(folder):
    path = folder / "decisions.jsonl"
    if path.stat().st_size:
        rows = lines_of(path)
        expect({row["annotator"] for row in rows} <= {"annotator-1", "annotator-2"}, f"hub: who decided: {rows}")
        expect([row["day"] for row in rows] == sorted(row["day"] for row in rows), f"hub: days {rows}")
        expect(loaded(path).num_rows == len(rows), "hub: the log of decisions does not load")


def main():
    wanted = wanted_rows()
    try:
        n = {name: check_format(name, wanted) for name in [*RULES, "kto"]}
        for name in n:
            check_parquet(name)
        check_dataset_info(FOLDER / "llama-factory")
        check_dataset_info(FOLDER / "llama-factory-parquet")
        for name in ("hub", "hub-parquet"):
            check_hub(FOLDER / name, wanted)
    except Exception as error:  # A library that refuses a file is what this looks for.
        problems.append(f"{type(error).__name__}: {error}")
        n = {}
    for problem in problems[:20]:
        print(f"differs: {problem[:600]}")
    if not problems:
        print(f"all hold: {len(wanted)} pairs, {n['trl']} rows")
    sys.exit(bool(problems))


main()
