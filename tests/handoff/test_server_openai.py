"""run/openai_batch.py against a small server that keeps files and batches as OpenAI's does."""

import http.server
import json
import os
import re
import subprocess
import unittest
import urllib.parse

from support import Job, request_line, serve, wait_for

KEY = "sk-a-key-that-must-not-be-seen-7731"
NOT_OPENAI = "min_p,repetition_penalty,return_token_ids,top_k"


class BatchService:
    """Files and batches. A batch needs two looks; `on_batch` may fail some of its lines."""

    def __init__(self, test):
        self.files, self.batches, self.uploads, self.calls, self.auth = {}, {}, 0, [], set()
        self.on_batch = lambda lines: {"status": "completed", "output": lines, "errors": []}
        self.faults = []  # (method, path, what) for the next such call: a status, or "lost"
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, status, content):
                content = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def handle_call(self, method):
                url = urllib.parse.urlsplit(self.path)
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.calls.append((method, url.path))
                outer.auth.add(self.headers.get("Authorization"))
                fault = next((f for f in outer.faults if f[:2] == (method, url.path)), None)
                if fault:
                    outer.faults.remove(fault)
                    if fault[2] != "lost":
                        return self.answer(fault[2], {"error": {"message": "later"}})
                result = outer.route(method, url, content, self.headers)
                if fault:
                    self.connection.close()  # It was done, but the answer does not arrive.
                    return None
                return self.answer(200 if result is not None else 404,
                                   {"error": {"message": "none"}} if result is None else result)

            def do_GET(self):
                self.handle_call("GET")

            def do_POST(self):
                self.handle_call("POST")

        _, self.url = serve(test, Handler)

    def keep(self, content):
        name = f"file-{len(self.files)}"
        self.files[name] = content
        return name

    def route(self, method, url, content, headers):
        if (method, url.path) == ("POST", "/v1/files"):
            boundary = re.match(r"multipart/form-data; boundary=(\w+)$", headers["Content-Type"])[1].encode()
            parts = content.split(b"--" + boundary)
            assert parts[0] == b"" and parts[-1] == b"--\r\n", parts
            fields = {}
            for part in parts[1:-1]:
                head, body = part.split(b"\r\n\r\n", 1)
                fields[re.search(rb'name="(\w+)"', head)[1].decode()] = body[:-2]
            assert fields["purpose"] == b"batch"
            self.uploads += 1
            return {"id": self.keep(fields["file"])}
        if (method, url.path) == ("POST", "/v1/batches"):
            wanted = json.loads(content)
            assert wanted["endpoint"] == "/v1/chat/completions" and wanted["completion_window"] == "24h"
            name = f"batch_{len(self.batches)}"
            self.batches[name] = {"id": name, "status": "in_progress", "looks": 0, **wanted}
            return self.batches[name]
        if (method, url.path) == ("GET", "/v1/batches"):
            return {"data": list(self.batches.values()), "has_more": False}
        match = re.match(r"^/v1/batches/(\w+)$", url.path)
        if match and match[1] in self.batches:
            batch = self.batches[match[1]]
            batch["looks"] += 1
            if batch["looks"] == 2:
                self.finish(batch)
            return batch
        match = re.match(r"^/v1/files/([\w-]+)/content$", url.path)
        return self.files.get(match[1]) if match else None

    def finish(self, batch):
        requests = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        assert not any(set(r["body"]) & set(NOT_OPENAI.split(",")) for r in requests)
        lines = [{"id": "batch_req", "custom_id": r["custom_id"], "error": None, "response": {
            "status_code": 200, "request_id": "r", "body": {"model": r["body"]["model"], "choices": [
                {"index": j, "message": {"content": str(r["body"]["seed"] + j)}, "finish_reason": "stop"}
                for j in range(r["body"]["n"])]}}} for r in requests]
        end = self.on_batch(lines)
        batch["status"] = end["status"]
        batch["errors"] = end.get("why")
        for key, name in (("output_file_id", "output"), ("error_file_id", "errors")):
            if end[name]:
                batch[key] = self.keep(b"".join(json.dumps(line).encode() + b"\n" for line in end[name]))


