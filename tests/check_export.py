#!/usr/bin/env python3
"""Recomputes a session's selection and its TRL export on its own, and compares.

    python3 tests/check_export.py session.json pairs.jsonl [--json]

Written from the method's definition, not from the Rust code: answers (own simple reader), majority vote or mean cosine,
reference, scores, chosen, rejected, margins, skips, the curation log, and every line of the file. Needs Python 3.9 or
later and nothing else. Exit status 1 with one line per difference if anything differs. Python's own NFC is used.

Not recomputed: the choice itself of method `random-reference` (its pairs are), the picks of the baselines (tests/recompute
does that), and task `code`. The answer of a response
that has no digit at all (number words) is taken from the session; more than one in fifty of those is a failure.
"""

import json
import re
import struct
import sys
import unicodedata
from collections import Counter, defaultdict
from fractions import Fraction

POINT = {"en", "zh", "ja", "ko", "ar", "bn", "sw", "hi", "th", "fa", "ur", "ta"}
SPACED_GROUPS = {"ru", "fr", "pl", "uk", "cs"}
MARKERS = r"answer|antwort|respuesta|ответ|答案|الجواب|উত্তর|jibu"
WHITE = " \t\n\x0b\x0c\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

differences = []


def differ(where, what, session, recomputed):
    if session != recomputed:
        differences.append(f"{where}: {what} is {session!r} in the file, {recomputed!r} recomputed")


def f32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def near(where, what, session, recomputed):
    ok = len(session) == len(recomputed) and all(abs(a - b) <= 1e-6 for a, b in zip(session, recomputed))
    if not ok:
        differences.append(f"{where}: {what} is {session} in the file, {recomputed} recomputed")


# ---- answers -------------------------------------------------------------------------------------------------------


def ascii_digits(text):
    out = []
    for c in text:
        if c in "\u200e\u200f\u061c\ufeff\u200b" or "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069":
            continue
        digit = unicodedata.decimal(c, None)
        c = str(digit) if digit is not None else {"−": "-", "–": "-", "＝": "=", "：": ":", "＋": "+", "－": "-"}.get(c, c)
        out.append(c)
    return "".join(out).lower()


def value_of(token, language):
    """The value of digits with marks; None if the marks make no single number."""
    primary = language.split("-")[0]
    decimal = "." if primary in POINT else ","
    if "٫" in token or "٬" in token:
        token = token.replace("٬", "").replace("٫", ".")
        return Fraction(token)
    marks = re.findall(r"[.,]", token)
    parts = re.split(r"[.,]", token)
    groups = 1 <= len(parts[0]) <= 3 and all(len(p) == 3 for p in parts[1:])
    if not marks:
        return Fraction(token)
    if len(marks) == 1:
        is_group = groups and parts[0][0] != "0" and marks[0] != decimal and primary not in SPACED_GROUPS
        return Fraction("".join(parts)) if is_group else Fraction(".".join(parts))
    if len(set(marks)) == 1:
        return Fraction("".join(parts)) if groups else None
    whole = parts[:-1]
    if len(set(marks[:-1])) == 1 and all(len(p) == 3 for p in whole[1:]):
        return Fraction("".join(whole) + "." + parts[-1])
    return None


def numbers(text, language):
    """(value, start, end) of every number; a minus is a sign unless it stands between two numbers."""
    found = []
    spaced = r"\d{1,3}(?: \d{3}(?!\d))+|" if language.split("-")[0] not in POINT else ""
    for m in re.finditer(spaced + r"\d+(?:[.,٫٬]\d+)*", text):
        start, end = m.span()
        if start and (text[start - 1].islower() or text[start - 1] in "_^"):
            continue
        value = value_of(m.group().replace(" ", ""), language)
        if value is None:
            at = start
            for piece in re.split(r"[.,]", m.group()):
                found.append((Fraction(piece), at, at + len(piece)))
                at += len(piece) + 1
            continue
        head = text[:start]
        if re.search(r"(?:^|[^\w\s)%-]\s*|\w\s+|\n)-$", head) and not re.search(r"\d[ \xa0]*-$", head):
            value, start = -value, start - 1
        elif re.search(r"[=:(≈]\s*-\s+$", head):
            value, start = -value, head.rindex("-")
        found.append((value, start, end))
    # A slash without spaces is a fraction.
    out = []
    for number in found:
        if out and text[out[-1][2] : number[1]] == "/" and number[0] != 0:
            out[-1] = (out[-1][0] / number[0], out[-1][1], number[2])
        else:
            out.append(number)
    return out


