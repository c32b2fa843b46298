#!/usr/bin/env python3
"""Sends the requests of this job to an OpenAI-compatible server and keeps the answers.

    python3 run/server.py --url http://127.0.0.1:8000/v1

Needs Python 3.9 or newer and nothing else. Each answer is on disk before the next request of that
thread is sent; after a crash or a cut connection, the same command sends only what is missing.

Exit status: 0 all requests have their responses; 3 some are missing or were refused, run it again
or look at the messages; 1 it stopped and a person has to change something (said in the last line).
"""

import argparse
import email.utils
import http.client
import ipaddress
import json
import os
import random
import re
import signal
import socket
import ssl
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

try:
    import fcntl
except ImportError:  # Windows: two runs on one folder are not noticed there.
    fcntl = None

MAX_ANSWER = 64 << 20
LONGEST_WAIT = 60.0
LONGEST_RETRY_AFTER = 600.0
# So many requests in a row that fail, or that are refused before any is accepted, stop the run.
TOO_MANY = 8
RETRIED = {408, 409, 429}
STOPPING = {401, 402, 403, 404, 405, 407, 410}
CUSTOM_ID = re.compile(r"^(.+)_(\d+)_(\d+)$")


class Stop(Exception):
    """The run cannot go on before a person changes something; the text says what."""


class Refused(Exception):
    """The server will never answer this request as it is."""

    def __init__(self, status, message, body=None, request_id=""):
        super().__init__(message)
        self.status, self.message, self.body, self.request_id = status, message, body, request_id


class Failed(Exception):
    """This try failed; a later one may not."""

    def __init__(self, message, busy=False, retry_after=0.0, unreachable=False):
        super().__init__(message)
        self.busy, self.retry_after, self.unreachable = busy, retry_after, unreachable


