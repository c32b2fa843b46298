"""run/ray_data.py through Ray Data, with a stub for the engine. Needs: pip install 'ray[data]' pydantic aiohttp jinja2."""

import importlib.util
import json
import os
import subprocess
import sys
import unittest

from support import ROOT, Job, request_line


class Ray(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        lacking = [name for name in ("ray", "pyarrow", "pydantic", "aiohttp", "jinja2") if not importlib.util.find_spec(name)]
        if lacking:
            raise AssertionError(f"{', '.join(lacking)} missing. Install for this test: "
                                 f"{sys.executable} -m pip install 'ray[data]' pydantic aiohttp jinja2")

    def job(self):
        return Job(self, [request_line(p, language, 0, 3) for p in range(4) for language in ("en", "sw")], shards=2)

    def run_job(self, job, *files, **env):
        stub = os.path.join(ROOT, "tests", "handoff", "ray_stub.py")
        return subprocess.run([sys.executable, stub, job.file("run/ray_data.py"), *files], capture_output=True,
                              text=True, timeout=240, cwd=job.path, env=dict(os.environ, RAY_USAGE_STATS_ENABLED="0", **env))

    def samples(self, job):
        """The one choice of each sample, by (stem of the custom_id, sample)."""
        found = {}
        for shard in range(2):
            for custom_id, line in job.results(shard).items():
                stem, sample, count = custom_id.rsplit("_", 2)
                self.assertEqual(count, "1")
                self.assertEqual(line["error"], None)
                (choice,) = line["response"]["body"]["choices"]
                found[stem, int(sample)] = choice
        return found

    def test_end_to_end(self):
        job = self.job()
        done = self.run_job(job)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("8 done, 0 missing of 8 requests", done.stdout)
        self.assertEqual(sorted(os.listdir(job.file("results"))), ["results-gen-00000.jsonl", "results-gen-00001.jsonl"])
        samples = self.samples(job)
        self.assertEqual(len(samples), 24)
        lengths = set()
        for request in job.requests:
            stem = request["custom_id"].rsplit("_", 2)[0]
            for j in range(3):
                choice = samples[stem, j]
                tokens = choice["token_ids"]
                self.assertEqual(choice["message"]["content"], " ".join(map(str, tokens)))
                wanted = 24 if (request["body"]["seed"] + j) % 3 == 0 else 4
                self.assertEqual(len(tokens), wanted, "the seed of sample j is base + j")
                self.assertEqual(choice["finish_reason"], "length" if wanted == 24 else "stop")
                lengths.add(wanted)
                self.assertEqual([(entry["id"], entry["logprob"], entry["token"]) for entry in choice["logprobs"]["content"]],
                                 [(token, -token / 8, f"{token} ") for token in tokens])
        self.assertEqual(lengths, {4, 24})

    def test_failed_rows_and_resuming(self):
        job = self.job()
        seed = job.requests[1]["body"]["seed"] + 1
        done = self.run_job(job, RAY_FAILS=str(seed))
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertIn("1 x failed: ValueError: the prompt is too long", done.stdout)
        self.assertIn("7 done, 1 missing of 8 requests", done.stdout)
        self.assertEqual(len(job.lines(".part-gen-00000.jsonl")), 11)
        done = self.run_job(job)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("gen-00000: 1 samples to run", done.stdout)
        self.assertEqual(len(self.samples(job)), 24)

    def test_killed_and_resumed(self):
        job = self.job()
        self.assertEqual(self.run_job(job, RAY_DIES="5").returncode, 9)
        kept = job.lines(".part-gen-00000.jsonl")
        self.assertEqual(len(kept), 5)
        done = self.run_job(job)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("gen-00000: 7 samples to run", done.stdout)
        self.assertEqual(len(self.samples(job)), 24)

    def test_settings_reach_the_engine(self):
        spec = importlib.util.spec_from_file_location("ray_data", os.path.join(self.job().file("run"), "ray_data.py"))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        line = json.dumps(request_line(2, "sw", 0, 2))
        rows = list(module.sample_rows(line, lambda custom_id: False))
        self.assertEqual([row["custom_id"] for row in rows], ["c1_7f3a9c21_g_000002_sw_0_1", "c1_7f3a9c21_g_000002_sw_1_1"])
        seed = json.loads(line)["body"]["seed"]
        self.assertEqual(module.sampling_params(json.loads(rows[1]["body"])), {
            "temperature": 1.2, "top_p": 1.0, "top_k": 0, "min_p": 0.0, "repetition_penalty": 1.0,
            "seed": seed + 1, "max_tokens": 24, "logprobs": 1})


if __name__ == "__main__":
    unittest.main()
