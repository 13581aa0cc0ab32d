"""What is tried again when the machine, and not the program, may be at fault."""
import time

ATTEMPTS = 5  # Of one case.
REPEATS = 12  # Of all cases together.
PATIENCE = 60  # Seconds for which a repeat waits for a calm machine.


class Repeats:
    """Tries cases one after the other. One that fails on a machine that makes
    programs wait has measured the machine: it is tried again when that is calm,
    and a line 'again NAME' says why."""

    def __init__(self, machine):
        self.machine, self.count = machine, 0

    def holds(self, name, attempt):
        """Whether a case holds; `attempt` says why it does not, or nothing."""
        for tried in range(1, ATTEMPTS + 1):
            began = time.monotonic()
            self.machine.begin()
            why = attempt()
            trouble = self.machine.trouble()
            if why is None:
                print(f"ok {name} ({time.monotonic() - began:.1f} s)", flush=True)
                return True
            if not trouble or tried == ATTEMPTS or self.count == REPEATS:
                break
            self.count += 1
            first = next(iter(why.strip().splitlines()), "no reason")
            print(f"again {name}: {first}; the machine {trouble}", flush=True)
            self.machine.await_calm(PATIENCE)
        print(f"FAILED {name}\n" + "".join(f"    {line}\n" for line in why.splitlines()), end="", flush=True)
        return False
