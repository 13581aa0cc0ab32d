#!/usr/bin/env python3
"""Tests the Helm chart: what it renders, what it refuses, and whether the real
callforkd runs as a pod of it would. Prints 'ok NAME' or 'FAILED NAME' and why;
the status is 1 when any failed.

    run.py --programs build/dev/app [part of a name]"""
import argparse
import importlib
import pathlib
import shutil
import sys
import tempfile
import time
import traceback

import chart  # Finds the modules of tests/e2e, too.
import tools
from bench import Bench
from cases import CASES, Failed
from machine import Machine
from repeats import Repeats

MODULES = ["case_render", "case_refuse", "case_pod", "case_papers"]


def attempt(function, programs):
    """Why the case does not hold, or nothing."""
    bench = Bench(tempfile.mkdtemp(prefix="callfork-helm-"), programs)
    try:
        function(bench)
        return None
    except (Failed, AssertionError) as fault:
        return str(fault)
    except Exception:  # pylint: disable=broad-except; a case that breaks is a case that fails.
        return traceback.format_exc()
    finally:
        bench.close()
        shutil.rmtree(bench.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, type=pathlib.Path)
    parser.add_argument("part", nargs="?", default="")
    options = parser.parse_args()
    began = time.monotonic()
    try:
        tools.helm()
        tools.python()
    except tools.Missing as fault:
        print(f"FAILED the tools of the chart's tests can be made\n    {' '.join(str(fault).split())}", flush=True)
        return 1
    print(f"tools are there after {time.monotonic() - began:.0f} s", flush=True)
    check_programs(options.programs)
    for module in MODULES:
        importlib.import_module(module)
    chosen = [each for each in CASES if options.part in each[0]]
    with Machine() as machine:
        repeats = Repeats(machine)
        held = [repeats.holds(name, lambda case=function: attempt(case, options.programs.resolve()))
                for name, function in chosen]
    return 0 if held and all(held) else 1


def check_programs(folder):
    if not (folder / "callforkd").exists():
        sys.exit(f"there is no {folder}/callforkd; {chart.CHART.name} is tested with it")


if __name__ == "__main__":
    sys.exit(main())
