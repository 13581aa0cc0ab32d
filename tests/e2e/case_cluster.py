"""Calls spread over the nodes of a region: three real ones, with certificates."""
import re
import signal
import socket
import struct
import time
from contextlib import ExitStack, closing, suppress

import noise
from bench import Node, free_ports, memory
from cases import case, check, wait_for
from cluster import Region, make_authority, make_certificate
from oracle.ng_client import Client
from parties import Call, Party, listen, settle, talk

NAMES = ("one", "two", "three")
OUT_WITHIN = 2.5  # Seconds until nobody places calls with a node that is gone.


def client(node):
    host, port = node.ng.rsplit(":", 1)
    return Client((host, int(port)))


class Speaker(Party):
    """Says noise that is another in each packet of each call."""

    def __init__(self, number, side):
        super().__init__(400)
        self.number, self.side, self.sequence = number, side, 1

    def say(self, payload=None):
        super().say(noise.payload(self.number, self.side, self.sequence))


class Roaming(Call):
    """A recorded call that is offered to one node; the rest of it comes in at
    another."""

    def __init__(self, first, then, number):
        self.then = client(then)
        super().__init__(first, Speaker(number, 0), Speaker(number, 1), offer={"record call": "yes"})

    def answer(self, direction="sendrecv"):
        self.ng, self.first = self.then, self.ng
        super().answer(direction)

    def close(self):
        super().close()
        self.ng.close()
        self.first.close()


def roam(stack, region, first, others, count):
    """So many calls, offered to one node and answered at others in turn."""
    calls = []
    for number in range(count):
        calls.append(Roaming(region[first], region[others[number % len(others)]], number))
        stack.callback(calls[-1].close)
    return calls


def check_recordings(bench, region, calls, names=NAMES):
    """Every packet of every call is in a recording of its owner."""
    for name in names:
        said = {call.caller.number: [call.caller.said, call.callee.said]
                for call in calls if region.owner(call) == name}
        folder = bench.folder / name / "recordings"
        wait_for(lambda: len(list(folder.glob("*/*.json"))) == len(said), 15,  # noqa: B023
                 f"{name} has not recorded {len(said)} calls: {list(folder.glob('*/*'))}")
        figures, faults = noise.compare(said, folder)
        check(not faults, f"{name}: {figures}:\n" + "\n".join(faults))


