"""What a case is, and what it may say."""
import pathlib
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASES = []


class Failed(Exception):
    """A case that does not hold, and why."""


def case(name):
    """Makes a function a case. It gets a Bench."""
    def add(function):
        CASES.append((name, function))
        return function
    return add


def check(condition, why):
    if not condition:
        raise Failed(why)


def wait_for(question, seconds, why):
    """The first true answer to `question`, asked until `seconds` are over."""
    end = time.monotonic() + seconds
    while not (answer := question()):
        check(time.monotonic() < end, f"{why} (waited {seconds} s)")
        time.sleep(0.05)
    return answer
