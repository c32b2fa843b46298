"""A server in front of another one, with the faults that servers have: faulty_server.py UPSTREAM.

The first part of a path says which fault, as in http://127.0.0.1:PORT/busy/v1. Prints "listening ADDRESS" and serves until its
standard input is closed. GET /seen says which keys came with which fault.
"""

import collections
import http.server
import json
import sys
import threading
import time
import urllib.error
import urllib.request

UPSTREAM = sys.argv[1].rstrip("/")
KEY = "sk-right-4711"
# Requests of the page's first look at a server: its three small chats come before those of a run.
N_PROBES = 4

counts = collections.Counter()
seen = collections.defaultdict(set)
lock = threading.Lock()


class Faulty(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def allow(self):
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Headers", "authorization, content-type")

    def answer(self, status, body, kind="application/json", is_open=True, headers=()):
        self.send_response(status)
        if is_open:
            self.allow()
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_OPTIONS(self):
        self.send_response(204)
        if not self.path.startswith("/closed/"):
            self.allow()
        self.end_headers()

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        if self.path == "/seen":
            with lock:
                told = {fault: sorted(keys) for fault, keys in seen.items()}
            return self.answer(200, json.dumps(told).encode())
        return self.handle_fault(None)

    def do_POST(self):
        self.handle_fault(self.rfile.read(int(self.headers["Content-Length"])))

    def handle_fault(self, body):
        _, fault, rest = self.path.split("/", 2)
        key = self.headers.get("Authorization")
        is_chat = rest.endswith("chat/completions")
        with lock:
            seen[fault].update([key] if key else [])
            counts[fault, rest] += 1
            n = counts[fault, rest]
        is_run = is_chat and n > N_PROBES
        if fault == "closed":
            return self.answer(200, b"{}", is_open=False)
        if fault == "key" and key != f"Bearer {KEY}":
            return self.answer(401, json.dumps({"error": {"message": f"wrong key: {key}"}}).encode())
        if fault == "loading":
            return self.answer(503, b'{"error":{"message":"Loading model","code":503}}')
        if fault == "none":
            return self.answer(404, b"nothing here")
        if fault == "html":
            return self.answer(200, b"<!doctype html><title>A router</title>", "text/html")
        if fault == "elsewhere":
            return self.answer(302, b"", headers=[("Location", "https://example.com/v1/models")])
        if fault == "echo" and is_chat:
            return self.answer(200, body)
        if fault == "busy" and is_run and n <= N_PROBES + 3:
            return self.answer(429 if n % 2 else 503, b'{"error":{"message":"slow down"}}')
        if fault == "leaves" and is_run and n > N_PROBES + 2:
            said = {"error": {"message": f"the key {key} is no longer valid"}}
            return self.answer(401, json.dumps(said).encode())
        if fault == "slow" and is_run:
            time.sleep(1)
        if fault == "endless" and is_run:
            return self.endless()
        asked = json.loads(body) if body else {}
        if fault == "single":
            asked["n"] = 1
        if fault == "equal":
            asked["temperature"] = 0
        status, kind, data = upstream(rest, asked if body else None)
        if fault == "silent":
            data = data.replace(b'"logprobs"', b'"nothing"')
        if fault == "other":
            data = data.replace(b'"model":"', b'"model":"somebody/else","was":"')
        if fault == "cut" and is_run and n % 3 == 0:
            return self.cut(data, kind)
        return self.answer(status, data, kind)

    def cut(self, data, kind):
        """Two thirds of an answer, then nothing."""
        self.send_response(200)
        self.allow()
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) * 2 // 3])
        self.wfile.flush()
        self.close_connection = True

    def endless(self):
        """The beginning of an answer, then signs of life for ever."""
        self.send_response(200)
        self.allow()
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        delta = {"index": 0, "delta": {"content": "It begins"}, "finish_reason": None}
        try:
            self.wfile.write(b"data: " + json.dumps({"choices": [delta]}).encode() + b"\n\n")
            while True:
                self.wfile.write(b": ping\n\n")
                self.wfile.flush()
                time.sleep(0.2)
        except OSError:
            pass


def upstream(path, asked):
    body = None if asked is None else json.dumps(asked).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{UPSTREAM}/{path}", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers["Content-Type"], refusal.read()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


server = Server(("127.0.0.1", 0), Faulty)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"listening http://127.0.0.1:{server.server_port}", flush=True)
sys.stdin.read()
