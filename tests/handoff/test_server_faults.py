"""run/server.py against servers that misbehave, from a script for each test."""

import http.server
import importlib.util
import json
import os
import socket
import threading
import time
import unittest

from support import RUN, Job, kill, request_line, serve, wait_for

KEY = "sk-a-key-that-must-not-be-seen-7731"


def chat(body, count=None, first=0):
    """A good answer to a request body."""
    seed = body.get("seed", 0)
    choices = [{"index": first + j, "finish_reason": "stop",
                "message": {"role": "assistant", "content": f"seed {seed + j}"}}
               for j in range(body.get("n", 1) if count is None else count)]
    return {"id": "chatcmpl-1", "model": body.get("model"), "choices": choices,
            "usage": {"prompt_tokens": 10, "completion_tokens": 3 * len(choices),
                      "total_tokens": 10 + 3 * len(choices)}}


class Scripted:
    """A server whose answers a function gives: script(number, body) -> (status, headers, bytes)."""

    def __init__(self, test, script):
        self.seen, self.lock, self.at_once, self.most = [], threading.Lock(), 0, 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                body = json.loads(text)
                with outer.lock:
                    outer.seen.append({"path": self.path, "headers": dict(self.headers), "body": body,
                                       "time": time.monotonic()})
                    number = len(outer.seen) - 1
                    outer.at_once += 1
                    outer.most = max(outer.most, outer.at_once)
                try:
                    answer = script(number, body)
                finally:
                    with outer.lock:
                        outer.at_once -= 1
                if answer is None:  # Hangs up without a word.
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                status, headers, content = answer
                if isinstance(content, dict):
                    content = json.dumps(content).encode()
                self.send_response(status)
                for name, value in dict({"Content-Length": str(len(content))}, **headers).items():
                    if value is not None:
                        self.send_header(name, value)
                try:
                    self.end_headers()
                    self.wfile.write(content)
                except ConnectionError:
                    pass  # The other side has given up, as some tests have it.

            do_GET = do_POST

        self.http, self.url = serve(test, Handler)


def good(_, body):
    return 200, {}, chat(body)


def error(status, message="no", **headers):
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, \
        {"error": {"message": message, "code": status}}


