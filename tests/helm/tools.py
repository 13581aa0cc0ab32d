"""Programs that the tests of the chart need and Debian does not have. They are
made once, below build/tools, from what deploy/helm/tools names by checksums."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PINNED = ROOT / "deploy/helm/tools"
TOOLS = ROOT / "build/tools"
OLDEST_GO = (1, 24)
# What Go need not do for a program that runs for a moment.
QUICK = ["-trimpath", "-gcflags=all=-N -l -dwarf=false", "-ldflags=-s -w"]


class Missing(Exception):
    """A tool cannot be made, and why."""


def made(command, **how):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **how)
    if done.returncode:
        raise Missing(f"{' '.join(map(str, command))}: {done.stderr[-2000:]}")


def latest(files):
    """Whether a tool is newer than what names it."""
    return lambda tool: tool.exists() and tool.stat().st_mtime >= max(
        (PINNED / file).stat().st_mtime for file in files)


def wheels(folder, requirements):
    """A Python of its own with these packages, made anew when they change."""
    done = folder / "complete"
    if not latest([requirements])(done):
        shutil.rmtree(folder, ignore_errors=True)
        made([sys.executable, "-m", "venv", folder])
        made([folder / "bin/pip", "install", "-q", "--no-deps", "--require-hashes", "--only-binary=:all:",
              "-r", PINNED / requirements])
        done.touch()
    return folder


def go():
    """The machine's Go, or where that is none or too old one that comes as a wheel."""
    found = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if found:
        told = subprocess.run([found, "version"], capture_output=True, text=True, check=False).stdout
        version = re.search(r"go(\d+)\.(\d+)", told)
        if version and (int(version[1]), int(version[2])) >= OLDEST_GO:
            return found
    return next(wheels(TOOLS / "go", "requirements-go.txt").glob("lib/*/site-packages/go/bin/go"))


def helm():
    """Helm, built from its module: minutes at first, then nothing."""
    tool = TOOLS / "helm"
    if not latest(["go.mod", "go.sum"])(tool):
        TOOLS.mkdir(parents=True, exist_ok=True)
        variables = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local",
                     "GOWORK": "off"}
        made([go(), "build", *QUICK, "-o", f"{tool}.new", "helm.sh/helm/v3/cmd/helm"], cwd=PINNED,
             env=variables)
        os.replace(f"{tool}.new", tool)
    return tool


def python():
    """A Python that has the schemas of Kubernetes' API."""
    return wheels(TOOLS / "kubernetes", "requirements.txt") / "bin/python"
