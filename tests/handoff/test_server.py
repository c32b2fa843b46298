"""run/server.py against the real llama-server with the teaching model."""

import os
import random
import unittest

from support import MODEL, Job, LlamaServer, base_seed, kill, request_line, wait_for

N = 4
LANGUAGES = ["en", "de", "sw"]
# Measured: no difference at all. Batches of other sizes may sum in another order on another CPU.
LOGPROB_BOUND = 1e-5


def choice_parts(choice):
    """(text, finish reason, token ids) and the log-probs."""
    content = choice["logprobs"]["content"]
    return ((choice["message"]["content"], choice["finish_reason"], [token["id"] for token in content]),
            [token["logprob"] for token in content])


def worst_difference(test, one, other):
    """Texts, finish reasons and token ids are equal; returns the largest difference of log-probs."""
    test.assertEqual(one.keys(), other.keys())
    worst = 0.0
    for custom_id in one:
        choices = [{c["index"]: c for c in line[custom_id]["response"]["body"]["choices"]}
                   for line in (one, other)]
        test.assertEqual(set(choices[0]), set(range(N)))
        test.assertEqual(set(choices[1]), set(range(N)))
        for j in range(N):
            (parts, logprobs), (other_parts, other_logprobs) = (choice_parts(c[j]) for c in choices)
            test.assertEqual(parts, other_parts, f"{custom_id}, sample {j}")
            worst = max([worst] + [abs(a - b) for a, b in zip(logprobs, other_logprobs)])
    return worst


class Real(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = LlamaServer(cls, MODEL, slots=4)
        cls.narrow = LlamaServer(cls, MODEL, slots=2)

    def job(self):
        return Job(self, [request_line(p, language, 0, N) for p in range(6) for language in LANGUAGES])

    def whole_run(self, job, server=None, *arguments):
        done = job.run("--url", (server or self.server).url, *arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("18 done, 0 refused, 0 missing of 18 requests", done.stdout)
        self.assertEqual(os.listdir(job.file("results")), ["results-gen-00000.jsonl"])
        return job.results()

    def test_envelope(self):
        job = self.job()
        results = self.whole_run(job)
        self.assertEqual(set(results), {request["custom_id"] for request in job.requests})
        for line in results.values():
            self.assertEqual(set(line), {"id", "custom_id", "response", "error"})
            self.assertIsNone(line["error"])
            self.assertEqual(line["response"]["status_code"], 200)
            self.assertTrue(line["response"]["request_id"])
        texts = {choice_parts(c)[0][0] for line in results.values() for c in line["response"]["body"]["choices"]}
        self.assertGreater(len(texts), 18, "the samples must differ, or the comparisons below say nothing")

    def test_killed_and_resumed(self):
        job = self.job()
        reference = self.whole_run(job)
        chance = random.Random(20)
        unfinished, worst = 0, 0.0
        for trial in range(20):
            job.clear()
            part = job.file("results/.part-gen-00000.jsonl")
            point = chance.randrange(0, 17)
            process = job.start("--url", self.server.url, "--concurrency", str(chance.choice([1, 4])),
                                "--max-concurrency", "4")
            # At a random number of lines, then at any moment of the next request.
            wait_for(lambda: process.poll() is not None or line_count(part) >= point)
            wait_for(lambda: False, chance.uniform(0, 0.01))
            kill(process)
            if os.path.exists(part):
                unfinished += 1
                size = os.path.getsize(part)
                if trial % 2 and size:  # A line that only partly reached the disk, or all but its end.
                    os.truncate(part, size - chance.choice([1, chance.randrange(2, 400)]))
            worst = max(worst, worst_difference(self, reference, self.whole_run(job)))
        self.assertGreaterEqual(unfinished, 12, "too few runs were killed before their end")
        print(f"\n20 kills, {unfinished} with a part file: log-probs differ by at most {worst:.2g}")
        self.assertLessEqual(worst, LOGPROB_BOUND)

    def test_four_are_four_times_one(self):
        job = self.job()
        together = self.whole_run(job)
        singles = Job(self, [request_line(p, language, j, 1)
                             for p in range(6) for language in LANGUAGES for j in range(N)])
        done = singles.run("--url", self.server.url)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        merged = {}
        for custom_id, line in singles.results().items():
            stem, j, _ = custom_id.rsplit("_", 2)
            body = merged.setdefault(f"{stem}_0_{N}", {"response": {"body": {"choices": []}}})
            (choice,) = line["response"]["body"]["choices"]
            body["response"]["body"]["choices"].append(dict(choice, index=int(j)))
        worst = worst_difference(self, together, merged)
        print(f"\nn = 4 against 4 x n = 1: log-probs differ by at most {worst:.2g}")
        self.assertLessEqual(worst, LOGPROB_BOUND)

    def test_more_samples_than_slots(self):
        job = self.job()
        together = self.whole_run(job)
        job.clear()
        done = job.run("--url", self.narrow.url)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout.count("Each sample is now asked for by itself"), 1, done.stdout)
        results = job.results()
        worst = worst_difference(self, together, results)
        print(f"\n4 slots against 2: log-probs differ by at most {worst:.2g}")
        self.assertLessEqual(worst, LOGPROB_BOUND)
        usage = results[job.requests[0]["custom_id"]]["response"]["body"]["usage"]
        self.assertEqual(usage["total_tokens"], usage["prompt_tokens"] + usage["completion_tokens"])
        self.assertLess(usage["prompt_tokens"], 60, "the prompt is counted once")

    def test_a_whole_job_is_not_sent_again(self):
        job = self.job()
        self.whole_run(job)
        done = job.run("--url", "http://127.0.0.1:9/v1")
        self.assertEqual(done.returncode, 0, "nothing is missing, so no server is needed: " + done.stdout)

    def test_seeds_differ(self):
        self.assertEqual(len({base_seed(p, language) for p in range(6) for language in LANGUAGES}), 18)


def line_count(path):
    try:
        with open(path, "rb") as file:
            return file.read().count(b"\n")
    except FileNotFoundError:
        return 0


if __name__ == "__main__":
    unittest.main()
