"""What the tests of the training recipes share: pairs in training order, filled recipes, a tiny model."""

import importlib.util
import json
import os
import shutil
import tempfile

from support import ROOT

TRAIN = os.path.join(ROOT, "crates", "concord-align", "src", "job", "recipes", "train")
VALUES = {"MODEL": "Qwen/Qwen2.5-7B-Instruct", "BETA": "0.1", "GAMMA": "1.0", "SEED": "7", "N_LANGUAGES": "4",
          "BATCH_ROWS": "8", "BATCHES_PER_STEP": "1", "STEP_ROWS": "8"}
LANGUAGES = ["ar", "de", "en", "sw"]


def recipe(name, **values):
    """The text of a recipe with its placeholders filled, as the program fills them."""
    with open(os.path.join(TRAIN, name), encoding="utf-8") as file:
        text = file.read()
    for key, value in {**VALUES, **values}.items():
        text = text.replace(f"@{key}@", value)
    return text


def folder(test):
    path = tempfile.mkdtemp(prefix="concord-train-")
    test.addCleanup(shutil.rmtree, path)
    return path


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def module(test, name, **values):
    """A recipe in Python as a module, from a filled copy."""
    path = write(os.path.join(folder(test), name), recipe(name, **values))
    spec = importlib.util.spec_from_file_location(name[:-3], path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def columns(n_groups, groups_per_batch=2, batches_per_step=1, epochs=1, languages=LANGUAGES, lacks=(), order=None):
    """Rows as the export writes them, as dictionaries; `lacks` are (group, language) that have no row."""
    rows, batch, step = [], 0, 0
    for epoch in range(epochs):
        numbers = list(order or range(n_groups))
        numbers = numbers[epoch:] + numbers[:epoch]
        size = groups_per_batch * batches_per_step
        for start in range(0, n_groups, size):
            of_step = numbers[start:start + size]
            for first in range(0, len(of_step), groups_per_batch):
                rows += [{"prompt_id": f"p{group}", "language": language, "concord_epoch": epoch, "concord_step": step,
                          "concord_batch": batch, "concord_group": group}
                         for group in of_step[first:first + groups_per_batch]
                         for language in languages if (group, language) not in lacks]
                batch += 1
            step += 1
    return rows


def pair(row, padding=0):
    """The row with its texts, in TRL's shape."""
    group, language = row["concord_group"], row["language"]
    question = f"{language} {group} " + "x" * padding
    return {"prompt": [{"role": "user", "content": question}],
            "chosen": [{"role": "assistant", "content": f"{group + 1} {language} good" + " so" * (group % 3)}],
            "rejected": [{"role": "assistant", "content": f"{language} bad"}], **row}


def write_pairs(path, pairs):
    return write(path, "".join(json.dumps(pair) + "\n" for pair in pairs))


class Table:
    """The columns of rows, as a data set has them."""

    def __init__(self, rows):
        self.rows = rows
        self.column_names = list(rows[0]) if rows else []

    def __getitem__(self, name):
        return [row[name] for row in self.rows]
