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
from coverage import STAGES, SUMS, math_problem, training_example  # noqa: E402
from problems import GENERAL, KINDS, LANGUAGES, TASKS, TYPES, draw_general, draw_problem, plain, results, seeded, split_of  # noqa: E402
from problems import ar, bn, ru, sw, zh  # noqa: E402
from problems.general import split_of as general_split_of  # noqa: E402

LAST = 10_000  # a step of the last stage


class Splits(unittest.TestCase):
    def test_no_test_or_practice_prompt_is_in_the_training_stream(self):
        texts = {t for p in held_out.problems() + held_out.practice() for t in p["text"].values()}
        rng = seeded("test stream")
        for i in range(15000):
            self.assertNotIn(training_example(rng, i % 2 * LAST)[1], texts)

    def test_problems_come_from_the_split_that_was_asked_for(self):
        rng = seeded("test split")
        for kind in TYPES:
            for split in ("train", "practice", "dev", "test"):
                for _ in range(20):
                    p = draw_problem(rng, kind, split, 0.5)
                    self.assertEqual(split_of(kind, p["numbers"], p["object"]), split)

    def test_pictures_and_reasons_come_from_the_split_that_was_asked_for(self):
        rng = seeded("test general split")
        for task in TASKS:
            for split in ("train", "practice", "dev", "test"):
                self.assertEqual(general_split_of(task, draw_general(rng, task, split)["key"]), split)

    def test_test_and_practice_prompts_are_as_many_as_the_card_says_and_all_different(self):
        found, practice = held_out.problems(), held_out.practice()
        self.assertEqual((len(found), len(practice)), (held_out.COUNT + held_out.GENERAL_COUNT, held_out.PRACTICE))
        self.assertEqual(len({p["text"]["en"] for p in found + practice}), len(found) + len(practice))
        self.assertEqual(len(held_out.starters(found)), held_out.STARTERS)

    def test_the_shipped_files_are_the_generated_ones(self):
        found = held_out.problems()
        lines = (ROOT / "tests" / "data" / "held-out.jsonl").read_text(encoding="utf-8").splitlines()
        self.assertEqual([json.loads(line) for line in lines], found)
        for name, prompts in (("starter", held_out.starters(found)), ("practice", held_out.practice())):
            self.assertEqual(json.loads((ROOT / "static" / f"{name}-prompts.json").read_text(encoding="utf-8")), prompts)

    def test_practice_prompts_tell_no_answer(self):
        for p in held_out.practice():
            self.assertEqual(set(p), {"id", "task", "text"})


class Texts(unittest.TestCase):
    def test_every_response_ends_with_its_right_answer(self):
        rng = seeded("test answers")
        for kind in TYPES:
            for _ in range(40):
                p = draw_problem(rng, kind, "train", 0.5, 0.5)
                for language in LANGUAGES.values():
                    for choice in range(2):
                        text = language.response(p, choice)
                        last = re.findall(r"\d+(?:[.,]\d+)?", text)[-1].replace(",", ".")
                        self.assertEqual(plain(float(last)), plain(results(kind, p["numbers"])[1]), text)
                        self.assertNotRegex(text, r"[{}|*]|\.0\b")

    def test_every_phrase_of_every_language_can_be_filled(self):
        rng = seeded("test fill")
        for language in LANGUAGES.values():
            for kind in TYPES:
                parts = language.wordings[kind]
                for i in range(max(map(len, parts))):
                    p = draw_problem(rng, kind, "train", 0.5, 0.5, 0.5)
                    text = language.prompt(p, [part[i % len(part)] for part in parts])
                    self.assertNotRegex(text, r"[{}|*]|  |None", (language.code, kind))

    def test_a_problem_names_each_of_its_numbers_in_every_language(self):
        rng = seeded("test numbers")
        for kind in TYPES:
            for _ in range(10):
                p = draw_problem(rng, kind, "train", 0.0, 0.0, 0.0)
                for language in LANGUAGES.values():
                    text = language.prompt(p, language.phrases(kind, rng))
                    wanted = sorted(language.number(n) for n in p["numbers"] if n > 2)  # Arabic has no digit for one and two
                    told = re.findall(r"\d+(?:[.,]\d+)?", text)
                    self.assertEqual(sorted(n for n in told if n not in ("1", "2")), wanted, text)

    def test_right_texts_of_the_closed_world_are_distinct_sentences(self):
        for general in GENERAL.values():
            for task in TASKS:
                for i in range(20):
                    asks, says = general.texts(draw_general(seeded("test says", i), task, "train"))
                    self.assertEqual(len(set(says)), len(says))
                    for text in asks + says:
                        self.assertNotRegex(text, r"[{}|*]|  |None")

    def test_equations_are_right(self):
        rng = seeded("test equations")
        for kind in TYPES:
            for _ in range(100):
                steps, _ = results(kind, draw_problem(rng, kind, "train", 0)["numbers"])
                for left, op, right, value in steps:
                    self.assertEqual({"+": left + right, "-": left - right, "*": left * right, "/": left / right}[op], value)
                    self.assertTrue(0 < value <= 999)

    def test_a_type_counts_as_many_numbers_and_results_as_it_has(self):
        rng = seeded("test counts")
        for kind, (counts, *_) in KINDS.items():
            numbers = draw_problem(rng, kind, "train", 0)["numbers"]
            told, _, found = counts.partition(":")
            self.assertEqual((len(told), len(found)), (len(numbers), len(results(kind, numbers)[0])), kind)

    def test_coverage_names_known_languages_and_its_shares_are_whole(self):
        for _, coverage in STAGES:
            self.assertLessEqual(set(coverage), set(LANGUAGES))
            self.assertAlmostEqual(sum(seen["share"] for seen in coverage.values()), 1)
        self.assertEqual(set(STAGES[-1][1]), set(LANGUAGES))
        self.assertIsNone(SUMS[-1][0])

    def test_the_test_asks_every_type_in_every_language(self):
        found = [math_problem(seeded("t", i), i, "dev") for i in range(len(TYPES))]
        self.assertEqual([p["kind"] for p in found], TYPES)
        self.assertTrue(all(set(p["text"]) == set(LANGUAGES) for p in found))


class Grammar(unittest.TestCase):
    def test_number_words_are_all_different(self):
        for language in LANGUAGES.values():
            for noun in (language.objects[1], language.boxes[0]):
                words = [language.count(n, noun, True) for n in range(3, 101)]
                self.assertEqual(len(set(words)), len(words), language.code)
                self.assertFalse([w for w in words if re.search(r"\d", w)])

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
