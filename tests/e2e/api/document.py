"""An OpenAPI document: its operations, and whether an answer is as it says."""
import copy
import re

import jsonschema
import yaml

METHODS = ("get", "put", "post", "delete")


class Operation:
    """One method of one path, with its references resolved."""

    def __init__(self, document, path, method):
        self.path, self.method = path, method.upper()
        self.what = document.resolve(document.tree["paths"][path][method])
        self.name = self.what["operationId"]
        self.parameters = self.what.get("parameters", [])
        self.answers = self.what["responses"]
        content = self.what.get("requestBody", {}).get("content", {})
        self.body_type = next(iter(content), None)
        self.body = content[self.body_type]["schema"] if content else None
        self.needs_body = self.what.get("requestBody", {}).get("required", False)
        self.open = {} in self.what.get("security", [])

    def within(self, where):
        return [one for one in self.parameters if one["in"] == where]


class Document:
    def __init__(self, path):
        with open(path, encoding="utf-8") as source:
            self.tree = yaml.safe_load(source)
        self.operations = [Operation(self, path, method) for path, methods in self.tree["paths"].items()
                           for method in methods if method in METHODS]

    def resolve(self, what):
        """A copy without references. Nothing in the document refers to itself."""
        if isinstance(what, list):
            return [self.resolve(one) for one in what]
        if not isinstance(what, dict):
            return what
        if "$ref" in what:
            found = self.tree
            for part in what["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            return self.resolve(found)
        return {name: self.resolve(value) for name, value in what.items()}

    def faults(self):
        """What is wrong with the document itself."""
        yield from self.faults_of_operations()
        for name, schema in self.tree["components"]["schemas"].items():
            try:
                jsonschema.Draft202012Validator.check_schema(self.resolve(schema))
            except jsonschema.SchemaError as fault:
                yield f"schema {name}: {fault.message}"
        try:
            from openapi_spec_validator import OpenAPIV31SpecValidator
        except ImportError:
            return
        yield from (f"{'/'.join(map(str, fault.path))}: {fault.message}"
                    for fault in OpenAPIV31SpecValidator(copy.deepcopy(self.tree)).iter_errors())

    def faults_of_operations(self):
        if not self.tree["openapi"].startswith("3.1."):
            yield "the document is not OpenAPI 3.1"
        names = [one.name for one in self.operations]
        yield from (f"{name} stands twice" for name in set(names) if names.count(name) > 1)
        for one in self.operations:
            declared = {each["name"] for each in one.within("path")}
            if declared != set(re.findall(r"{(\w+)}", one.path)):
                yield f"{one.name}: the path's parameters differ from those declared"
            if not {"401", "404", "429"} <= set(one.answers) or not any(x[0] == "2" for x in one.answers):
                yield f"{one.name}: lacks answers"


def faults_of_answer(operation, answer):
    """How an answer differs from the document; 405 may always be given."""
    said = operation.answers.get(str(answer.status))
    if said is None:
        yield f"status {answer.status} is not in the document: {answer.body[:200]!r}"
        return
    content = said.get("content")
    if not content:
        if answer.body:
            yield f"status {answer.status} has a body"
    elif answer.type not in content:
        yield f"the body is {answer.type}, not {list(content)}"
    elif answer.type == "application/json":
        validator = jsonschema.Draft202012Validator(
            content["application/json"]["schema"], format_checker=jsonschema.FormatChecker())
        yield from (f"status {answer.status}: {fault.json_path}: {fault.message}"
                    for fault in validator.iter_errors(answer.json()))
    for name, header in said.get("headers", {}).items():
        if header.get("required") and not answer.headers.get(name):
            yield f"status {answer.status}: no header {name}"