def place(region, door, count, meanwhile=None):
    """Offers so many calls at a node's door; how many each node got. Every one
    is answered in time, and none is refused."""
    got = dict.fromkeys(region.addresses, 0)
    with closing(client(region[door])) as ng, closing(Party(500)) as party:
        for number in range(count):
            reply = ng.request({"command": "offer", "call-id": f"{door}-{time.monotonic_ns()}-{number}",
                                "from-tag": "a", "sdp": party.sdp()})
            check(reply is not None and reply["result"] == "ok", f"offer {number} at {door}: {reply}")
            port = int(re.search(r"^m=audio (\d+)", reply["sdp"], re.M)[1])
            got[list(region.addresses)[(port - 40000) // 1000]] += 1
            if meanwhile:
                meanwhile()
    return got


@case("cluster: calls offered to one node spread over all, and each is recorded whole on its owner")
def spread(bench):
    region = Region(bench, NAMES)
    with ExitStack() as stack:
        calls = roam(stack, region, "one", ("two", "three"), 9)
        owners = [region.owner(call) for call in calls]
        check(all(owners.count(name) == 3 for name in NAMES), f"owners: {owners}")
        talk(calls, 3)
        for call in calls:
            call.check_untouched(f"a call of {region.owner(call)}")
            call.end()
        check_recordings(bench, region, calls)
    check(all(region[name].stop() == 0 for name in NAMES), "a node did not end well")


@case("cluster: a node that is killed or hangs gets no calls, and the others lose nothing")
def death(bench):
    region = Region(bench, NAMES)
    with ExitStack() as stack:
        calls = roam(stack, region, "one", ("two",), 6)
        safe = [call for call in calls if region.owner(call) != "three"]
        check(len(safe) == 4, f"owners: {[region.owner(call) for call in calls]}")

        def kill(turn):
            if turn == 25:
                region["three"].kill()
        talk(safe, 1.5, kill)
        region.await_members(2, ("one", "two"), OUT_WITHIN)
        got = place(region, "two", 6)
        check(got["three"] == 0 and min(got["one"], got["two"]) > 0, f"after a death: {got}")
        talk(safe, 1)
        for call in safe:
            call.check_untouched("beside a node that died")
        region.start("three")
        region.await_members(3)
        got = place(region, "one", 6)
        check(got["three"] >= 4, f"a node that is back, and empty, gets the calls: {got}")

        with region.stopped("three"):
            began = time.monotonic()
            region.await_members(2, ("one", "two"), OUT_WITHIN)
            took = time.monotonic() - began
            check(took > 0.5, f"out after {took} s already")
            got = place(region, "one", 4)
            check(got["three"] == 0, f"a node that hangs got calls: {got}")
            talk(safe, 0.5)
        for call in safe:
            call.check_untouched("beside a node that hangs")
            call.end()
        region.await_members(3)
        check_recordings(bench, region, safe, ("one", "two"))


@case("cluster: while a node dies, every new call finds its place")
def amid(bench):
    region = Region(bench, NAMES)
    died = []

    def die():
        time.sleep(0.01)
        if not died and time.monotonic() > began + 0.5:
            died.append(region["two"].kill())
    began = time.monotonic()
    place(region, "one", 150, die)
    check(died, "nobody died")


@case("cluster: a node that drains gets no new calls, and no proxy is refused")
def drain(bench):
    region = Region(bench, NAMES, "--shutdown-drain=30s")
    with ExitStack() as stack:
        calls = roam(stack, region, "one", ("two",), 3)
        staying = next(call for call in calls if region.owner(call) == "one")
        region["one"].process.send_signal(signal.SIGTERM)
        wait_for(lambda: region["one"].get("/readyz")[0] == 503, 5, "the node does not drain")
        for door in NAMES:
            got = place(region, door, 6)
            check(got["one"] == 0 and got["two"] + got["three"] == 6, f"offered to {door}: {got}")
        talk([staying], 1)
        staying.check_untouched("on a node that drains")
        for call in calls:
            call.end()
        check(region["one"].process.wait(60) == 0, "the drained node did not end well")
        region.await_members(2, ("two", "three"), OUT_WITHIN)


def plain_intruder(address):
    """What costs a node without TLS 1 GiB: a header that promises that much."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), 2) as one, suppress(OSError):
        one.sendall(struct.pack(">BBBBIQQQ", 2, 0, 0, 0, 1 << 30, 3, 0, 0))
        one.settimeout(0.002)
        one.recv(64)


@case("cluster: whoever has no certificate of the region is not let in, and costs nothing")
def intruders(bench):
    region = Region(bench, NAMES[:2])
    with ExitStack() as stack:
        calls = roam(stack, region, "one", ("two",), 2)
        before = {name: memory(region[name]) for name in NAMES[:2]}
        plain_intruder(region.addresses["one"])
        talk(calls, 4, lambda turn: [plain_intruder(region.addresses["one"]) for _ in range(5)])
        for call in calls:
            call.check_untouched("beside intruders")
        host, port = region.addresses["one"].rsplit(":", 1)
        for _ in range(50):
            stack.enter_context(socket.create_connection((host, int(port)), 2))
        talk(calls, 2)
        for call in calls:
            call.check_untouched("beside intruders who say nothing")
        grown = memory(region["one"]) - before["one"]
        check(grown < 16, f"the node grew by {grown} MiB")
        check(region.members("one") == 1, "a member was lost")

        make_authority(bench, "other-ca")
        make_certificate(bench, "stranger", "other-ca")
        Node(bench, ["--node-name=stranger", "--ng-udp=127.0.0.1:0", "--ng-tcp=127.0.0.1:0",
                     "--http-listen=127.0.0.1:0", f"--cluster-listen=127.0.0.1:{free_ports(1)[0]}",
                     f"--cluster-peers={region.addresses['one']}", "--cluster-certificate=stranger.pem",
                     "--cluster-key=stranger.key", "--cluster-authorities=other-ca.pem",
                     "--vault-folder=s/recordings", "--events-folder=s/events", "--events-outbox=s/outbox",
                     "--admin-folder=s/config"], None)
        talk(calls, 3)
        check(region.members("one") == 1, "a stranger is a member")
        check("stranger" not in region["one"].log(), "a stranger was heard")
        for call in calls:
            call.check_untouched("beside a stranger")
            call.end()


@case("cluster: a node of another region is refused")
def foreign(bench):
    region = Region(bench, NAMES[:2])
    make_certificate(bench, "three")
    region.addresses["three"] = f"127.0.0.1:{free_ports(1)[0]}"
    region.start("three", "--node-region=far")
    wait_for(lambda: region.members("one", "refused") == 1, 10, "no refusal")
    time.sleep(2)
    for name in NAMES[:2]:
        check(region.members(name) == 1, f"{name} took a node of another region")
    check(region.members("three") == 0, "a node of another region took members")
    refusals = re.findall(r"a node is refused.*another region: far", region["one"].log())
    check(len(refusals) == 1, f"not one line: {region['one'].log()[-2000:]}")
    check(place(region, "three", 4)["three"] == 4, "calls left their region")


@case("cluster: a node does not start without good certificates")
def certificates(bench):
    make_authority(bench)
    make_authority(bench, "other-ca")
    make_certificate(bench, "one")
    make_certificate(bench, "two")
    address = f"--cluster-listen=127.0.0.1:{free_ports(1)[0]}"

    def refused(status, why, *flags):
        got, _, errors = bench.run([bench.callforkd, "--ng-udp=127.0.0.1:0", "--ng-tcp=127.0.0.1:0",
                                    "--http-listen=127.0.0.1:0", address, *flags])
        check(got == status and re.search(why, errors) and errors.count("\n") == 1,
              f"{flags}: status {got}: {errors}")
    usual = ("--cluster-certificate=one.pem", "--cluster-key=one.key", "--cluster-authorities=ca.pem")
    refused(2, "all three are needed")
    refused(2, "all three are needed", *usual[:2])
    refused(2, "not a host and a port", "--cluster-peers=nodes", *usual)
    refused(1, "cluster.key: not the key", usual[0], "--cluster-key=two.key", usual[2])
    refused(1, "cluster.key: cannot be read", usual[0], "--cluster-key=none.key", usual[2])
    refused(1, "cluster.certificate: not one that", *usual[:2], "--cluster-authorities=other-ca.pem")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused(1, "cluster.listen: .*in use", *usual, f"--cluster-listen=127.0.0.1:{taken.getsockname()[1]}")
