#!/usr/bin/env python3
"""Fails where docs/features.md names a test that does not exist, or says neither how a row is shown
nor why it is not yet.

usage: tests/features.py [--tree FOLDER]"""
import pathlib
import re
import sys

ROW = re.compile(r"^\| (F\d+) \| (.+?) \| (.+) \|$")
SHOWN = re.compile(r'([\w/.-]+\.(?:cpp|py)): "((?:[^"\\]|\\.)+)"')
CASE = {".cpp": re.compile(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)'),
        ".py": re.compile(r'@case\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')}
PIECE = re.compile(r'"((?:[^"\\]|\\.)*)"')


def sentences(path):
    """The names of all tests in a file."""
    return {"".join(PIECE.findall(each)) for each in CASE[path.suffix].findall(path.read_text())}


def faults_of(text, tests):
    numbers, known = [], {}
    for at, line in enumerate(text.splitlines(), 1):
        row = ROW.match(line)
        if not row:
            if line.startswith("| F"):
                yield f"{at}: this row has not three cells"
            continue
        number, _, shown = row.groups()
        numbers.append(int(number[1:]))
        named = SHOWN.findall(shown)
        rest = SHOWN.sub("", shown)
        if not named and "**Not yet**" not in shown and shown != "–":
            yield f"{at}: {number} names no test"
        if "**Not yet**" not in shown and rest.strip(" ;–"):
            yield f"{at}: {number} says {rest.strip(' ;')!r}, which names no test"
        for file, sentence in named:
            path = tests / file
            if file not in known:
                known[file] = sentences(path) if path.is_file() else None
            if known[file] is None:
                yield f"{at}: {number}: there is no tests/{file}"
            elif sentence not in known[file]:
                yield f"{at}: {number}: tests/{file} has no test {sentence!r}"
    if numbers != list(range(1, len(numbers) + 1)) or len(numbers) < 83:
        yield f"rows are missing, doubled or out of order: {numbers}"


def main():
    tree = pathlib.Path(sys.argv[2] if sys.argv[1:2] == ["--tree"] else pathlib.Path(__file__).parents[1])
    page = tree / "docs/features.md"
    text = page.read_text()
    found = [f"docs/features.md:{each}" for each in faults_of(text, tree / "tests")]
    print("\n".join(found) or f"features: {len(re.findall(r'^. F', text, re.M))} rows,"
          f" {text.count('**Not yet**') - 1} not yet")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