def result(text, found, first):
    """Of a calculation "12 - 5 = 7" the side that is one number, the last such; without "=" the last number."""
    sides = [[first]]
    for i in range(first + 1, len(found)):
        gap = text[found[i - 1][2] : found[i][1]]
        if not is_calculation(gap):
            break
        if "=" in gap or "≈" in gap:
            sides.append([])
        sides[-1].append(i)
    singles = [side[0] for side in sides if len(side) == 1]
    return found[singles[-1] if len(sides) > 1 and singles else sides[-1][-1]][0]


def is_calculation(gap):
    if len(gap) > 60 or re.search(r"[\n!?;,。，、؟،।]|\.\s", gap):
        return False
    if re.search(r"[=≈+*×÷·∙]", gap):
        return True
    letters = [c for c in gap if c.isalpha()]
    return ("x" in gap and len(letters) == 1) or (not letters and re.search(r"[-:/]", gap) is not None)


def answer_of(text, language):
    text = ascii_digits(text)
    found = numbers(text, language)
    for marker in reversed(list(re.finditer(rf"(?:{MARKERS})[*\s]*:[*\s]*", text))):
        after = [i for i, n in enumerate(found) if n[1] >= marker.end()]
        if after and found[after[0]][1] - marker.end() <= 60:
            gap = text[marker.end() : found[after[0]][1]]
            if not re.search(r"[!?。؟।]|\.\s|\n", gap):
                return result(text, found, after[0])
    if not found:
        return None
    first = len(found) - 1
    while first and is_calculation(text[found[first - 1][2] : found[first][1]]):
        first -= 1
    # A calculation that stops at its equals sign has no result.
    if first < len(found) - 1 and re.fullmatch(r"\s*=\s*", text[found[-1][2] :]):
        return None
    return result(text, found, first)


# ---- selection -----------------------------------------------------------------------------------------------------


def comparable(text):
    return " ".join(unicodedata.normalize("NFC", w) for w in re.split(f"[{WHITE}]+", text) if w)


