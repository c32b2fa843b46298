"""python -m unittest discover training/tests: fast, and without jax."""

import json
import pathlib
import re
import sys
import unittest

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1]))
ROOT = HERE.parents[2]

import held_out  # noqa: E402
from coverage import STAGES, evaluation_problem, training_example  # noqa: E402
from problems import LANGUAGES, TYPES, draw_problem, results, seeded, split_of  # noqa: E402
from problems import ar, bn, ru, sw, zh  # noqa: E402


class HeldOut(unittest.TestCase):
    def test_no_held_out_problem_is_in_the_training_stream(self):
        texts = {t for p in held_out.problems() for t in p["text"].values()}
        rng = seeded("test stream")
        for step in range(15000):
            self.assertNotIn(training_example(rng, step % 2000)[1], texts)

    def test_no_held_out_phrase_is_in_a_training_wording(self):
        for language in LANGUAGES.values():
            for kind in TYPES:
                for (train, held), late in zip(language.parts[kind], language.late[kind]):
                    self.assertFalse({*train, *late} & set(held), (language.code, kind))
                    self.assertTrue(train and held)

    def test_training_problems_come_from_the_training_split_only(self):
        rng = seeded("test split")
        for kind in TYPES:
            for split in ("train", "dev", "held-out"):
                for _ in range(50):
                    p = draw_problem(rng, kind, split, 0.5)
                    self.assertEqual(split_of(kind, p["numbers"], p["object"]), split)

    def test_each_held_out_wording_has_a_phrase_that_training_never_uses(self):
        rng = seeded("test phrases")
        for language in LANGUAGES.values():
            for kind in TYPES:
                phrases = language.held_out_phrases(kind, rng)
                unseen = [p in held for p, (_, held) in zip(phrases, language.parts[kind])]
                self.assertEqual(sum(unseen), 1)

    def test_the_shipped_files_are_the_generated_ones(self):
        found = held_out.problems()
        lines = [json.loads(s) for s in (ROOT / "tests" / "data" / "held-out.jsonl").read_text(encoding="utf-8").splitlines()]
        self.assertEqual(lines, [{k: p[k] for k in ("id", "task", "kind", "answer", "text")} for p in found])
        self.assertEqual(json.loads((ROOT / "static" / "starter-prompts.json").read_text(encoding="utf-8")), held_out.starters(found))
        self.assertEqual(len({p["text"]["en"] for p in found}), held_out.COUNT)


class Texts(unittest.TestCase):
    def test_every_response_ends_with_its_right_answer(self):
        rng = seeded("test answers")
        for kind in TYPES:
            for _ in range(40):
                p = draw_problem(rng, kind, "train", 0.5, 0.5)
                for language in LANGUAGES.values():
                    for choice in range(2):
                        text = language.response(p, choice)
                        self.assertEqual(re.findall(r"\d+", text)[-1], str(results(kind, p["numbers"])[1]))
                        self.assertNotRegex(text, r"[{}|*]")

    def test_every_phrase_of_every_language_can_be_filled(self):
        rng = seeded("test fill")
        for kind in TYPES:
            p = draw_problem(rng, kind, "train", 0.5, 0.5)
            for language in LANGUAGES.values():
                for (train, held), late in zip(language.parts[kind], language.late[kind]):
                    for phrase in train + late + held:
                        self.assertNotRegex(language.prompt(p, [phrase]), r"[{}|*]")

    def test_equations_are_right(self):
        rng = seeded("test equations")
        for kind in TYPES:
            for _ in range(100):
                steps, _ = results(kind, draw_problem(rng, kind, "train", 0)["numbers"])
                for left, op, right, value in steps:
                    self.assertEqual({"+": left + right, "-": left - right, "*": left * right, "/": left / right}[op], value)
                    self.assertTrue(0 < value <= 200)

    def test_coverage_names_known_types_only(self):
        for _, coverage in STAGES:
            for seen in coverage.values():
                self.assertLessEqual(set(seen["types"]), set(TYPES))
            self.assertEqual(set(coverage["en"]["types"]), set(TYPES))

    def test_evaluation_asks_every_type_in_every_language(self):
        kinds = [evaluation_problem(seeded("t", i), i, "dev")["kind"] for i in range(len(TYPES))]
        self.assertEqual(kinds, TYPES)


class Grammar(unittest.TestCase):
    def test_russian_plurals(self):
        apple, book = ru.OBJECTS[0], ru.OBJECTS[1]
        for n, text in {1: "1 яблоко", 2: "2 яблока", 5: "5 яблок", 11: "11 яблок", 21: "21 яблоко", 24: "24 яблока", 112: "112 яблок"}.items():
            self.assertEqual(ru.count(n, apple, False), text)
        self.assertEqual(ru.count(2, book, True), "две книги")

    def test_arabic_numbers(self):
        apple, book = ar.OBJECTS[0], ar.OBJECTS[1]
        for n, text in {2: "تفاحتين", 3: "ثلاث تفاحات", 10: "عشر تفاحات", 11: "إحدى عشرة تفاحة", 12: "اثنتي عشرة تفاحة"}.items():
            self.assertEqual(ar.count(n, apple, True), text)
        for n, text in {3: "ثلاثة كتب", 11: "أحد عشر كتابا", 15: "خمسة عشر كتابا", 20: "عشرين كتابا"}.items():
            self.assertEqual(ar.count(n, book, True), text)
        self.assertEqual(ar.count(100, book, False), "100 كتاب")

    def test_swahili_classes(self):
        for i, text in {0: "matufaha mawili", 1: "vitabu viwili", 2: "penseli mbili", 5: "mipira miwili"}.items():
            self.assertEqual(sw.count(2, sw.OBJECTS[i], True), text)
        self.assertEqual(sw.count(18, sw.OBJECTS[1], True), "vitabu kumi na vinane")
        self.assertEqual(sw.count(7, sw.OBJECTS[1], True), "vitabu saba")

    def test_measure_words_and_classifiers(self):
        self.assertEqual(zh.count(2, zh.OBJECTS[1], True), "两本书")
        self.assertEqual(zh.count(12, zh.OBJECTS[3], True), "十二朵花")
        self.assertEqual(bn.count(2, bn.OBJECTS[0], True), "দুটি আপেল")


if __name__ == "__main__":
    unittest.main()