class OpenAI(unittest.TestCase):
    def setUp(self):
        self.service = BatchService(self)
        self.job = Job(self, [request_line(p, "sw", 0, 2) for p in range(6)], shards=2)

    def options(self, *more):
        return ["--url", self.service.url, "--drop", NOT_OPENAI, "--poll", "0.02", "--wait", "0.01", *more]

    def run_job(self, *more, status=0, texts=()):
        done = self.job.run(*self.options(*more), script="openai_batch.py", env={"OPENAI_API_KEY": KEY})
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertNotIn(KEY, done.stdout + done.stderr)
        for text in texts:
            self.assertIn(text, done.stdout + done.stderr)
        for name in os.listdir(self.job.file("results")):
            with open(self.job.file("results/" + name), encoding="utf-8") as file:
                self.assertNotIn(KEY, file.read(), name)
        return done

    def check_whole(self):
        found = {**self.job.results(0), **self.job.results(1)}
        self.assertEqual(set(found), {request["custom_id"] for request in self.job.requests})

    def test_end_to_end(self):
        self.run_job(texts=["6 done, 0 refused, 0 missing of 6 requests"])
        self.check_whole()
        self.assertEqual(self.service.auth, {"Bearer " + KEY})
        self.assertEqual(self.service.uploads, 2)
        calls = len(self.service.calls)
        self.run_job(texts=["6 done"])
        self.assertEqual(len(self.service.calls), calls, "a whole job asks for nothing")

    def test_not_waiting(self):
        self.run_job("--no-wait", status=3, texts=["gen-00000: in_progress", "6 missing"])
        self.run_job("--no-wait", status=0, texts=["completed", "6 done"])
        self.assertEqual(self.service.uploads, 2)
        self.check_whole()

    def test_ended_while_waiting(self):
        for calls in range(1, 9):
            with self.subTest(calls=calls):
                self.setUp()
                process = subprocess.Popen(self.job.command(*self.options("--poll", "0.05"), script="openai_batch.py"),
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                           env=dict(os.environ, OPENAI_API_KEY=KEY))
                wait_for(lambda n=calls: len(self.service.calls) >= n)
                process.kill()
                process.wait()
                self.run_job(texts=["6 done"])
                self.check_whole()
                self.assertEqual(len(self.service.batches), 2, "no batch is paid for twice")

    def test_the_answer_about_a_batch_is_lost(self):
        self.service.faults = [("POST", "/v1/batches", "lost")]
        self.run_job(texts=["6 done"])
        self.assertEqual(len(self.service.batches), 2)
        self.check_whole()

    def test_errors_that_pass(self):
        self.service.faults = [("POST", "/v1/files", 500), ("POST", "/v1/batches", 429), ("GET", "/v1/batches/batch_0", 503),
                               ("GET", "/v1/files/file-2/content", 502)]
        self.run_job(texts=["6 done"])
        self.assertEqual(self.service.faults, [])
        self.check_whole()

    def test_expired_lines_are_sent_again(self):
        def half(lines):
            self.service.on_batch = whole
            return {"status": "expired", "output": lines[:1], "errors": [
                {"id": "x", "custom_id": line["custom_id"], "response": None,
                 "error": {"code": "batch_expired", "message": "too late"}} for line in lines[1:]]}
        whole, self.service.on_batch = self.service.on_batch, half
        self.run_job(status=3, texts=["4 done, 0 refused, 2 missing"])
        self.run_job(texts=["uploading 2 requests", "6 done"])
        self.check_whole()

    def test_refused_lines(self):
        def refuse(lines):
            bad = {"id": "x", "custom_id": lines[0]["custom_id"], "error": {"message": "no"},
                   "response": {"status_code": 400, "request_id": "r", "body": {"error": {"message": "no"}}}}
            return {"status": "completed", "output": lines[1:], "errors": [bad]}
        self.service.on_batch = refuse
        self.run_job(status=3, texts=["4 done, 2 refused, 0 missing"])
        self.run_job(status=3, texts=["4 done, 2 refused, 0 missing"])
        self.assertEqual(self.service.uploads, 2)

    def test_a_batch_that_is_refused(self):
        self.service.on_batch = lambda lines: {"status": "failed", "output": [], "errors": [],
                                               "why": {"data": [{"message": "no such model"}]}}
        self.run_job(status=1, texts=["the service refused the batch: no such model"])

    def test_fields_of_other_servers(self):
        done = self.job.run("--url", self.service.url, script="openai_batch.py", env={"OPENAI_API_KEY": KEY})
        self.assertEqual(done.returncode, 1)
        self.assertIn("--drop top_k,min_p,repetition_penalty,return_token_ids; nothing that is sampled changes", done.stderr)
        self.assertEqual(self.service.calls, [])
        job = Job(self, [request_line(0, "sw", 0, 2, top_k=40)])
        done = job.run("--url", self.service.url, script="openai_batch.py", env={"OPENAI_API_KEY": KEY})
        self.assertIn("that changes what is sampled (top_k)", done.stderr)

    def test_no_key(self):
        done = self.job.run(*self.options(), script="openai_batch.py", env={"OPENAI_API_KEY": ""})
        self.assertEqual(done.returncode, 1)
        self.assertIn("OPENAI_API_KEY is empty", done.stderr)


if __name__ == "__main__":
    unittest.main()
