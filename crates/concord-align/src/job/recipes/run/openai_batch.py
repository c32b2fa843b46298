#!/usr/bin/env python3
"""Runs this job through OpenAI's batch API, or another service that has the same.

    export OPENAI_API_KEY=…
    python3 run/openai_batch.py

Needs Python 3.9 or newer and nothing else. It uploads each shard, waits, and fetches the answers.
It may be ended at any time: results/openai.json remembers the batches, and the same command goes
on waiting. Afterwards it makes batches of what failed or ran out of time, if run again.

Exit status: 0 all requests have their responses; 3 some are missing, or were refused, or not yet
there (--no-wait); 1 it stopped and a person has to change something.
"""

import hashlib
import json
import os
import re
import sys
import time
import uuid

import server
from server import Failed, Refused, Server, Shard, Stop, say

# Fields of other servers; this API refuses a request that holds one. The value says nothing then.
FOREIGN = {"top_k": 0, "min_p": 0.0, "repetition_penalty": 1.0, "return_token_ids": True,
           "prompt_logprobs": None, "add_generation_prompt": None, "continue_final_message": None}
ENDED = {"completed", "failed", "expired", "cancelled"}


class Batches:
    """The batch service, with retries, and what is remembered of this job there."""

    def __init__(self, service, args, folder):
        self.server, self.args = service, args
        self.path = os.path.join(folder, "results", "openai.json")
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        self.batches = {}
        if os.path.exists(self.path):
            try:
                with open(self.path, encoding="utf-8") as file:
                    self.batches = json.load(file)["batches"]
            except (ValueError, KeyError, TypeError):
                raise Stop(f"{self.path} is damaged. Look at the batches of your account, then "
                           "remove the file; batches that run are found again by what they hold.")

    def save(self):
        fresh = self.path + ".new"
        with open(fresh, "w", encoding="utf-8") as file:
            json.dump({"batches": self.batches}, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self.path)

    def call(self, path, body=None, method="GET", headers=None, raw=None):
        """The bytes of the answer; patient as server.py is."""
        for k in range(self.args.tries):
            try:
                content, _ = self.server.call(path, body, method, headers, raw)
                self.server.accepted += 1
                return content
            except Refused as error:
                raise Stop(f"The service refuses this ({error.status}): {error.message}")
            except Failed as error:
                failure = error
            if k + 1 < self.args.tries:
                time.sleep(server.wait_after(k, self.args.wait, failure))
        raise Stop(f"The service fails: {failure}. Run this again later.")

    def ask(self, *arguments, **named):
        try:
            answer = json.loads(self.call(*arguments, **named))
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise Stop(f"{self.server.url} does not answer as OpenAI's batch API does. "
                       "The address usually ends in /v1.")
        return answer

    def body(self, request):
        """The request as the service wants it."""
        body = dict(request["body"])
        if self.args.model:
            body["model"] = self.args.model
        for field in self.args.drop:
            body.pop(field, None)
        left = [field for field in FOREIGN if field in body]
        if left:
            changing = [f for f in left if FOREIGN[f] is not None and body[f] != FOREIGN[f]]
            raise Stop("These requests were written for another server: they hold "
                       f"{', '.join(left)}. Write the job for OpenAI, or leave the fields out with "
                       f"--drop {','.join(left)}"
                       + (f"; that changes what is sampled ({', '.join(changing)})." if changing
                          else "; nothing that is sampled changes."))
        return dict(request, body=body)

    def upload(self, shard, lines):
        """Starts a batch of these request lines."""
        data = b"".join(server.dump(self.body(json.loads(line))).encode() + b"\n" for line in lines)
        mark = hashlib.sha256(data).hexdigest()[:40]
        entry = self.batches[shard.name] = {"mark": mark, "requests": len(lines)}
        self.save()  # From here on, a batch that was made but not remembered is looked for.
        say(f"{shard.name}: uploading {len(lines)} requests")
        boundary = uuid.uuid4().hex
        form = (f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
                f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
                f'filename="requests-{shard.name}.jsonl"\r\n'
                "Content-Type: application/jsonl\r\n\r\n").encode()
        content_type = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        file = self.ask("/v1/files", method="POST", headers=content_type,
                        raw=form + data + f"\r\n--{boundary}--\r\n".encode())
        # A try whose answer was lost may have made the batch: it is looked for before the next.
        for k in range(self.args.tries):
            try:
                content, _ = self.server.call("/v1/batches", {
                    "input_file_id": file["id"], "endpoint": json.loads(lines[0])["url"],
                    "completion_window": "24h", "metadata": {"concord": mark}})
                entry["batch"] = json.loads(content)["id"]
                break
            except Refused as error:
                raise Stop(f"The service takes no batch ({error.status}): {error.message}")
            except (Failed, ValueError, KeyError) as error:
                time.sleep(server.wait_after(k, self.args.wait, error))
                if self.find(entry):
                    break
        else:
            raise Stop("The service makes no batch. Run this again later.")
        self.save()

    def find(self, entry):
        """Looks for a batch that was made but whose id was lost. Returns whether there is one."""
        after = ""
        for _ in range(10):
            page = self.ask("/v1/batches?limit=100" + after)
            batches = [batch for batch in page.get("data") or [] if isinstance(batch, dict)]
            for batch in batches:
                if (batch.get("metadata") or {}).get("concord") == entry["mark"]:
                    entry["batch"] = batch["id"]
                    self.save()
                    return True
            if not page.get("has_more") or not batches:
                break
            after = "&after=" + batches[-1]["id"]
        return False

    def look(self, shard):
        """Where a shard's batch stands; fetches it when it has ended. Returns whether it has."""
        entry = self.batches[shard.name]
        if not re.match(r"^[\w-]+$", entry["batch"]):
            raise Stop(f"{self.path} holds a batch id that is none: {entry['batch']!r}.")
        batch = self.ask("/v1/batches/" + entry["batch"])
        status, counts = batch.get("status"), batch.get("request_counts") or {}
        if entry.get("status") != status or self.args.no_wait:
            say(f"{shard.name}: {status}, {counts.get('completed', 0)} of {entry['requests']}")
        if entry.get("status") != status:
            entry["status"] = status
            self.save()
        if status not in ENDED:
            return False
        with open(shard.next, "wb") as out:
            for key in ("output_file_id", "error_file_id"):
                if batch.get(key):
                    content = self.call(f"/v1/files/{batch[key]}/content")
                    out.write(content if content.endswith(b"\n") or not content else content + b"\n")
            out.flush()
            os.fsync(out.fileno())
        del self.batches[shard.name]
        self.save()
        if status == "failed":
            errors = (batch.get("errors") or {}).get("data") or [{}]
            raise Stop(f"{shard.name}: the service refused the batch: "
                       f"{self.server.hide(str(errors[0].get('message')))}")
        return True