def dump(value):
    """One line of ASCII JSON, without the numbers JSON does not have."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def read_json(text):
    """JSON as servers write it: NaN and Infinity become null."""
    return json.loads(text, parse_constant=lambda _: None)


def samples(custom_id):
    """The samples an id stands for: ("…_12_sw", 0, 8), or the id itself once."""
    match = CUSTOM_ID.match(custom_id)
    return (match[1], int(match[2]), int(match[3])) if match else (custom_id, 0, 1)


# --- The files of one shard ---------------------------------------------------------------------


class Shard:
    """requests-NAME.jsonl, and what results/ holds for it.

    results/results-NAME.jsonl    every request has its line
    results/.part-NAME.jsonl      some have; lines are only ever appended
    results/.part-NAME.next.jsonl what another program wrote (vLLM, OpenAI); taken into the part
    """

    def __init__(self, path, again=False):
        self.path = path
        base = os.path.basename(path)
        if not (base.startswith("requests-") and base.endswith(".jsonl")):
            raise Stop(f"{path}: request files are named requests-….jsonl.")
        self.name = base[len("requests-"):-len(".jsonl")]
        folder = os.path.join(os.path.dirname(os.path.abspath(path)), "results")
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.whole = os.path.join(folder, f"results-{self.name}.jsonl")
        self.part = os.path.join(folder, f".part-{self.name}.jsonl")
        self.next = os.path.join(folder, f".part-{self.name}.next.jsonl")
        self.lock = self._lock()
        self.write_lock = threading.Lock()
        self.out, self.is_closed = None, False
        self.index = self._read_requests()
        self.kept_samples, self.refused_ids = set(), set()
        self._read_results(again)

    def _lock(self):
        lock = open(os.path.join(self.folder, f".lock-{self.name}"), "a")
        try:
            if fcntl:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise Stop(f"Another run is writing the results of {self.path}. Wait for it, or end it.")
        except OSError:
            pass  # This file system has no locks.
        return lock

    def _read_requests(self):
        """(custom_id, offset) of each line, all checked before the first is sent."""
        index, seen, offset = [], set(), 0
        with open(self.path, "rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    try:
                        request = json.loads(line)
                        custom_id, url = request["custom_id"], request["url"]
                        good = isinstance(request["body"], dict) and isinstance(custom_id, str)
                        good = good and re.match(r"^/[A-Za-z0-9/_.-]+$", url)
                    except (ValueError, KeyError, TypeError):
                        good = False
                    if not good:
                        raise Stop(f"{self.path}, line {number}: this is not a request. "
                                   "The file was changed or cut; unpack the job again.")
                    if custom_id in seen:
                        raise Stop(f"{self.path}, line {number}: {custom_id} comes twice. "
                                   "The file was changed; unpack the job again.")
                    seen.add(custom_id)
                    index.append((custom_id, offset))
                offset += len(line)
        return index

    def _read_results(self, again):
        """Reads all results there are, and if they are not one clean file, makes them one."""
        ours = {custom_id for custom_id, _ in self.index}
        refused, lines, dropped = {}, [], 0
        files = [path for path in (self.whole, self.part, self.next) if os.path.exists(path)]
        for path in files:
            with open(path, "rb") as file:
                for line in file:
                    kind, custom_id = result_kind(line)
                    if kind == "done":
                        prefix, first, count = samples(custom_id)
                        new = {(prefix, first + k) for k in range(count)}
                        if new <= self.kept_samples:
                            dropped += 1  # The same results twice.
                            continue
                        self.kept_samples |= new
                    elif kind == "refused" and custom_id in ours and not again:
                        refused[custom_id] = line
                        continue
                    else:
                        dropped += 1
                        continue
                    lines.append(line)
        refused = {i: line for i, line in refused.items() if not self.has(i)}
        self.refused_ids = set(refused)
        lines.extend(refused.values())
        self.dropped = dropped
        missing = self.missing()
        if dropped or len(files) > 1 or files == [self.next] or (files == [self.whole] and missing):
            fresh = self.part + ".new"
            with open(fresh, "wb") as file:
                file.writelines(lines)
                file.flush()
                os.fsync(file.fileno())
            os.replace(fresh, self.part)
            for path in (self.whole, self.next):
                if os.path.exists(path):
                    os.remove(path)
            sync_folder(self.folder)

    def has(self, custom_id):
        prefix, first, count = samples(custom_id)
        return all((prefix, first + k) in self.kept_samples for k in range(count))

    def missing(self):
        """(custom_id, offset) of the requests that have neither responses nor a refusal."""
        return [(i, at) for i, at in self.index if i not in self.refused_ids and not self.has(i)]

    def requests(self, wanted):
        """The raw request lines at these places."""
        with open(self.path, "rb") as file:
            for _, at in wanted:
                file.seek(at)
                yield file.readline()

    def append(self, result):
        """One result line: written whole and on disk, or the run stops."""
        line = dump(result).encode() + b"\n"
        with self.write_lock:
            if self.is_closed:
                return  # The run was stopped while this answer was under way.
            try:
                if self.out is None:
                    self.out = open(self.part, "ab")
                self.out.write(line)
                self.out.flush()
                os.fsync(self.out.fileno())
            except OSError as error:
                raise Stop(f"{self.part} cannot be written: {error.strerror}. "
                           "Make room, or give the folder the rights, and run this again.")
            if result["error"] is None:
                prefix, first, count = samples(result["custom_id"])
                self.kept_samples |= {(prefix, first + k) for k in range(count)}
            else:
                self.refused_ids.add(result["custom_id"])

    def close(self):
        """Gives the file its final name if every request has its line. Returns whether it does."""
        with self.write_lock:
            self.is_closed = True
            if self.out is not None:
                self.out.close()
        is_whole = not self.missing()
        if is_whole and os.path.exists(self.part):
            os.replace(self.part, self.whole)
            sync_folder(self.folder)
        if is_whole:
            os.remove(self.lock.name)
        self.lock.close()
        return is_whole


def sync_folder(path):
    """Makes a renaming last through a power cut, where the system can."""
    try:
        folder = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(folder)
    except OSError:
        pass
    os.close(folder)


def result_kind(line):
    """("done" | "refused" | "bad", custom_id) of one line of results."""
    if not line.endswith(b"\n"):
        return "bad", None  # Cut: the program that wrote it was ended.
    try:
        result = read_json(line)
        custom_id = result["custom_id"]
        response = result.get("response")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "bad", None
    if not isinstance(custom_id, str) or not isinstance(response, dict):
        return "bad", custom_id
    status = response.get("status_code", 200)
    if result.get("error") is None and status == 200:
        body = response.get("body", response)
        is_answer = isinstance(body, dict) and (body.get("choices") or body.get("data"))
        return ("done" if is_answer else "bad"), custom_id
    if isinstance(status, int) and 400 <= status < 500 and status not in RETRIED | STOPPING:
        return "refused", custom_id
    return "bad", custom_id


# --- Talking to the server ----------------------------------------------------------------------


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer, never followed: the key goes to the named server alone."""

    def redirect_request(self, *_):
        return None


