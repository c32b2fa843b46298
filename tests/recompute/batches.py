"""The composition of batches, their statistics, and the exported order."""

import json
from collections import Counter, defaultdict

from compare import near, same
from splitmix import SplitMix64


def compose(items, anchor, settings):
    """Units in shuffled order by epoch, the rows of a batch of complete groups, and the remainder with reasons."""
    kind, left = settings["composition"], {}
    groups = defaultdict(list)
    for at, item in enumerate(items):
        groups[item["promptId"]].append(at)
    language = lambda at: items[at]["language"]
    groups = [sorted(groups[prompt], key=lambda at: (language(at), at)) for prompt in sorted(groups)]
    numbers = {at: number for number, group in enumerate(groups) for at in group}
    if kind != "random":
        kept = []
        for group in groups:
            if kind == "anchor-excluded":
                left.update({at: "anchor-excluded" for at in group if language(at) == anchor})
                group = [at for at in group if language(at) != anchor]
            tags = {language(at) for at in group}
            if kind == "anchor-included" and anchor not in tags:
                left.update({at: "no-anchor-pair" for at in group})
            elif len(tags) == 1:
                left.update({at: "one-language" for at in group})
            elif group:
                kept.append(group)
        if settings["completeGroupsOnly"]:
            n_all = len({language(at) for group in kept for at in group})
            for group in kept:
                if len(group) != n_all:
                    left.update({at: "incomplete" for at in group})
            kept = [group for group in kept if len(group) == n_all]
        groups = kept
    tags = sorted({language(at) for group in groups for at in group})
    size = settings["groupsPerBatch"] * len(tags)
    per_batch = size if kind == "random" else settings["groupsPerBatch"]
    units = [[at] for group in groups for at in group] if kind == "random" else groups
    random, batches, step = SplitMix64(settings["seed"]), [], 0
    for epoch in range(settings["nEpochs"]):
        order = list(units)
        random.shuffle(order)
        for start in range(0, len(order), max(1, per_batch) * settings["batchesPerStep"]):
            of_step = order[start:start + per_batch * settings["batchesPerStep"]]
            for first in range(0, len(of_step), per_batch):
                members = [at for unit in of_step[first:first + per_batch] for at in unit]
                batches.append({"epoch": epoch, "step": step, "items": members})
            step += 1
    return tags, size, batches, left, numbers


def counts(members, items, numbers):
    tags = defaultdict(set)
    for at in members:
        tags[numbers[at]].add(items[at]["language"])
    return {
        "nRows": len(members),
        "nGroups": len(tags),
        "nAlignedGroups": sum(len(t) > 1 for t in tags.values()),
        "nLanguages": len(set().union(*tags.values())) if tags else 0,
        "nTokens": sum(items[at]["nTokens"] for at in members),
    }


def check_batches(session, results):
    for given in results:
        yield from check_one(session, given)


def check_one(session, given):
    settings, rows = given["batches"]["settings"], given["rows"]
    where = f"{settings['composition']} seed {settings['seed']}"
    responses = {(r["promptId"], r["language"], r["sample"]): r for r in session["responses"]}
    side = lambda row, name: responses[row["promptId"], row["language"], row[name]]
    items = [{**row, "nTokens": sum(len(side(row, name)["tokens"]) for name in ("chosen", "rejected"))} for row in rows]
    tags, size, batches, left, numbers = compose(items, session["config"]["anchor"], settings)
    found = given["batches"]
    yield from same(f"{where} languages", found["languages"], tags)
    yield from same(f"{where} size", found["batchSize"], size)
    yield from same(f"{where} batches", found["batches"], batches)
    yield from same(f"{where} remainder", {r["item"]: r["reason"] for r in found["remainder"]}, left)

    statistics, by_step, of_group = given["statistics"], defaultdict(list), defaultdict(set)
    for batch in batches:
        by_step[batch["step"]] += batch["items"]
        for at in batch["items"]:
            of_group[batch["epoch"], numbers[at]].add(batch["step"])
    steps = [counts(by_step[step], items, numbers) for step in sorted(by_step)]
    seen = Counter(items[at]["language"] for batch in batches for at in batch["items"])
    yield from same(f"{where} counts", statistics["batches"], [counts(b["items"], items, numbers) for b in batches])
    yield from same(f"{where} steps", statistics["steps"], steps)
    yield from same(f"{where} rows by language", dict(statistics["rowsByLanguage"]), dict(seen))
    yield from same(f"{where} steps with all", statistics["nStepsWithAll"], sum(s["nLanguages"] == len(tags) for s in steps))
    mean = sum(s["nLanguages"] for s in steps) / len(steps) if steps else None
    yield from near(f"{where} mean languages", statistics["meanLanguages"], mean)
    yield from same(f"{where} split", statistics["nSplitGroups"], sum(len(s) > 1 for s in of_group.values()))
    yield from same(f"{where} left", statistics["nRemainder"], len(left))

    prompts = {p["id"]: p["text"] for p in session["prompts"]}
    lines, expected = [json.loads(line) for line in given["jsonl"].splitlines()], []
    for number, batch in enumerate(batches):
        for at in batch["items"]:
            turn = lambda role, text: [{"role": role, "content": text}]
            expected.append({
                "prompt": turn("user", prompts[rows[at]["promptId"]][rows[at]["language"]]),
                **{name: turn("assistant", side(rows[at], name)["text"].strip()) for name in ("chosen", "rejected")},
                "prompt_id": rows[at]["promptId"],
                "language": rows[at]["language"],
                "concord_epoch": batch["epoch"],
                "concord_step": batch["step"],
                "concord_batch": number,
                "concord_group": numbers[at],
            })
    yield from same(f"{where} lines", len(lines), len(expected))
    for at, (line, wanted) in enumerate(zip(lines, expected)):
        yield from same(f"{where} line {at + 1}", line, wanted)
