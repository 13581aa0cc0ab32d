#!/usr/bin/env python3
"""Drives the real programs from outside. Prints 'ok NAME' or 'FAILED NAME' and
why, for each case; the status is 1 when any failed.

    run.py --programs build/dev/app [part of a name]"""
import argparse
import importlib
import pathlib
import shutil
import sys
import tempfile
import traceback

from bench import Bench
from cases import CASES, Failed
from machine import Machine
from repeats import Repeats

MODULES = ["case_start", "case_http", "case_ctl", "case_call", "case_end", "case_interop", "case_ending", "case_kafka",
           "case_security", "case_junk", "case_media", "case_control", "case_announce", "case_modes", "case_marker",
           "case_api", "case_administer", "case_live",
           "case_siprec", "case_cluster", "case_border", "case_border_flow", "case_border_bad",
           "case_border_documents", "case_torture",
           "case_provider", "case_provider_faults", "case_provider_dialog",
           "case_provider_codecs", "case_provider_sipp",
           "case_provider_parties", "case_provider_examples", "case_subscribe", "case_load", "case_soak"]


def reason(why, bench):
    logs = [f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}"
            for path in sorted(bench.folder.glob("*.log"))]
    return "\n".join([why.rstrip(), *logs, f"all files: {bench.folder}"])


def attempt(function, programs):
    """Why the case does not hold, or nothing; then its folder goes."""
    bench = Bench(tempfile.mkdtemp(prefix="callfork-e2e-"), programs)
    why = None
    try:
        function(bench)
    except (Failed, AssertionError) as fault:
        why = str(fault)
    except Exception as fault:  # A case that breaks is a case that fails.
        why = f"{fault!r}\n{traceback.format_exc()}"
    finally:
        bench.close()
    if why is not None:
        return reason(why, bench)
    shutil.rmtree(bench.folder, ignore_errors=True)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", required=True, type=pathlib.Path)
    parser.add_argument("part", nargs="?", default="")
    options = parser.parse_args()
    for module in MODULES:
        importlib.import_module(module)
    chosen = [each for each in CASES if options.part in each[0]]
    with Machine() as machine:
        repeats = Repeats(machine)
        held = [repeats.holds(name, lambda case=function: attempt(case, options.programs.resolve()))
                for name, function in chosen]
    return 0 if held and all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