def parse(argv):
    parser = server.options(__doc__, "https://api.openai.com/v1", "OPENAI_API_KEY", timeout=600.0)
    parser.add_argument("--no-wait", action="store_true", help="say how things stand, and end")
    parser.add_argument("--poll", type=float, default=60.0, help="seconds between looks")
    return parser.parse_args(argv)


def run(args):
    files = server.request_files(args.files)
    service = Server(args.url, server.read_key(args.key_env), args.timeout)
    batches = Batches(service, args, os.path.dirname(os.path.abspath(files[0])))
    waiting = []
    for path in files:
        shard = Shard(path)
        wanted = shard.missing()
        entry = batches.batches.get(shard.name)
        if entry and "batch" not in entry and not batches.find(entry):
            entry = None  # The upload was cut before a batch was made.
        if wanted and not entry:
            batches.upload(shard, list(shard.requests(wanted)))
        if wanted:
            waiting.append(path)
        else:
            batches.batches.pop(shard.name, None)
        shard.close()
    while waiting:
        for path in list(waiting):
            shard = Shard(path)
            try:
                if batches.look(shard):
                    waiting.remove(path)
            finally:
                shard.close()
        if args.no_wait:
            break
        if waiting:
            time.sleep(args.poll)
    batches.save()
    total = done = refused = 0
    for path in files:
        shard = Shard(path)  # Takes in what was fetched.
        total += len(shard.index)
        refused += len(shard.refused_ids)
        done += len(shard.index) - len(shard.missing()) - len(shard.refused_ids)
        shard.close()
    say(f"{done} done, {refused} refused, {total - done - refused} missing of {total} requests")
    return 0 if done == total else 3


def main(argv=None):
    try:
        return run(parse(argv))
    except Stop as error:
        print(str(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("Stopped. The batches run on; the same command waits for them.")
        return 3


if __name__ == "__main__":
    sys.exit(main())