class Server:
    """One address, one key, and what was learned about it."""

    def __init__(self, url, key=None, timeout=1800.0):
        parts = urllib.parse.urlsplit(url)
        try:
            parts.port
        except ValueError:
            raise Stop(f"--url {parts.scheme}://{parts.hostname}: the port is not a number.")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Stop("--url must be an address such as http://127.0.0.1:8000/v1.")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise Stop("--url must hold no name, password, ? or #. "
                       "Put the key into an environment variable and name it with --key-env.")
        self.url, self.host, self.key, self.timeout = url.rstrip("/"), parts.hostname, key, timeout
        self.has_path = parts.path.strip("/") != ""
        self.is_near = is_loopback(parts.hostname)
        self.accepted = 0
        proxies = urllib.request.ProxyHandler({}) if self.is_near else urllib.request.ProxyHandler()
        self.opener = urllib.request.build_opener(proxies, NoRedirect())
        if key and parts.scheme == "http" and not self.is_near:
            say(f"Note: the key travels unencrypted to {self.host}, since the address is http://.")

    def address(self, path):
        """The base usually ends in /v1, and so does the path of a request begin with it."""
        if self.has_path and path.startswith("/v1/"):
            path = path[len("/v1"):]
        return self.url + path

    def hide(self, text):
        """Text from outside, without the key."""
        text = text.replace(self.key, "(key)") if self.key else text
        return "".join(c if c.isprintable() else " " for c in text)

    def call(self, path, body=None, method="POST", headers=None, raw=None):
        """One try: (bytes of a 200 answer, request id), or Refused, Failed, Stop."""
        data = raw if raw is not None else (None if body is None else dump(body).encode())
        request = urllib.request.Request(self.address(path), data=data, method=method)
        request.add_header("Content-Type", "application/json")
        request.add_header("User-Agent", "concord-job")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        if self.key:
            request.add_unredirected_header("Authorization", "Bearer " + self.key)
        try:
            with self.opener.open(request, timeout=self.timeout) as answer:
                content = answer.read(MAX_ANSWER + 1)
                length = answer.headers.get("Content-Length")
                if length and length.isdigit() and len(content) < min(int(length), MAX_ANSWER):
                    raise Failed("the answer was cut off")
                if len(content) > MAX_ANSWER:
                    raise Refused(200, "the answer is larger than 64 MiB; ask for fewer tokens")
                return content, answer.headers.get("x-request-id") or ""
        except urllib.error.HTTPError as error:
            self.on_status(error)
        except urllib.error.URLError as error:
            self.on_network(error.reason)
        except (OSError, http.client.HTTPException) as error:
            self.on_network(error)

    def on_network(self, reason):
        if isinstance(reason, ssl.SSLError):
            raise Stop(f"No safe connection to {self.host}: {reason}. If the server speaks plain "
                       "HTTP, give http://; if its certificate is your own, set SSL_CERT_FILE.")
        text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        gone = isinstance(reason, (ConnectionRefusedError, socket.gaierror))
        if gone and not self.accepted:
            raise Stop(f"Nothing answers at {self.url} ({text}). Is the server started, and is the "
                       "port right? vLLM listens on 8000, llama-server on 8080 or 9931.")
        raise Failed(f"no connection: {text}", unreachable=gone)

    def on_status(self, error):
        status = error.code
        try:
            text = error.read(1 << 16).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            text = ""
        body, message = error_message(text)
        message = self.hide(message)[:500]
        if 300 <= status < 400:
            to = urllib.parse.urlsplit(error.headers.get("Location") or "")
            raise Stop(f"{self.url} sends its callers elsewhere"
                       + (f", to {to.scheme}://{to.hostname}{to.path}" if to.hostname else "")
                       + ". Nothing was sent there. If that is your server, give its address.")
        if status in (401, 403):
            raise Stop(f"The server wants a valid key ({status}: {message}). Put it into an "
                       "environment variable and name that with --key-env.")
        if status == 404:
            raise Stop(f"{error.url} does not exist there, or the model does not (404: {message}). "
                       "The address usually ends in /v1; --model names another model.")
        if status in STOPPING:
            raise Stop(f"The server turns the request away ({status}: {message}).")
        if status in RETRIED or status >= 500:
            raise Failed(f"{status}: {message}", busy=status in (429, 503),
                         retry_after=retry_after(error.headers.get("Retry-After")))
        body = None if self.key and self.key in text else body
        raise Refused(status, message, body, error.headers.get("x-request-id") or "")

    def generate(self, path, body):
        """One try of a request of the job: (the answer's JSON, request id)."""
        content, request_id = self.call(path, body)
        text = content.decode("utf-8", "replace").lstrip()
        try:
            answer = read_json(text)
            dump(answer)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or not (answer.get("choices") or answer.get("data")):
            is_cut = answer is None and text.startswith("{")
            if not self.accepted and not is_cut:
                what = "a web page" if text.startswith("<") else "something else"
                raise Stop(f"{self.address(path)} answers with {what}, not as an OpenAI-compatible "
                           f"server: {self.hide(text[:120])!r}. The address usually ends in /v1.")
            raise Failed("the answer was cut off" if is_cut else "the answer holds no choices")
        self.accepted += 1
        return answer, request_id or str(answer.get("id") or "")