class Faults(unittest.TestCase):
    def job(self, prompts=3, count=2, **settings):
        return Job(self, [request_line(p, "en", 0, count, **settings) for p in range(prompts)])

    def run_job(self, job, script, *arguments, key=True, wait="0.01"):
        """(process, server) of one run; the key must be nowhere but in the header."""
        server = Scripted(self, script)
        options = ["--url", server.url, "--wait", wait, "--concurrency", "1", "--max-concurrency", "1"]
        options += ["--key-env", "A_KEY"] if key else []
        done = job.run(*options, *arguments, env={"A_KEY": KEY} if key else {})
        self.assertNotIn("Traceback", done.stderr)
        self.assertNotIn(KEY, done.stdout + done.stderr)
        for name in os.listdir(job.file("results")):
            with open(job.file("results/" + name), encoding="utf-8") as file:
                self.assertNotIn(KEY, file.read(), name)
        return done, server

    def expect(self, done, status, *texts):
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        for text in texts:
            self.assertIn(text, done.stdout)

    def test_429_twice_then_200(self):
        job = self.job(prompts=1)
        done, server = self.run_job(
            job, lambda k, body: error(429, "slow down", Retry_After="1") if k < 2 else good(k, body))
        self.expect(done, 0, "1 done, 0 refused, 0 missing of 1 requests")
        times = [seen["time"] for seen in server.seen]
        self.assertEqual(len(times), 3)
        self.assertTrue(all(b - a >= 0.99 for a, b in zip(times, times[1:])), "Retry-After is kept")
        self.assertEqual({seen["headers"]["Authorization"] for seen in server.seen}, {"Bearer " + KEY})

    def test_the_waits_grow(self):
        job = self.job(prompts=1)
        done, server = self.run_job(job, lambda k, body: error(500), wait="0.05")
        self.expect(done, 3, "0 done, 0 refused, 1 missing of 1 requests", "failed 6 times: 500: no")
        self.assertEqual(len(server.seen), 6)
        total = server.seen[-1]["time"] - server.seen[0]["time"]
        self.assertLess(total, 0.05 * (1 + 2 + 4 + 8 + 16) + 3)
        self.assertEqual(job.results(), {}, "a part is not renamed before it is whole")

    def test_503_while_the_model_loads(self):
        job = self.job()
        done, _ = self.run_job(job, lambda k, body: error(503, "Loading model") if k < 3 else good(k, body))
        self.expect(done, 0, "3 done")

    def test_other_errors_that_pass(self):
        for status in (408, 409, 500, 502, 504, 529):
            with self.subTest(status=status):
                job = self.job(prompts=1)
                done, server = self.run_job(job, lambda k, b, s=status: error(s) if k == 0 else good(k, b))
                self.expect(done, 0, "1 done")
                self.assertEqual(len(server.seen), 2)

    def test_503_for_ever_stops(self):
        job = self.job(prompts=20)
        done, server = self.run_job(job, lambda k, body: error(503, "overloaded"), "--tries", "2")
        self.expect(done, 1, "The server fails every request", "overloaded", "20 missing of 20")
        self.assertEqual(len(server.seen), 16)

    def test_401_stops_without_showing_the_key(self):
        done, server = self.run_job(self.job(), lambda k, body: error(401, "bad key " + KEY))
        self.expect(done, 1, "The server wants a valid key", "bad key (key)", "--key-env", "3 missing")
        self.assertEqual(len(server.seen), 1)

    def test_404_stops(self):
        done, server = self.run_job(self.job(), lambda k, body: error(404, "model `x` does not exist"))
        self.expect(done, 1, "model `x` does not exist", "usually ends in /v1")
        self.assertEqual(len(server.seen), 1)

    def test_web_page_stops(self):
        page = b"<!DOCTYPE html><title>Welcome</title>"
        done, server = self.run_job(self.job(), lambda k, body: (200, {"Content-Type": "text/html"}, page))
        self.expect(done, 1, "answers with a web page", "usually ends in /v1", "0 done, 0 refused, 3 missing")
        self.assertEqual(len(server.seen), 1)

    def test_web_page_of_a_proxy_passes(self):
        page = b"<html>502 Bad Gateway</html>"
        done, _ = self.run_job(self.job(), lambda k, b: (502, {}, page) if k == 1 else good(k, b))
        self.expect(done, 0, "3 done")

    def test_connection_refused(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        begin = time.monotonic()
        done = self.job().run("--url", f"http://127.0.0.1:{port}/v1")
        self.expect(done, 1, f"Nothing answers at http://127.0.0.1:{port}/v1", "Is the server started")
        self.assertLess(time.monotonic() - begin, 5)

    def test_server_gone_in_the_middle(self):
        job = self.job(prompts=10)
        server = None

        def script(k, body):
            if k == 3:
                server.http.socket.close()  # No new connection is taken from here on.
            return good(k, body)

        server = Scripted(self, script)
        done = job.run("--url", server.url, "--wait", "0.01", "--concurrency", "1", "--max-concurrency", "1")
        self.expect(done, 1, "The server fails every request", "What was answered is kept", "4 done")
        self.assertEqual(len(job.lines(".part-gen-00000.jsonl")), 4)
        again, second = self.run_job(job, good)
        self.expect(again, 0, "10 done")
        self.assertEqual(len(second.seen), 6)

    def test_cut_body(self):
        for headers in ({"Content-Length": "9000"}, {"Content-Length": None}):
            with self.subTest(headers=headers):
                cut = json.dumps(chat({"n": 2})).encode()[:70]
                done, server = self.run_job(self.job(), lambda k, b, h=headers: (200, h, cut) if k in (0, 2)
                                            else good(k, b))
                self.expect(done, 0, "3 done")
                self.assertEqual(len(server.seen), 5)

    def test_cut_chunk(self):
        chunk = b"40\r\n{\"choices\": [{\"ind"
        done, _ = self.run_job(self.job(), lambda k, b: (
            200, {"Content-Length": None, "Transfer-Encoding": "chunked"}, chunk) if k == 1 else good(k, b))
        self.expect(done, 0, "3 done")

    def test_hang_up(self):
        done, _ = self.run_job(self.job(), lambda k, body: None if k in (0, 1, 4) else good(k, body))
        self.expect(done, 0, "3 done")

    def test_no_answer_in_time(self):
        def script(k, body):
            if k == 0:
                time.sleep(1)
            return good(k, body)
        done, server = self.run_job(self.job(prompts=1), script, "--timeout", "0.3")
        self.expect(done, 0, "1 done")
        self.assertEqual(len(server.seen), 2)

    def test_one_choice_for_n_4(self):
        job = self.job(count=4)
        done, server = self.run_job(job, lambda k, body: (200, {}, chat(body, count=1)))
        self.expect(done, 0, "gives 1 of 4 samples. Each sample is now asked for by itself.", "3 done")
        self.assertEqual([seen["body"]["n"] for seen in server.seen], [4] + [1] * 12)
        for request in job.requests:
            seed = request["body"]["seed"]
            body = job.results()[request["custom_id"]]["response"]["body"]
            self.assertEqual([(c["index"], c["message"]["content"]) for c in body["choices"]],
                             [(j, f"seed {seed + j}") for j in range(4)])
            self.assertEqual(body["usage"], {"prompt_tokens": 10, "completion_tokens": 12, "total_tokens": 22})

    def test_equal_indices_are_too_few_choices(self):
        def script(k, body):
            answer = chat(body)
            for choice in answer["choices"]:
                choice["index"] = 0
            return 200, {}, answer
        job = self.job(prompts=1, count=3)
        done, server = self.run_job(job, script)
        self.expect(done, 0, "1 done")
        self.assertEqual([seen["body"]["n"] for seen in server.seen], [3, 1, 1, 1])

    def test_redirect_is_not_followed(self):
        other = Scripted(self, good)
        for status in (301, 302, 303, 307, 308):
            with self.subTest(status=status):
                done, server = self.run_job(self.job(), lambda k, body, s=status: (
                    s, {"Location": other.url + "/chat/completions?secret=1"}, b""))
                self.expect(done, 1, "sends its callers elsewhere", "Nothing was sent there")
                self.assertNotIn("secret", done.stdout)
                self.assertEqual(len(server.seen), 1)
        self.assertEqual(other.seen, [])

    def test_refused_requests_are_recorded(self):
        job = self.job(prompts=6, count=1)
        bad = {job.requests[1]["body"]["seed"], job.requests[4]["body"]["seed"]}
        for status in (400, 413, 422):
            with self.subTest(status=status):
                job.clear()
                done, server = self.run_job(job, lambda k, b, s=status: error(s, f"too long {KEY}")
                                            if b["seed"] in bad else good(k, b))
                self.expect(done, 3, "4 done, 2 refused, 0 missing of 6 requests", f"2 x refused, {status}")
                self.assertEqual(len(server.seen), 6)
                line = job.results()[job.requests[1]["custom_id"]]
                self.assertEqual(line["response"]["status_code"], status)
                self.assertEqual(line["error"], {"code": str(status), "message": "too long (key)"})
        again, server = self.run_job(job, good)
        self.expect(again, 3, "4 done, 2 refused")
        self.assertEqual(server.seen, [], "what was refused is not sent again")
        again, server = self.run_job(job, good, "--again")
        self.expect(again, 0, "6 done, 0 refused")
        self.assertEqual(len(server.seen), 2)

    def test_refused_for_another_reason_than_n(self):
        job = self.job(prompts=3, count=4)
        bad = job.requests[1]["body"]["seed"]
        done, server = self.run_job(job, lambda k, b: error(400, "too long") if b["seed"] == bad else good(k, b))
        self.expect(done, 3, "2 done, 1 refused")
        self.assertNotIn("by itself", done.stdout)
        self.assertEqual([seen["body"]["n"] for seen in server.seen], [4, 4, 1, 4])

    def test_an_unknown_field_is_named_and_dropped_only_when_told(self):
        def script(k, body):
            return error(400, "unknown field min_p") if "min_p" in body else good(k, body)
        job = self.job(prompts=30, count=1)
        done, server = self.run_job(job, script)
        self.expect(done, 1, "refuses every request: unknown field min_p", "--drop FIELD", "0 refused, 30 missing")
        self.assertEqual(len(server.seen), 8)
        done, server = self.run_job(job, script, "--drop", "min_p,return_token_ids")
        self.expect(done, 0, "30 done")
        self.assertTrue(all("return_token_ids" not in seen["body"] for seen in server.seen))

    def test_what_is_sent(self):
        job = self.job(prompts=1)
        done, server = self.run_job(job, good, "--model", "other/name", key=False)
        self.expect(done, 0, "1 done")
        (seen,) = server.seen
        self.assertEqual(seen["path"], "/v1/chat/completions")
        self.assertNotIn("Authorization", seen["headers"])
        wanted = dict(job.requests[0]["body"], model="other/name", max_tokens=24)
        self.assertEqual(seen["body"], wanted)
        server = Scripted(self, good)
        self.assertEqual(self.job().run("--url", server.url[:-3]).returncode, 0)
        self.assertEqual(server.seen[0]["path"], "/v1/chat/completions", "/v1 is put before a bare address")

    def test_begins_with_four_and_grows_to_32(self):
        at_once = []

        def script(k, body):
            with server.lock:
                at_once.append(server.at_once)
            time.sleep(0.4 if k < 4 else 0.2)
            return good(k, body)
        server = Scripted(self, script)
        self.expect(self.job(prompts=200, count=1).run("--url", server.url), 0, "200 done")
        self.assertEqual(max(at_once[:4]), 4)
        self.assertLessEqual(max(at_once[:5]), 5, "the fifth waits for an answer")
        self.assertGreater(server.most, 20)
        self.assertLessEqual(server.most, 32)

    def test_fewer_at_a_time_when_told_to_slow_down(self):
        spec = importlib.util.spec_from_file_location("server", os.path.join(RUN, "server.py"))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        gate = module.Gate(4, 32)
        for _ in range(40):
            gate.leave(gate.enter(), success=True)
        self.assertEqual(gate.limit, 32)
        sent_before = [gate.enter() for _ in range(3)]
        gate.leave(gate.enter(), slow=True)
        self.assertEqual(gate.limit, 16)
        for epoch in sent_before:
            gate.leave(epoch, slow=True)
        self.assertEqual(gate.limit, 16, "what was sent before the halving does not halve again")
        for _ in range(9):
            gate.leave(gate.enter(), slow=True)
        self.assertEqual(gate.limit, 1, "never none")

        def script(k, body):
            with server.lock:
                crowded = server.at_once > 6
            time.sleep(0.02)
            return error(503) if crowded else good(k, body)
        server = Scripted(self, script)
        self.expect(self.job(prompts=100, count=1).run("--url", server.url, "--wait", "0.05"), 0, "100 done")
        self.assertGreater(len(server.seen), 100, "it was told to slow down")

    def test_numbers_json_does_not_have(self):
        text = json.dumps(chat({"n": 2})).replace('"stop"', '"stop", "logprobs": {"content": [NaN, -Infinity]}')
        job = self.job(prompts=1)
        done, _ = self.run_job(job, lambda k, body: (200, {}, text.encode()))
        self.expect(done, 0, "1 done")
        (line,) = job.results().values()
        self.assertEqual(line["response"]["body"]["choices"][0]["logprobs"]["content"], [None, None])

    def test_words_of_any_script(self):
        text = "السلام \u2028 \U0001f34e \ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        answer = chat({"n": 1})
        answer["choices"][0]["message"]["content"] = text
        raw = json.dumps(answer).encode().replace(b"seed", b"\\ud800")
        job = self.job(prompts=1, count=1)
        done, _ = self.run_job(job, lambda k, body: (200, {}, raw))
        self.expect(done, 0, "1 done")
        (line,) = job.results().values()
        self.assertEqual(line["response"]["body"]["choices"][0]["message"]["content"], text)

    def test_two_runs_at_once(self):
        job = self.job()
        server = Scripted(self, lambda k, body: time.sleep(1) or good(k, body))
        first = job.start("--url", server.url)
        self.addCleanup(kill, first)
        self.assertTrue(wait_for(lambda: server.seen))
        second = job.run("--url", server.url)
        self.assertEqual(second.returncode, 1)
        self.assertIn("Another run is writing", second.stdout + second.stderr)
        self.assertEqual(first.wait(20), 0)

    def test_interrupted(self):
        job = self.job(prompts=40, count=1)
        server = Scripted(self, lambda k, body: time.sleep(0.05) or good(k, body))
        process = job.start("--url", server.url, "--max-concurrency", "4")
        self.assertTrue(wait_for(lambda: len(server.seen) > 12))
        process.terminate()
        self.assertEqual(process.wait(10), 3)
        kept = len(job.lines(".part-gen-00000.jsonl"))
        self.assertGreater(kept, 0)
        self.assertLess(kept, 40)
        again, server = self.run_job(job, good)
        self.expect(again, 0, f"40 requests, {40 - kept} to send", "40 done")

    def test_results_of_other_programs_are_taken(self):
        job = self.job(prompts=5, count=2)
        ids = [request["custom_id"] for request in job.requests]
        answer = {"choices": [{"index": 0}, {"index": 1}]}
        lines = [
            {"id": "a", "custom_id": ids[0], "response": {"status_code": 200, "body": answer}, "error": None},
            {"id": "b", "custom_id": ids[1], "response": answer, "error": None},
            {"id": "c", "custom_id": ids[2], "response": None, "error": {"code": "batch_expired"}},
            {"id": "d", "custom_id": ids[3][:-4] + "_0_1", "error": None,
             "response": {"status_code": 200, "body": {"choices": [{"index": 0}]}}},
            {"id": "e", "custom_id": ids[4], "error": {"error": {"message": "?"}},
             "response": {"status_code": 500, "body": None}},
        ]
        with open(job.file("results/results-gen-00000.jsonl"), "w") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
            file.write('{"id":"f","custom_id":"' + ids[4])
        done, server = self.run_job(job, good)
        self.expect(done, 0, "5 requests, 3 to send, 3 unusable lines dropped", "5 done")
        self.assertEqual(len(server.seen), 3)

    def test_a_damaged_job_is_not_sent(self):
        for damage, text in ((b'{"custom_id":"c1', "line 4: this is not a request"),
                             (b'{"custom_id":"x","url":"http://evil/","body":{}}\n', "line 4"),
                             (None, "comes twice")):
            job = self.job()
            path = job.file("requests-gen-00000.jsonl")
            with open(path, "rb") as file:
                first = file.readline()
            with open(path, "ab") as file:
                file.write(damage or first)
            done, server = self.run_job(job, good)
            self.assertEqual(done.returncode, 1)
            self.assertIn(text, done.stdout + done.stderr)
            self.assertEqual(server.seen, [])

    def test_addresses_and_keys_that_are_refused(self):
        job = self.job()
        for url in ("ftp://a/v1", "127.0.0.1:8000", "http://me:pass1@127.0.0.1/v1", "http://a:b/v1",
                    "http://127.0.0.1/v1?key=pass1"):
            done = job.run("--url", url)
            self.assertEqual(done.returncode, 1, url)
            self.assertIn("--url", done.stderr)
            self.assertNotIn("pass1", done.stdout + done.stderr)
            self.assertNotIn("Traceback", done.stderr)
        for key, text in (("", "is empty"), ("one two", "no key has"), ("a\r\nX: 1", "no key has")):
            done = job.run("--url", "http://127.0.0.1:9/v1", "--key-env", "A_KEY", env={"A_KEY": key})
            self.assertEqual(done.returncode, 1)
            self.assertIn(text, done.stderr)
            self.assertNotIn("one two", done.stderr)


if __name__ == "__main__":
    unittest.main()
