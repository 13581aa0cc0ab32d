"""What a live process holds in its memory: all that a core file would have."""
import os
import pathlib
import signal
import struct
from contextlib import contextmanager

from cases import check, wait_for

PAGE = os.sysconf("SC_PAGE_SIZE")
CHUNK = 1 << 24
# Of a program with the address sanitizer: its map of what may be used, which
# has no data in it, takes terabytes of addresses.
MOST = 1 << 36


def mappings(pid):
    for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
        place, rights, *rest = line.split(maxsplit=5)
        begin, end = (int(each, 16) for each in place.split("-"))
        kernels = len(rest) == 4 and rest[3] in ("[vvar]", "[vsyscall]", "[vvar_vclock]")
        if rights.startswith("r") and not kernels and end - begin <= MOST:
            yield begin, end, rest[3] if len(rest) == 4 else ""


def present(pagemap, begin, end):
    """The stretches of memory that are there, or swapped out; at most a chunk
    each."""
    run = None
    for base in range(begin, end, CHUNK * 64):
        count = min(CHUNK * 64, end - base) // PAGE
        entries = struct.unpack(f"={count}Q", os.pread(pagemap, count * 8, base // PAGE * 8))
        for number, entry in enumerate(entries):
            at = base + number * PAGE
            if entry >> 62 and run and run[1] == at and at - run[0] < CHUNK:
                run = (run[0], at + PAGE)
            elif entry >> 62:
                if run:
                    yield run
                run = (at, at + PAGE)
    if run:
        yield run


@contextmanager
def halted(pid):
    """The process does nothing in between."""
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_for(lambda: pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T", 5,
                 "the process does not stop")
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def memory_of(pid):
    """All of it, as stretches of bytes, each with its place. What lies across the
    border of two long ones is in the later one, too."""
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    pagemap = os.open(f"/proc/{pid}/pagemap", os.O_RDONLY)
    total, last, tail = 0, 0, b""
    try:
        for begin, end, name in mappings(pid):
            for first, beyond in present(pagemap, begin, end):
                try:
                    data = os.pread(memory, beyond - first, first)
                except OSError:  # Of a device, or gone.
                    continue
                total += len(data)
                more = tail if first == last else b""
                yield f"{name} {first - len(more):x}", more + data
                last, tail = beyond, data[-1024:]
    finally:
        os.close(memory)
        os.close(pagemap)
    check(total > 1 << 20, f"only {total} bytes could be read")
