"""Whether the machine let the programs run when they wanted to. Cases measure
times; on a machine that makes everybody wait they measure the machine."""
import multiprocessing
import os
import pathlib
import re
import time

NAP = 0.002
STANDSTILL = 0.02  # Seconds: a packet's time.
WAITING = 0.15  # Of the time some program waited for a processor.
STOLEN = 0.02  # Of the processors' time went to other machines.
KEPT = 4096  # Standstills of a processor.
CALM = 5  # Seconds without trouble.


class Watch:
    """A program that wants to run on one processor every 2 ms, and keeps when it
    could not."""

    def __init__(self, processor):
        self.kept = multiprocessing.Array("d", 2 * KEPT, lock=False)  # Begin and end, by turns.
        self.count = multiprocessing.Value("L", 0, lock=False)
        self.process = multiprocessing.Process(target=self.look, args=(processor, os.getpid()), daemon=True)

    def look(self, processor, parent):
        os.sched_setaffinity(0, {processor})
        while os.getppid() == parent:
            began = time.monotonic()
            time.sleep(NAP)
            ended = time.monotonic()
            if ended - began > STANDSTILL:
                at = self.count.value % KEPT * 2
                self.kept[at:at + 2] = began + NAP, ended
                self.count.value += 1

    def standstills(self):
        count = min(self.count.value, KEPT)
        return [(self.kept[2 * at], self.kept[2 * at + 1]) for at in range(count)]


WATCHES = []  # Of all processors, while a `Machine` is open.


def standstills(begin, end):
    """When a processor stood still from then to then: beginnings and ends, in
    order, none of which overlap."""
    found = []
    for since, until in sorted(one for watch in WATCHES for one in watch.standstills()):
        since, until = max(since, begin), min(until, end)
        if since >= until:
            continue
        if found and since <= found[-1][1]:
            found[-1][1] = max(found[-1][1], until)
        else:
            found.append([since, until])
    return found


def ran(begin, end):
    """The seconds from then to then, without those in which a processor stood
    still; negative if `end` is before `begin`. To be asked some ms later."""
    if end < begin:
        return -ran(end, begin)
    return end - begin - sum(until - since for since, until in standstills(begin, end))


def waited():
    """Seconds for which some program waited for a processor."""
    pressure = pathlib.Path("/proc/pressure/cpu")
    told = pressure.exists() and re.search(r"^some .*total=(\d+)", pressure.read_text(), re.M)
    return int(told[1]) / 1e6 if told else 0.0


def stolen():
    """Seconds of a processor that other machines took."""
    return int(pathlib.Path("/proc/stat").read_text().split()[8]) / os.sysconf("SC_CLK_TCK")


class Machine:
    """Watches from processes of its own, while the body runs."""

    def __enter__(self):
        WATCHES.extend(Watch(processor) for processor in sorted(os.sched_getaffinity(0)))
        for watch in WATCHES:
            watch.process.start()
        self.begin()
        return self

    def __exit__(self, *_):
        for watch in WATCHES:
            watch.process.terminate()
            watch.process.join()
        WATCHES.clear()

    def begin(self):
        self.began, self.waited, self.stolen = time.monotonic(), waited(), stolen()

    def trouble(self):
        """What it did since `begin` that spoils a measurement; nothing on a calm
        machine."""
        now = time.monotonic()
        stood = max((until - since for since, until in standstills(self.began, now)), default=0)
        passed = now - self.began
        waiting, gone = (waited() - self.waited) / passed, (stolen() - self.stolen) / passed / os.cpu_count()
        if not stood and waiting < WAITING and gone < STOLEN:
            return ""
        return f"stood still for {stood * 1000:.0f} ms, made programs wait for {waiting:.0%}, lost {gone:.0%}"

    def await_calm(self, seconds):
        """Waits until it has made no trouble for a while, at most so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.begin()
            time.sleep(CALM)
            if not self.trouble():
                return
