#!/usr/bin/env python3
"""Holds a server to docs/openapi.yaml, knowing nothing else of it: every operation is asked well and
badly, and each answer must have a status and a body that the document has.

    contract.py --document docs/openapi.yaml --base http://127.0.0.1:8080 --token T [--token T...]
                [--foreign ORG] [--program api_answerer]

With --program it starts that, and asks it where it listens.

Each operation is asked with the first token that may do it: a full administrator's first, then a
partner's."""
import argparse
import contextlib
import itertools
import json
import subprocess
import sys
import time

import samples
from client import Client
from document import Document, faults_of_answer

fresh = itertools.count(1)


class Contract:
    def __init__(self, document, client, tokens, foreign):
        self.document, self.client, self.foreign = document, client, foreign
        self.tokens, self.token_of = tokens, {}
        self.by_name = {one.name: one for one in document.operations}
        self.found, self.asked, self.served = [], 0, {}
        self.known, self.made = {}, {}

    def note(self, operation, why, fault):
        self.found.append(f"{operation.name} ({why}): {fault}")

    def ask(self, operation, why, expected=None, parameters=None, query=None, body=None, **how):
        """Asks, and looks at the answer; `expected` is a status or nothing."""
        path = operation.path
        for each in operation.within("path"):
            name = each["name"]
            path = path.replace("{" + name + "}", str((parameters or {}).get(name, self.known.get(name, "none"))))
        token = self.token_of.get(operation.name, self.tokens[0])
        if token != self.tokens[0] and any(one["name"] == "orgId" for one in operation.within("query")):
            query = {"orgId": self.known["orgId"], **(query or {})}
        answer = self.client.ask(operation.method, path, query, body, **{"token": token, **how})
        self.asked += 1
        for fault in faults_of_answer(operation, answer):
            self.note(operation, why, fault)
        if expected is not None and answer.status != expected:
            self.note(operation, why, f"{answer.status}, not {expected}: {answer.body[:300]!r}")
        if answer.status >= 400 and answer.type == "application/json":
            if answer.headers.get("trackingId") != answer.json().get("trackingId"):
                self.note(operation, why, "the trackingId is not that of the header")
        self.served.setdefault(operation.name, set()).add(answer.status)
        return answer

    def list(self, name, **query):
        answer = self.ask(self.by_name[name], "to learn", 200, query=query)
        return answer.json() if answer.status == 200 else {}

    def learn(self):
        """Finds out by lists what there is to ask for."""
        organizations = self.list("listOrganizations").get("items", [])
        people = self.list("listPeople", max=1000).get("items", [])
        locations = self.list("listLocations").get("items", [])
        vendor = self.list("getVendors").get("vendorId", "none")
        recordings = self.list("listRecordingsForAdmin").get("items", [])
        jobs = self.list("listJobs").get("items", [])
        first = lambda items, name="id": items[0][name] if items else "none"
        self.known.update(
            orgId=first(organizations), personId=first(people), memberId=first(people),
            locationId=first(locations), vendorId=vendor, recordingId=first(recordings),
            jobId=first(jobs))
        self.email = first(people, "email")
        account = self.ask(self.by_name["getAccount"], "to learn")
        self.known["email"] = (account.json()["administrators"] or ["none"])[-1] if account.status == 200 else "none"
        self.fields = {
            "id": lambda: f"made-{next(fresh)}", "locationId": self.known["locationId"],
            "vendorId": self.known["vendorId"], "email": lambda: f"made{next(fresh)}@example.com",
            "ownerEmail": self.email, "reassignOwnerEmail": self.email, "ownerID": self.known["personId"],
            "recordingIds": [self.known["recordingId"]], "lineOwnerId": self.known["personId"],
            "country": "US", "language": "en", "timeZone": "UTC", "region": "US", "storageRegion": "US",
            "trashAll": False, "restoreAll": False, "purgeAll": False, "noFreePlanFor": ["web"], "regions": ["US"], "storageRegions": ["US"]}

    def choose_tokens(self):
        """Finds who may ask for each operation, with a body that nothing can be made of."""
        for operation in self.document.operations:
            if operation.method != "GET" and not operation.body:
                continue
            headers = {"Content-Type": operation.body_type} if operation.body else None
            for token in self.tokens:
                self.token_of[operation.name] = token
                answer = self.ask(operation, "who may", body="{" if operation.body else None, headers=headers)
                if answer.status not in (403, 404):
                    break
            else:
                self.token_of[operation.name] = self.tokens[0]

    def fields_of(self, operation):
        made = dict(self.fields)
        if operation.name in ("setLocationVendor",):
            made["id"] = self.known["vendorId"]
        if operation.method == "PUT":
            made["email"] = f"changed{next(fresh)}@example.com"
        return made

    def well(self, operation):
        """As it should be asked: with all fields, and with no more than are needed. What was made by
        this test is what it changes and removes."""
        last = operation.path.rsplit("{", 1)[-1].removesuffix("}")
        changed = operation.path.startswith("/callfork/") and operation.method in ("DELETE", "PUT")
        parameters = {**self.known, **({last: self.made[last]} if changed and last in self.made else {})}
        for token in sorted(self.tokens, key=lambda one: one != self.token_of.get(operation.name)):
            self.token_of[operation.name] = token
            answers = [self.ask(operation, f"well: {how}", parameters=parameters, **how)
                       for how in self.good_bodies(operation)]
            for answer in answers:
                if answer.status == 201:
                    kind = operation.path.rsplit("/", 1)[1]
                    name = {"organizations": "orgId", "locations": "locationId", "people": "personId",
                            "providers": "vendorId"}[kind]
                    self.made[name] = answer.json()["id"]
            if any(answer.status < 300 for answer in answers):
                return

    def good_bodies(self, operation):
        if operation.body is None:
            return [{}]
        fields = self.fields_of(operation)
        if operation.body.get("type") != "object":
            line = samples.good(self.by_name["createPerson"].body, fields)
            return [{"body": json.dumps(line) + "\n{}\n", "headers": {"Content-Type": operation.body_type}}]
        bodies = [samples.good(operation.body, fields, rich=rich) for rich in (True, False)]
        return [{"body": body} for body in bodies + [{name: True} for name in bodies[0] if name.endswith("All")]]

    def badly(self, operation):
        self.with_bad_queries(operation)
        self.with_bad_bodies(operation)
        if not operation.open:
            self.ask(operation, "without a token", 401, token=None)
            self.ask(operation, "with a made-up token", 401, token="made-up")
        for each in operation.within("path"):
            if each["name"] != "orgId" or operation.path.endswith("{orgId}"):
                self.with_unknown(operation, each["name"])
        names = {each["name"] for each in operation.within("query")}
        if "orgId" in names:
            self.ask(operation, "of an unknown organization", 404, query={"orgId": "nobodys"}, **self.some_body(operation))
            if self.foreign:
                self.ask(operation, "of another organization", 404, query={"orgId": self.foreign},
                         **self.some_body(operation))

    def some_body(self, operation):
        if operation.body is None:
            return {}
        if operation.body.get("type") != "object":
            return {"body": "{}", "headers": {"Content-Type": operation.body_type}}
        return {"body": samples.good(operation.body, self.fields_of(operation))}

    def with_unknown(self, operation, name):
        for value in ("nothing-like-it", "..%2F..%2Fetc", "%27%20or%201%3D1", "x" * 500):
            answer = self.ask(operation, f"of an unknown {name}", parameters={name: value},
                              **self.some_body(operation))
            if answer.status not in (400, 404, 503):
                self.note(operation, f"of an unknown {name} {value}", f"{answer.status}: {answer.body[:200]!r}")

    def with_bad_queries(self, operation):
        for each in operation.within("query"):
            schema = each["schema"]
            texts = []
            if schema["type"] == "integer":
                texts = ["", "x", "1.5", "-1", "99999999999999999999"]
                texts += [str(schema["maximum"] + 1)] if "maximum" in schema else []
            if schema["type"] == "boolean":
                texts = ["x", "1"]
            if "enum" in schema:
                texts = ["no-such-word"]
            for text in texts:
                answer = self.ask(operation, f"{each['name']}={text}", query={each["name"]: text})
                if answer.status not in (400, 503):
                    self.note(operation, f"{each['name']}={text}", f"{answer.status}, not 400")

    def with_bad_bodies(self, operation):
        if operation.body is None:
            return
        if operation.body.get("type") != "object":
            return
        for text in ("{", "[]", "7", '"text"', "{" * 100000, '{"a":' * 1000 + "1" + "}" * 1000, "\xff\xfe"):
            self.refuses(operation, f"body {text[:20]}", text)
        for why, name, body in samples.bad(operation.body, self.fields_of(operation)):
            answer = self.refuses(operation, why, body)
            if answer.status == 400 and name not in answer.body.decode():
                self.note(operation, why, f"the field is not named: {answer.body[:200]!r}")
        answer = self.ask(operation, "text", body="{}", headers={"Content-Type": "text/plain"})
        if answer.status not in (415, 503):
            self.note(operation, "a body of plain text", f"{answer.status}, not 415")

    def refuses(self, operation, why, body):
        answer = self.ask(operation, why, body=body)
        if answer.status not in (400, 503):
            self.note(operation, why, f"{answer.status}, not 400: {answer.body[:200]!r}")
        return answer

    def wrong_methods(self):
        for path in {one.path for one in self.document.operations}:
            has = {one.method for one in self.document.operations if one.path == path}
            answer = self.client.ask("PATCH", path.replace("{", "").replace("}", ""), body={})
            self.asked += 1
            if answer.status != 405 or answer.type != "application/json" or "trackingId" not in answer.json():
                self.found.append(f"PATCH {path}: {answer.status} {answer.body[:100]!r}")
            if not has <= set((answer.headers.get("Allow") or "").replace(" ", "").split(",")):
                self.found.append(f"PATCH {path}: Allow is {answer.headers.get('Allow')!r}, not {has}")

    def pages(self):
        """Walks along the links of a list, one item a page, and finds what one long page has."""
        for name in ("listPeople", "getVendorUsers", "listRecordingsForAdmin", "listLocations"):
            operation = self.by_name[name]
            of = "members" if name == "getVendorUsers" else "items"
            whole = [one["id"] for one in self.list(name, max=1000).get(of, [])]
            walked, answer = [], self.ask(operation, "page", query={"max": 1})
            while answer is not None and len(walked) <= len(whole) + 1:
                walked += [one["id"] for one in answer.json().get(of, [])]
                link = answer.headers.get("Link")
                target = link.split("<")[1].split(">")[0] if link else None
                answer = self.client.ask("GET", "/" + target.split("/", 3)[3]) if target else None
            if walked != whole:
                self.found.append(f"{name}: pages have {walked[:5]}, the whole is {whole[:5]}")

    def is_served(self, operation):
        """Whether it was done at least once, or the server says that it lacks what that needs."""
        return any(200 <= status < 300 or status == 503 for status in self.served.get(operation.name, ()))

    def run(self):
        self.learn()
        self.choose_tokens()
        changing = ("DELETE",)
        for operation in self.document.operations:
            self.badly(operation)
        self.pages()
        self.wrong_methods()
        for operation in sorted(self.document.operations, key=lambda one: one.method in changing):
            self.well(operation)
        for _ in range(4):
            self.learn()
            unserved = [one for one in self.document.operations if not self.is_served(one)]
            for operation in unserved:
                self.well(operation)
            if not unserved:
                break
            time.sleep(0.5)  # As for a job to end that others wait for.
        for name, statuses in self.served.items():
            if not self.is_served(self.by_name[name]):
                self.found.append(f"{name}: never served, only {sorted(statuses)}")
        return self.found


def started(program, ending):
    """The base of a program's URLs; it ends with its standard input."""
    process = ending.enter_context(subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                                    text=True))
    ending.callback(process.stdin.close)
    return "http://" + process.stdout.readline().split()[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--document", required=True)
    parser.add_argument("--base")
    parser.add_argument("--program")
    parser.add_argument("--token", required=True, action="append")
    parser.add_argument("--foreign", help="an organization that the token has no right to")
    options = parser.parse_args()
    document = Document(options.document)
    found = list(document.faults())
    with contextlib.ExitStack() as ending:
        base = options.base or started(options.program, ending)
        contract = Contract(document, Client(base, options.token[0]), options.token, options.foreign)
        found += contract.run()
    print("\n".join(found[:100]))
    print(f"{contract.asked} requests to {len(document.operations)} operations, {len(found)} faults")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
