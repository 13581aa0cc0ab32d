"""Values made from JSON schemas: those that fit, and those that do not."""
import itertools

numbers = itertools.count(1)


def good(schema, known, name="", rich=True):
    """A value that fits; `known` has values by the names of fields. Without
    `rich`, only what must be there."""
    if name in known:
        value = known[name]
        return value() if callable(value) else value
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0]
    if "enum" in schema:
        return schema["enum"][0]
    if kind == "object":
        required = schema.get("required", [])
        return {each: good(inner, known, each, rich) for each, inner in schema["properties"].items()
                if each in required or rich}
    if kind == "array":
        return []
    return {"boolean": True, "integer": schema.get("minimum", 1), "string": "text"}[kind]


WRONG = {"boolean": ["true", 1, []], "integer": ["10", 1.5, True], "string": [7, False, {}],
         "object": ["text", [], 3], "array": ["text", {}, [1]]}


def wrong_values(schema):
    """Values that do not fit, whatever they stand for."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0]
    yield from WRONG.get(kind, [])
    if "enum" in schema:
        yield "no such word"
    if kind == "string":
        yield "x" * 5000
        yield "line\nbreak"
    for bound, beyond in (("minimum", -1), ("maximum", 1)):
        if bound in schema:
            yield schema[bound] + beyond
    if "maxItems" in schema:
        yield ["x"] * (schema["maxItems"] + 1)


def bad(schema, known):
    """Bodies of which each has one fault, with a word for it and the field."""
    base = good(schema, known)
    for name in schema.get("required", []):
        yield f"without {name}", name, {each: value for each, value in base.items() if each != name}
    for name, inner in schema["properties"].items():
        for value in wrong_values(inner):
            yield f"{name} = {str(value)[:30]!r}", name, {**base, name: value}
        if inner.get("type") == "object":
            for why, _, value in bad(inner, known):
                if not why.startswith("without"):
                    yield f"{name}.{why}", name, {**base, name: value}