class Cosines:
    def __init__(self, record):
        self.place, self.values = {}, []
        if record and len(record["cosine"]) == len(record["order"]) * (len(record["order"]) - 1) // 2:
            self.place = {(language, sample): i for i, (language, sample) in enumerate(record["order"])}
            self.values = [f32(v) for v in record["cosine"]]

    def of(self, a, b):
        i, j = self.place.get((a["language"], a["sample"])), self.place.get((b["language"], b["sample"]))
        if i is None or j is None:
            return None
        if i == j:
            return 1.0
        i, j = min(i, j), max(i, j)
        n = len(self.place)
        return self.values[i * n - i * (i + 1) // 2 + j - i - 1]


def mean(values):
    return f32(sum(values) / len(values)) if values else None


def stand_ins(row, config):
    first = {}
    return [first.setdefault(r["text"].strip(WHITE), i) if config["mergeDuplicates"] else i for i, r in enumerate(row)]


def consistency_of(task, row, stands, cosines):
    """(consistency, mean cosine) by candidate, or None where the responses were not embedded."""
    voters = [i for i in range(len(row)) if stands[i] == i]
    if task == "math":
        values = [row[i]["value"] for i in range(len(row))]
        groups = {i: [j for j in voters if values[i] is not None and values[j] == values[i]] for i in voters}
        consistency = [f32(len(groups[i]) / len(voters)) for i in stands]
        closeness = [[cosines.of(row[i], row[j]) for j in groups[i] if j != i] for i in stands]
        return consistency, [mean([c for c in cs if c is not None]) or 0.0 for cs in closeness]
    consistency = []
    for i in stands:
        others = [cosines.of(row[i], row[j]) for j in voters if j != i]
        if None in others:
            return None
        consistency.append(mean(others) if others else 1.0)
    return consistency, []


def is_cut(response):
    return response["finishReason"] == "length"


def best(indices, key, sign):
    """The lowest index with the highest (sign 1) or lowest (sign -1) key."""
    picked = None
    for i in indices:
        if picked is None or (key(i) > key(picked) if sign > 0 else key(i) < key(picked)):
            picked = i
    return picked


def whole_ones(task, row, eligible):
    """Those that were not cut, where one of them could be the reference; else all."""
    whole = [i for i in eligible if not is_cut(row[i])]
    return whole if any(task != "math" or row[i]["value"] is not None for i in whole) else eligible


def check_reference(prompt, row, cosines, config, recorded):
    where = f"reference of {prompt['id']}"
    random = config["method"] == "random-reference"
    if config["anchor"] not in prompt["text"]:
        return differ(where, "skip", recorded["skip"], "no-anchor-text")
    if len(row) < (1 if random else 2):
        return differ(where, "skip", recorded["skip"], "too-few-candidates")
    stands = stand_ins(row, config)
    scored = consistency_of(prompt["task"], row, stands, cosines)
    if scored is None:
        return differ(where, "skip", recorded["skip"], "not-embedded")
    consistency, mean_cosine = scored
    near(where, "consistency", recorded["consistency"], consistency)
    near(where, "meanCosine", recorded["meanCosine"], mean_cosine)
    voters = [i for i in range(len(row)) if stands[i] == i]
    voters = [i for i in voters if row[i]["text"].strip(WHITE)]
    voters = whole_ones(prompt["task"], row, voters)
    if not voters:
        return differ(where, "skip", recorded["skip"], "empty-responses")
    ties = mean_cosine if config.get("tieBreak", "cosine") == "cosine" else []
    picked = best(voters, lambda i: (consistency[i], ties[i] if ties else 0), 1)
    if random:
        samples = [r["sample"] for r in row]
        if recorded["sample"] is None:
            return differ(where, "skip", recorded["skip"], "no-answer")
        picked = samples.index(recorded["sample"])
    if prompt["task"] == "math" and row[picked]["value"] is None:
        return differ(where, "skip", recorded["skip"], "no-answer")
    differ(where, "skip", recorded["skip"], None)
    differ(where, "sample", recorded["sample"], row[picked]["sample"])
    if prompt["task"] == "math":
        near(where, "voteShare", [recorded["voteShare"] or 0], [consistency[picked]])


def may_be(detected, asked):
    if detected is None:
        return True
    a, b = detected.split("-"), asked.split("-")
    scripts = [[s.lower() for s in tag[1:] if len(s) == 4 and s.isalpha()] for tag in (a, b)]
    return a[0].lower() == b[0].lower() and not (scripts[0] and scripts[1] and scripts[0] != scripts[1])


def picks(prompt, language, row, reference, recorded, cosines, config):
    """What the pair has to be: skip, chosen, rejected, scores, margin."""
    is_anchor = language == config["anchor"]
    if is_anchor and not config["anchorPairs"]:
        return "anchor-language", None, None, [], None
    if reference is None:
        return "no-reference", None, None, [], None
    if len(row) < 2:
        return "too-few-candidates", None, None, [], None
    cosine = [cosines.of(r, reference) for r in row]
    math = prompt["task"] == "math"
    if is_anchor:
        scores, tie = [f32(v) for v in recorded["consistency"]], [f32(v) for v in recorded["meanCosine"]] or [0] * len(row)
    elif math:
        scores = [1.0 if r["value"] is not None and r["value"] == reference["value"] else 0.0 for r in row]
        tie = cosine if None not in cosine else [0] * len(row)
    else:
        if None in cosine:
            return "not-embedded", None, None, [], None
        scores, tie = cosine, [0] * len(row)
    if config.get("tieBreak", "cosine") == "sample":
        tie = [0] * len(row)
    stands = stand_ins(row, config)
    distinct = [i for i in range(len(row)) if stands[i] == i and row[i]["text"].strip(WHITE)]
    if sum(bool(r["text"].strip(WHITE)) for r in row) < 2:
        return "empty-responses", None, None, scores, None
    gate = config["languageGate"]
    allowed = [i for i in distinct if not gate or may_be(row[i].get("detectedLanguage"), language)]
    if is_anchor:
        allowed = [i for i in allowed if row[i]["sample"] == reference["sample"]]
    key = lambda i: (scores[i], tie[i])
    top, low = best(distinct, key, 1), best(distinct, key, -1)
    chosen = best([i for i in allowed if not is_cut(row[i]) and scores[i] > scores[low]], key, 1)
    if chosen is None:
        chosen = best(allowed, key, 1)
    skip = None
    if math and scores[top] == 0:
        skip = "none-agree"
    elif math and scores[low] == 1:
        skip = "none-disagree"
    elif scores[top] == scores[low]:
        skip = "equal-scores"
    elif chosen is None:
        skip = "wrong-language"
    elif scores[chosen] <= scores[low]:
        skip = "equal-scores" if is_anchor else "wrong-language"
    if skip:
        return skip, None, None, scores, None
    margin = f32(scores[chosen] - scores[low])
    if comparable(row[chosen]["text"]) == comparable(row[low]["text"]):
        return "same-text", None, None, scores, margin
    if margin < f32(config["minMargin"]):
        return "small-margin", None, None, scores, margin
    return None, row[chosen]["sample"], row[low]["sample"], scores, margin


def check_selection(session):
    config = session["config"]
    rows = defaultdict(list)
    n_wordy = 0
    for r in session["responses"]:
        where = f"response {r['promptId']} / {r['language']} / {r['sample']}"
        recorded = None if r["answer"] is None else Fraction(r["answer"])
        if any(unicodedata.decimal(c, None) is not None for c in r["text"]):
            r["value"] = answer_of(r["text"], r["language"])
            differ(f"{where}: {r['text']!r}", "answer", str(recorded), str(r["value"]))
        else:
            r["value"] = recorded
            n_wordy += recorded is not None
        if r["finishReason"] != "cancelled" and not r.get("translationOf"):
            rows[r["promptId"], r["language"]].append(r)
    if n_wordy * 50 > len(session["responses"]):
        differences.append(f"{n_wordy} answers are in words only: too many to leave unchecked")
    for row in rows.values():
        row.sort(key=lambda r: r["sample"])
    similarities = {s["promptId"]: s for s in session["similarities"]}
    references = {r["promptId"]: r for r in session["references"]}
    pairs = {(p["promptId"], p["language"]): p for p in session["pairs"]}
    differ("session", "prompts with a reference entry", sorted(references), sorted(p["id"] for p in session["prompts"]))
    asked = [(p["id"], l) for p in session["prompts"] for l in config["languages"] if l in p["text"]]
    differ("session", "rows", [(p["promptId"], p["language"]) for p in session["pairs"]], asked)
    for prompt in session["prompts"]:
        if prompt["id"] not in references or config["method"] not in ("cm-align", "random-reference"):
            continue
        cosines = Cosines(similarities.get(prompt["id"]))
        recorded, anchors = references[prompt["id"]], rows[prompt["id"], config["anchor"]]
        check_reference(prompt, anchors, cosines, config, recorded)
        reference = next((r for r in anchors if r["sample"] == recorded["sample"]), None)
        for language in (l for l in config["languages"] if (prompt["id"], l) in pairs):
            pair, where = pairs[prompt["id"], language], f"pair {prompt['id']} / {language}"
            wanted = picks(prompt, language, rows[prompt["id"], language], reference, recorded, cosines, config)
            for name, value in zip(("skip", "chosen", "rejected"), wanted):
                differ(where, name, pair[name], value)
            near(where, "scores", pair["scores"], wanted[3])
            near(where, "margin", [] if pair["margin"] is None else [pair["margin"]], [] if wanted[4] is None else [wanted[4]])


# ---- curation and export -------------------------------------------------------------------------------------------


def curated(session):
    """(prompt id, language, chosen, rejected) of every row to export, after the log."""
    standing, undone = [], []
    for event in session["events"]:
        if event["event"] == "undo":
            undone += [standing.pop()] if standing else []
        elif event["event"] == "redo":
            standing += [undone.pop()] if undone else []
        else:
            standing.append(event)
            undone = []
    last = {(e["item"], e["lang"]): e for e in standing}
    for pair in session["pairs"]:
        state = {"chosen": pair["chosen"], "rejected": pair["rejected"], "status": "undecided"}
        event = last.get((pair["promptId"], pair["language"]))
        if event and event["event"] != "reset":
            state = event["after"]
        if state["status"] != "left-out" and state["chosen"] is not None and state["rejected"] is not None:
            yield pair["promptId"], pair["language"], state["chosen"], state["rejected"]


def check_export(session, data):
    prompts = {p["id"]: p for p in session["prompts"]}
    # A response that was cancelled is half a response, and no trainer gets it.
    whole = [r for r in session["responses"] if r["finishReason"] != "cancelled"]
    texts = {(r["promptId"], r["language"], r["sample"]): r["text"] for r in whole}
    wanted = []
    for prompt, language, chosen, rejected in curated(session):
        question = prompts[prompt]["text"][language]
        sides = [texts.get((prompt, language, s), "").strip(WHITE) for s in (chosen, rejected)]
        if question.strip(WHITE) and all(sides) and comparable(sides[0]) != comparable(sides[1]):
            roles = ("user", question), ("assistant", sides[0]), ("assistant", sides[1])
            line = [[{"role": role, "content": content}] for role, content in roles]
            spelling = session["config"].get("spellings", {}).get(language, language)
            names = "prompt", "chosen", "rejected", "prompt_id", "language"
            wanted.append(dict(zip(names, [*line, prompt, spelling])))
    text = data.decode("utf-8")
    if text.startswith("\ufeff"):
        differences.append("export: starts with a byte-order mark")
    if text and not text.endswith("\n"):
        differences.append("export: the last line is not ended")
    lines = text.splitlines()  # also splits at U+2028, U+2029 and U+0085: they must be escaped
    differ("export", "the number of lines", len(lines), len(wanted))
    for i, (line, row) in enumerate(zip(lines, wanted), 1):
        try:
            found = json.loads(line)
        except ValueError as error:
            differences.append(f"export line {i}: {error}")
            continue
        method, model = found.get("concord_method"), found.get("concord_model")
        if method is not None:
            differ(f"export line {i}", "the method", method, session["config"]["method"])
            differ(f"export line {i}", "the model", model, session["model"]["name"])
        found = {name: value for name, value in found.items() if not name.startswith("concord_")}
        differ(f"export line {i}", "the row", found, row)
        differ(f"export line {i}", "the order of keys", list(found), list(row))
    return len(wanted)


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(arguments) != 2:
        sys.exit(__doc__)
    with open(arguments[0], encoding="utf-8-sig") as file:
        session = json.load(file)
    with open(arguments[1], "rb") as file:
        data = file.read()
    differ("session", "schema", session["schema"], "concord-session/1")
    check_selection(session)
    n_lines = check_export(session, data)
    picked = [p for p in session["pairs"] if p["skip"] is None]
    summary = {
        "prompts": len(session["prompts"]),
        "responses": len(session["responses"]),
        "references": sum(r["sample"] is not None for r in session["references"]),
        "pairs": len(picked),
        "lines": n_lines,
        "skips": dict(Counter(p["skip"] for p in session["pairs"] if p["skip"])),
        "differences": len(differences),
    }
    print(json.dumps(summary) if "--json" in sys.argv else f"recomputed: {summary}")
    for line in differences[:50]:
        print(line, file=sys.stderr)
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
