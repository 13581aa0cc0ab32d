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


def watch(longest, parent):
    while os.getppid() == parent:
        began = time.monotonic()
        time.sleep(NAP)
        longest.value = max(longest.value, time.monotonic() - began - NAP)


def waited():
    """Seconds for which some program waited for a processor."""
    pressure = pathlib.Path("/proc/pressure/cpu")
    told = pressure.exists() and re.search(r"^some .*total=(\d+)", pressure.read_text(), re.M)
    return int(told[1]) / 1e6 if told else 0.0


def stolen():
    """Seconds of a processor that other machines took."""
    return int(pathlib.Path("/proc/stat").read_text().split()[8]) / os.sysconf("SC_CLK_TCK")


class Machine:
    """Watches from a process of its own, while the body runs."""

    def __enter__(self):
        self.longest = multiprocessing.Value("d", 0.0, lock=False)
        self.watcher = multiprocessing.Process(target=watch, args=(self.longest, os.getpid()), daemon=True)
        self.watcher.start()
        self.begin()
        return self

    def __exit__(self, *_):
        self.watcher.terminate()
        self.watcher.join()

    def begin(self):
        self.longest.value = 0.0
        self.began, self.waited, self.stolen = time.monotonic(), waited(), stolen()

    def trouble(self):
        """What it did since `begin` that spoils a measurement; nothing on a calm
        machine."""
        stood, passed = self.longest.value, time.monotonic() - self.began
        waiting, gone = (waited() - self.waited) / passed, (stolen() - self.stolen) / passed / os.cpu_count()
        if stood < STANDSTILL and waiting < WAITING and gone < STOLEN:
            return ""
        return f"stood still for {stood * 1000:.0f} ms, made programs wait for {waiting:.0%}, lost {gone:.0%}"
