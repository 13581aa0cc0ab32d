#!/usr/bin/env python3
"""Checks events against docs/schemas and docs/asyncapi.yaml.

Reads one JSON object per line from the files named (or standard input):
{"headers": {...}, "key": "...", "value": {...}}, or what `kcat -J` prints
("headers" as a flat list, "payload" as text). Prints each fault with its line
and ends with status 1 if there is any, or if there are no events at all.

  --from-anywhere   a subject's first event may have any sequence
"""
import argparse
import json
import pathlib
import sys

import jsonschema
import yaml

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
ENDS = ("session.ended.v1", "recording.stopped.v1", "recording.failed.v1")
PREFIX = "io.callfork."


def closed(schema):
    """Our own events may hold nothing that the schema does not name; a
    consumer must bear what later versions add."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(each) for name, each in schema.items()}
    if made.get("type") == "object" and "properties" in made and "$id" not in made:
        made.setdefault("additionalProperties", False)
    elif "$id" in made and "properties" in made:
        made["additionalProperties"] = False
    return made


def load_validators():
    schemas = [closed(json.loads(path.read_text()))
               for path in sorted((DOCS / "schemas").glob("*.json"))]
    store = {schema["$id"]: schema for schema in schemas}
    kind = jsonschema.Draft202012Validator
    made = {}
    for name, schema in store.items():
        kind.check_schema(schema)
        resolver = jsonschema.RefResolver(name, schema, store=store)
        made[name] = kind(schema, resolver=resolver, format_checker=jsonschema.FormatChecker())
    return made


def load_headers():
    api = yaml.safe_load((DOCS / "asyncapi.yaml").read_text())
    types = {message["name"] for message in api["components"]["messages"].values()}
    return jsonschema.Draft202012Validator(api["components"]["schemas"]["headers"]), types


def pairs(headers):
    if isinstance(headers, dict):
        return headers
    return dict(zip(headers[::2], headers[1::2]))


class Story:
    """What was seen of one subject."""

    def __init__(self):
        self.last, self.epoch, self.ended, self.seen = None, 0, False, {}


class Checker:
    def __init__(self, from_anywhere):
        self.validators = load_validators()
        self.header_validator, self.types = load_headers()
        self.from_anywhere = from_anywhere
        self.stories, self.count, self.duplicates = {}, 0, 0

    def check(self, line):
        """Yields what is wrong with one line."""
        event = json.loads(line)
        headers = pairs(event.get("headers") or {})
        value = event["value"] if "value" in event else event.get("payload")
        self.count += 1
        wrong = [error.message for error in self.header_validator.iter_errors(headers)]
        if wrong:
            yield from wrong
            return
        yield from self.check_headers(headers, event.get("key"))
        yield from self.check_value(headers, json.loads(value) if isinstance(value, str) else value)
        yield from self.check_order(headers, value)

    def check_headers(self, headers, key):
        if key != headers["ce_partitionkey"]:
            yield f"the key is {key!r}, ce_partitionkey is {headers['ce_partitionkey']!r}"
        if headers["ce_id"] != f"{headers['ce_subject']}-{headers['ce_sequence']}":
            yield "ce_id is not the subject with its sequence"
        if headers["ce_type"] not in self.types:
            yield f"docs/asyncapi.yaml does not know {headers['ce_type']}"
        if not headers["ce_dataschema"].endswith(f"/{headers['ce_type'][len(PREFIX):]}.json"):
            yield f"ce_dataschema is not that of {headers['ce_type']}"

    def check_value(self, headers, value):
        validator = self.validators.get(headers["ce_dataschema"])
        if validator is None:
            yield f"there is no schema {headers['ce_dataschema']}"
            return
        for error in validator.iter_errors(value):
            yield f"{'/'.join(map(str, error.absolute_path)) or 'the value'}: {error.message}"

    def check_order(self, headers, value):
        story = self.stories.setdefault(headers["ce_subject"], Story())
        sequence, epoch = int(headers["ce_sequence"]), int(headers["ce_epoch"])
        if sequence in story.seen:
            self.duplicates += 1
            if story.seen[sequence] != value:
                yield "told twice with different words"
            return
        story.seen[sequence] = value
        expected = sequence if story.last is None and self.from_anywhere else (story.last or 0) + 1
        if sequence != expected:
            yield f"sequence {sequence} where {expected} should be"
        if epoch < story.epoch:
            yield f"epoch {epoch} after {story.epoch}"
        if story.ended and not headers["ce_type"].startswith(PREFIX + "provider."):
            yield "follows the subject's end"
        story.last, story.epoch = sequence, epoch
        story.ended = story.ended or headers["ce_type"].endswith(ENDS)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from-anywhere", action="store_true")
    parser.add_argument("files", nargs="*", type=argparse.FileType(), default=[sys.stdin])
    options = parser.parse_args()
    checker, faults = Checker(options.from_anywhere), 0
    for file in options.files:
        for number, line in enumerate(file, 1):
            for fault in checker.check(line) if line.strip() else ():
                faults += 1
                print(f"{file.name}:{number}: {fault}")
    print(f"{checker.count} events of {len(checker.stories)} subjects, "
          f"{checker.duplicates} duplicates, {faults} faults")
    sys.exit(1 if faults or checker.count == 0 else 0)


if __name__ == "__main__":
    main()