def is_loopback(host):
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def error_message(text):
    """(JSON body or None, a sentence) of an error answer."""
    try:
        body = read_json(text)
        dump(body)
    except (ValueError, RecursionError):
        return None, "a web page" if text.lstrip().startswith("<") else text.strip()[:500]
    inner = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(inner, dict):
        inner = inner.get("message") or inner.get("detail") or dump(inner)
    return body, inner if isinstance(inner, str) else dump(inner)


def retry_after(value):
    """Seconds, from a number or a date; 0 if there is none."""
    if not value:
        return 0.0
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (TypeError, ValueError):
            return 0.0
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER) if seconds == seconds else 0.0


class Gate:
    """How many requests may be under way: one more after each success, half when told to slow."""

    def __init__(self, start, most):
        self.limit, self.most, self.busy, self.epoch = min(start, most), most, 0, 0
        self.changed = threading.Condition()

    def enter(self):
        with self.changed:
            self.changed.wait_for(lambda: self.busy < self.limit)
            self.busy += 1
            return self.epoch

    def leave(self, epoch, success=False, slow=False):
        with self.changed:
            self.busy -= 1
            if success:
                self.limit = min(self.limit + 1, self.most)
            # Requests sent before the last halving say nothing new.
            if slow and epoch == self.epoch:
                self.limit, self.epoch = max(1, self.limit // 2), self.epoch + 1
            self.changed.notify_all()


# --- The run ------------------------------------------------------------------------------------


class Run:
    """Sends requests from several threads; the results go to the shard."""

    def __init__(self, server, args):
        self.server, self.args = server, args
        self.gate = Gate(args.concurrency, max(args.concurrency, args.max_concurrency))
        self.lock = threading.Lock()
        self.stop = None
        self.one_at_a_time = set()
        self.failed_in_row = 0
        self.held = []
        self.messages = {}
        self.sent = self.retries = self.equal = self.several = 0

    def body(self, request):
        body = dict(request["body"])
        if self.args.model:
            body["model"] = self.args.model
        if "max_completion_tokens" in body:
            body.setdefault("max_tokens", body["max_completion_tokens"])
        for field in self.args.drop:
            body.pop(field, None)
        return body

    def patiently(self, path, body):
        """Tries until it works, is refused, or has failed too often."""
        for k in range(self.args.tries):
            epoch = self.gate.enter()
            success = slow = False
            try:
                if self.stop:
                    raise self.stop
                answer = self.server.generate(path, body)
                success = True
                return answer
            except Failed as error:
                slow, failure = error.busy, error
            finally:
                self.gate.leave(epoch, success, slow)
            if k + 1 < self.args.tries:
                with self.lock:
                    self.retries += 1
                self.pause(wait_after(k, self.args.wait, failure))
        raise failure

    def pause(self, seconds):
        """Sleeps, but not past a stop."""
        end = time.monotonic() + seconds
        while not self.stop and time.monotonic() < end:
            time.sleep(min(0.2, max(0.0, end - time.monotonic())))

    def answer(self, request):
        """The answer to one request line, with as many choices as it asks for."""
        body, path = self.body(request), request["url"]
        n = body.get("n", 1)
        if path.endswith("embeddings") or not isinstance(n, int) or n < 2:
            return self.patiently(path, body)
        if n in self.one_at_a_time:
            return self.one_by_one(path, body, n)
        try:
            answer, request_id = self.patiently(path, body)
            choices = answer["choices"]
            if whole_choices(choices, n):
                return answer, request_id
            why = f"gives {len(choices)} of {n} samples"
        except Refused as error:
            if error.status not in (400, 422):
                raise
            refusal, why = error, f"refuses n = {n} ({error.message})"
            try:
                answer, request_id = self.one_by_one(path, body, n)
            except Refused:
                raise refusal  # It was not for the n.
        else:
            answer, request_id = self.one_by_one(path, body, n)
        with self.lock:
            if n not in self.one_at_a_time:
                self.one_at_a_time.add(n)
                say(f"This server {why}. Each sample is now asked for by itself.")
        return answer, request_id

    def one_by_one(self, path, body, n):
        """n requests of one sample, with the seeds a server gives the samples of one request."""
        choices, merged, request_id, usage = [], None, "", {}
        for j in range(n):
            single = dict(body, n=1)
            if isinstance(body.get("seed"), int):
                single["seed"] = body["seed"] + j
            answer, this_id = self.patiently(path, single)
            merged, request_id = (answer, this_id) if merged is None else (merged, request_id)
            choices.append(dict(answer["choices"][0], index=j))
            counts = answer.get("usage") if isinstance(answer.get("usage"), dict) else {}
            tokens = counts.get("completion_tokens")
            if isinstance(tokens, int):
                usage["completion_tokens"] = usage.get("completion_tokens", 0) + tokens
            if j == 0 and isinstance(counts.get("prompt_tokens"), int):
                usage["prompt_tokens"] = counts["prompt_tokens"]
        merged = dict(merged, choices=choices)
        if usage:
            usage["total_tokens"] = sum(usage.values())
            merged["usage"] = usage
        return merged, request_id

    def handle(self, shard, line):
        request = json.loads(line)
        custom_id = request["custom_id"]
        envelope = {"id": f"server-{custom_id}", "custom_id": custom_id}
        try:
            body, request_id = self.answer(request)
        except Refused as error:
            self.note(f"refused, {error.status}: {error.message}")
            response = {"status_code": error.status if error.status != 200 else 413,
                        "request_id": error.request_id, "body": error.body}
            envelope.update(response=response,
                            error={"code": str(error.status), "message": error.message})
            self.refuse(shard, envelope)
            return
        except Failed as error:
            self.note(f"failed {self.args.tries} times: {error}")
            with self.lock:
                self.failed_in_row += 1
                too_many = self.failed_in_row >= TOO_MANY
            if error.unreachable or too_many:
                raise Stop(f"The server fails every request; it last said: {error}. "
                           "What was answered is kept. Run this again when it works.")
            return
        envelope.update(response={"status_code": 200, "request_id": request_id, "body": body},
                        error=None)
        with self.lock:
            self.failed_in_row = 0
            held, self.held = self.held, []
            self.sent += 1
            if len(body.get("choices") or []) > 1 and request["body"].get("temperature") != 0:
                texts = [dump(choice.get("message")) for choice in body["choices"]]
                self.several += 1
                self.equal += len(set(texts)) == 1
        for refusal in held:
            shard.append(refusal)
        shard.append(envelope)

    def refuse(self, shard, envelope):
        """Refusals are kept once the server has shown that it accepts something."""
        with self.lock:
            if not self.sent:
                self.held.append(envelope)
                if len(self.held) >= TOO_MANY:
                    raise Stop(self.all_refused())
                return
        shard.append(envelope)

    def all_refused(self):
        return (f"The server refuses every request: {self.held[0]['error']['message']} "
                "If it does not know a field, leave it out with --drop FIELD; "
                "that changes what is sampled unless the field is at its neutral value.")

    def note(self, message):
        message = self.server.hide(message)
        with self.lock:
            self.messages[message] = self.messages.get(message, 0) + 1
            count, kinds = self.messages[message], len(self.messages)
        if count == 1 and kinds <= 10:
            say(f"  {message}")

    def shard(self, shard):
        """Sends what a shard lacks."""
        wanted = shard.missing()
        lines = shard.requests(wanted)
        source = threading.Lock()

        def work():
            while not self.stop:
                with source:
                    line = next(lines, None)
                if line is None:
                    return
                try:
                    self.handle(shard, line)
                except Stop as error:
                    self.stop = self.stop or error
                except BaseException as error:  # Not to lose it in a thread.
                    self.stop = self.stop or Stop(f"This program failed: {error!r}")
                    raise

        threads = [threading.Thread(target=work, daemon=True)
                   for _ in range(min(self.gate.most, len(wanted)))]
        for thread in threads:
            thread.start()
        last, begin = time.monotonic(), time.monotonic()
        while any(thread.is_alive() for thread in threads):
            for thread in threads:
                thread.join(0.05)
                if self.stop:
                    break
            if self.stop:
                break  # Requests under way are given up; their answers were not written.
            if time.monotonic() - last >= self.args.progress:
                last = time.monotonic()
                left = len(shard.missing())
                say(f"{shard.name}: {len(shard.index) - left} of {len(shard.index)}, "
                    f"{(len(wanted) - left) / (last - begin):.1f} a second, "
                    f"{self.gate.limit} at a time, {self.retries} retries")
        if self.held and not self.stop:
            if len(shard.index) > len(wanted):
                held, self.held = self.held, []
                for refusal in held:
                    shard.append(refusal)
            else:
                self.stop = Stop(self.all_refused())


def whole_choices(choices, n):
    """Whether these are the samples 0 to n - 1. Without indices, the order counts."""
    if not all(isinstance(choice, dict) for choice in choices) or len(choices) < n:
        return False
    if not any("index" in choice for choice in choices):
        for j, choice in enumerate(choices):
            choice["index"] = j
    return set(range(n)) <= {choice.get("index") for choice in choices}


def wait_after(k, scale, failure):
    """Seconds before the try after try k: full jitter, or longer where the server says so."""
    wait = random.uniform(0, min(LONGEST_WAIT, 2.0 ** k)) * scale
    return max(wait, getattr(failure, "retry_after", 0.0))


def say(text):
    print(text, flush=True)


def read_key(name):
    """The key in an environment variable; it is never written or printed."""
    if not name:
        return None
    key = os.environ.get(name, "").strip()
    if not key:
        raise Stop(f"The environment variable {name} is empty. Set it: export {name}=…")
    if not re.match(r"^[\x21-\x7e]+$", key):
        raise Stop(f"The environment variable {name} holds spaces or letters no key has.")
    return key


def request_files(files):
    """The named files, or all of the job."""
    if files:
        for path in files:
            if not os.path.exists(path):
                raise Stop(f"{path} does not exist.")
        return files
    job = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    found = sorted(name for name in os.listdir(job)
                   if name.startswith("requests-gen-") and name.endswith(".jsonl"))
    if not found:
        raise Stop(f"There is no requests-gen-….jsonl in {job}.")
    return [os.path.join(job, name) for name in found]


def options(doc, url=None, key_env=None, timeout=1800.0):
    """The options of every script that sends requests to an address."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", help="request files (default: all requests-gen-*.jsonl)")
    parser.add_argument("--url", default=url, help="address of the server; it usually ends in /v1")
    parser.add_argument("--key-env", default=key_env, metavar="NAME",
                        help="environment variable that holds the key")
    parser.add_argument("--model", help="the model's name on that server, if it differs")
    parser.add_argument("--drop", default=[], metavar="FIELDS", type=fields,
                        help="fields to leave out of the requests, separated by commas")
    parser.add_argument("--timeout", type=float, default=timeout, help="seconds for one answer")
    parser.add_argument("--tries", type=int, default=6, help="tries of one request (default 6)")
    parser.add_argument("--wait", type=float, default=1.0, help="scales the waits between tries")
    return parser


def fields(text):
    return [field for field in text.split(",") if field]


def parse(argv):
    parser = options(__doc__)
    parser.add_argument("--concurrency", type=int, default=4, help="requests at a time (default 4)")
    parser.add_argument("--max-concurrency", type=int, default=32, metavar="N",
                        help="the most it grows to while all goes well (default 32)")
    parser.add_argument("--again", action="store_true", help="send also what the server refused before")
    parser.add_argument("--progress", type=float, default=10.0, help="seconds between reports")
    parser.add_argument("--missing", action="store_true",
                        help="send nothing; print the request lines that have no answer yet")
    args = parser.parse_args(argv)
    if min(args.concurrency, args.max_concurrency, args.tries) < 1:
        parser.error("--concurrency, --max-concurrency and --tries are at least 1")
    if not args.url and not args.missing:
        parser.error("--url is needed, for example --url http://127.0.0.1:8000/v1")
    return args


def list_missing(files):
    """For run/vllm.sh: the lines still to be run. Status 3 if there are any."""
    status = 0
    for path in files:
        shard = Shard(path)
        wanted = shard.missing()
        for line in shard.requests(wanted):
            sys.stdout.buffer.write(line if line.endswith(b"\n") else line + b"\n")
        sys.stdout.buffer.flush()
        shard.close()
        status = 3 if wanted else status
    return status


def run(args):
    files = request_files(args.files)
    if args.missing:
        return list_missing(files)
    job = Run(Server(args.url, read_key(args.key_env), args.timeout), args)
    total = done = refused = 0
    for path in files:
        if job.stop:
            break
        shard = Shard(path, args.again)
        wanted = len(shard.missing())
        note = f", {shard.dropped} unusable lines dropped" if shard.dropped else ""
        say(f"{shard.name}: {len(shard.index)} requests, {wanted} to send{note}")
        try:
            job.shard(shard)
        except Stop as error:
            job.stop = error
        except KeyboardInterrupt:
            job.stop = Stop("Stopped. Run this again to go on.")
            args.interrupted = True
        shard.close()
        total += len(shard.index)
        refused += len(shard.refused_ids)
        done += len(shard.index) - len(shard.missing()) - len(shard.refused_ids)
    if job.several >= 3 and job.equal == job.several:
        say("Warning: all samples of each request are equal. The server seems to use one seed.")
    for message, count in sorted(job.messages.items(), key=lambda item: -item[1])[:3]:
        say(f"{count} x {message}")
    if job.stop:
        say(str(job.stop))
    say(f"{done} done, {refused} refused, {total - done - refused} missing of {total} requests"
        + (" so far" if job.stop else ""))
    if job.stop and not getattr(args, "interrupted", False):
        return 1
    return 0 if done == total and not job.stop else 3


def main(argv=None):
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status = run(parse(argv))
    except Stop as error:
        print(str(error), file=sys.stderr, flush=True)
        status = 1
    except KeyboardInterrupt:
        status = 3
    sys.stdout.flush()
    os._exit(status)  # Threads that still wait for an answer do not hold the program up.


if __name__ == "__main__":
    main()
