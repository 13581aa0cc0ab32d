#!/usr/bin/env python3
"""Keeps the code in the house's style.

usage: tests/style.py format          formats all sources
       tests/style.py format-check    fails where `format` would change a file
       tests/style.py sizes           fails on files over 500 lines
       tests/style.py tidy [PATH...]  clang-tidy over what differs from the branch `main`,
                                      or over these files and folders
       tests/style.py check           format-check, layers, features, sizes, and tidy of what
                                      differs
"""
import os, pathlib, statistics, subprocess, sys
from concurrent.futures import ThreadPoolExecutor

os.chdir(pathlib.Path(__file__).resolve().parent.parent)
ROOMS = ("media", "bus", "control", "actors", "app")
LONGEST, AIM = 500, 250

def sources(*folders):
    return sorted(path for folder in folders for path in pathlib.Path(folder).rglob("*.[hc]pp"))

def git(*words):
    return subprocess.run(["git", *words], capture_output=True, text=True).stdout.split()

def clang_format(*how):
    return subprocess.call(["clang-format", *how, *sources(*ROOMS, "tests")])

def sizes():
    lines = {path: len(path.read_text().splitlines()) for path in sources(*ROOMS, "tests")}
    for path, count in lines.items():
        if count > AIM:
            print(f"{path}: {count} lines" + (", too long" if count > LONGEST else ""))
    print(f"sizes: {len(lines)} files, the median has {statistics.median(lines.values()):.0f} lines")
    return max(lines.values()) > LONGEST

def changed():
    base = (git("merge-base", "HEAD", "main") or ["HEAD"])[0]
    return git("diff", "--name-only", "--diff-filter=d", base) + git("ls-files", "-o", "--exclude-standard")

def units(paths):
    """The .cpp files of the rooms among them. Headers are seen through what includes them."""
    for path in map(pathlib.Path, paths):
        if path.parts[0] in ROOMS:
            yield from [path] if path.suffix == ".cpp" else path.rglob("*.cpp")

def tidy_one(path):
    done = subprocess.run(["clang-tidy-14", "--quiet", "-p", "build/tidy", path],
                          capture_output=True, text=True)
    print(done.stdout, end="", flush=True)
    if done.returncode and not done.stdout:
        print(done.stderr, flush=True)
    return done.returncode

def tidy(paths):
    # The other presets' commands hold GCC's flags and precompiled headers.
    if not pathlib.Path("build/tidy/compile_commands.json").exists():
        subprocess.check_call(["cmake", "--preset", "tidy"], stdout=subprocess.DEVNULL)
    which = sorted(set(units(paths or changed())))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        faults = sum(map(bool, pool.map(tidy_one, which)))
    print(f"tidy: {len(which)} files, {faults} with findings")
    return faults

def check():
    return sum(map(bool, (clang_format("--dry-run", "--Werror"),
                          *(subprocess.call([sys.executable, f"tests/{each}.py"])
                            for each in ("layers", "features")), sizes(), tidy([]))))

DEEDS = {"format": lambda _: clang_format("-i"), "sizes": lambda _: sizes(), "tidy": tidy,
         "format-check": lambda _: clang_format("--dry-run", "--Werror"), "check": lambda _: check()}

if len(sys.argv) < 2 or sys.argv[1] not in DEEDS:
    sys.exit(__doc__)
sys.exit(bool(DEEDS[sys.argv[1]](sys.argv[2:])))
