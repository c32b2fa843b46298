"""What the tests of a job folder share: a small job, the copied scripts, and ways to run them."""

import hashlib
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RUN = os.path.join(ROOT, "crates", "concord-align", "src", "job", "recipes", "run")
# Any other model may be tried by hand, such as a real one.
MODEL = os.environ.get("CONCORD_JOB_MODEL", os.path.join(ROOT, "static", "teaching-model.gguf"))

PROMPTS = {
    "en": "Anna has {a} apples and buys {b} more. How many apples does Anna have?",
    "de": "Anna hat {a} Äpfel und kauft {b} dazu. Wie viele Äpfel hat Anna?",
    "sw": "Anna ana maembe {a} na ananunua {b}. Ana maembe mangapi?",
}


def base_seed(prompt, language):
    """31 bits with room for 256 samples, as the request files have them."""
    word = hashlib.sha256(f"{prompt} {language}".encode()).digest()
    return int.from_bytes(word[:4], "big") & 0x7FFFFF00


def request_line(prompt, language, first, count, **settings):
    body = {
        "model": "concord/teaching-model",
        "messages": [{"role": "user", "content": PROMPTS[language].format(a=prompt + 3, b=2 * prompt + 4)}],
        "n": count, "seed": base_seed(prompt, language) + first,
        "temperature": 1.2, "top_p": 1.0, "top_k": 0, "min_p": 0.0, "repetition_penalty": 1.0,
        "max_completion_tokens": 24, "logprobs": True, "top_logprobs": 1, "return_token_ids": True,
    }
    body.update(settings)
    return {"custom_id": f"c1_7f3a9c21_g_{prompt:06}_{language}_{first}_{count}", "method": "POST",
            "url": "/v1/chat/completions", "body": body}


class Job:
    """A job folder in a temporary place."""

    def __init__(self, test, requests, shards=1):
        self.path = tempfile.mkdtemp(prefix="concord-job-")
        test.addCleanup(shutil.rmtree, self.path)
        os.makedirs(os.path.join(self.path, "results"))
        shutil.copytree(RUN, os.path.join(self.path, "run"), ignore=shutil.ignore_patterns("__pycache__"))
        with open(os.path.join(self.path, "job.json"), "w") as file:
            json.dump({"schema": "concord-job/1", "model": "concord/teaching-model"}, file)
        self.requests = requests
        size = -(-len(requests) // shards)
        for k in range(shards):
            with open(os.path.join(self.path, f"requests-gen-{k:05}.jsonl"), "w") as file:
                file.writelines(json.dumps(r, ensure_ascii=False) + "\n"
                                for r in requests[k * size:(k + 1) * size])

    def file(self, name):
        return os.path.join(self.path, name)

    def command(self, *arguments, script="server.py"):
        return [sys.executable, self.file("run/" + script), *arguments]

    def start(self, *arguments, **options):
        return subprocess.Popen(self.command(*arguments), stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, **options)

    def run(self, *arguments, env=None, script="server.py", timeout=600):
        """The finished process, with its output."""
        return subprocess.run(self.command(*arguments, script=script), capture_output=True, text=True,
                              timeout=timeout, env=dict(os.environ, **(env or {})))

    def lines(self, name):
        """The parsed lines of a file in results/; none if there is no such file."""
        try:
            with open(self.file("results/" + name), "rb") as file:
                return [json.loads(line) for line in file]
        except FileNotFoundError:
            return []

    def results(self, shard=0):
        """Result lines by custom_id; an id that comes twice is an error."""
        found = {}
        for line in self.lines(f"results-gen-{shard:05}.jsonl"):
            assert line["custom_id"] not in found, "twice: " + line["custom_id"]
            found[line["custom_id"]] = line
        return found

    def clear(self):
        for name in os.listdir(self.file("results")):
            os.remove(self.file("results/" + name))


def serve(test, handler):
    """Serves on a free port until the test ends. Returns the server and its address, with /v1."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    test.addCleanup(server.server_close)
    test.addCleanup(server.shutdown)
    return server, f"http://127.0.0.1:{server.server_address[1]}/v1"


class LlamaServer:
    """The real llama-server of xllamacpp, in a process of its own."""

    def __init__(self, test, model, slots):
        script = os.path.join(ROOT, "tests", "handoff", "llama_server.py")
        self.process = subprocess.Popen([sys.executable, script, model, str(slots)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        test.addClassCleanup(self.close)
        for line in self.process.stdout:
            if line.startswith("listening "):
                self.url = line.split()[1] + "/v1"
                threading.Thread(target=self.process.stdout.read, daemon=True).start()
                return
        raise AssertionError(
            f"llama-server did not start. Install it for {sys.executable}: "
            f"{sys.executable} -m pip install xllamacpp")

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def wait_for(condition, seconds=30.0):
    """Polls until the condition holds. Returns whether it did."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.001)
    return False


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
