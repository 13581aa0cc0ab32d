"""A region of several nodes on loopback, with certificates of their own."""
import os
import signal
from contextlib import contextmanager

from bench import Node, free_ports
from cases import check, wait_for


def openssl(bench, *words):
    status, output, errors = bench.run(["openssl", *words])
    check(status == 0, f"openssl {words[0]}: {output}{errors}")


def make_authority(bench, name="ca"):
    openssl(bench, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "30", "-subj", f"/CN={name}")


def make_certificate(bench, name, authority="ca"):
    openssl(bench, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
    openssl(bench, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey",
            f"{authority}.key", "-CAcreateserial", "-days", "30", "-out", f"{name}.pem")


class Region:
    """Nodes by their names; those that are dead keep their addresses."""

    def __init__(self, bench, names, *flags):
        self.bench, self.flags = bench, flags
        ports = free_ports(len(names))
        self.addresses = {name: f"127.0.0.1:{port}" for name, port in zip(names, ports)}
        self.nodes = {}
        make_authority(bench)
        for name in names:
            make_certificate(bench, name)
            self.start(name)
        self.await_members(len(names))

    def start(self, name, *flags):
        lowest = 40000 + 1000 * list(self.addresses).index(name)
        made = Node(self.bench, [
            f"--node-name={name}", "--node-shards=1", "--ng-udp=127.0.0.1:0", "--ng-tcp=127.0.0.1:0",
            "--http-listen=127.0.0.1:0", f"--cluster-listen={self.addresses[name]}",
            f"--cluster-peers={','.join(self.addresses.values())}",
            f"--cluster-certificate={name}.pem", f"--cluster-key={name}.key",
            "--cluster-authorities=ca.pem", f"--media-port-lowest={lowest}",
            f"--media-port-highest={lowest + 999}",
            *(f"--{key}={name}/{folder}" for key, folder in (
                ("vault-folder", "recordings"), ("events-folder", "events"),
                ("events-outbox", "outbox"), ("admin-folder", "config"))),
            *self.flags, *flags],
            # The address sanitizer keeps what was freed, for a while.
            {"ASAN_OPTIONS": ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=1"]))})
        self.nodes[name] = made
        return made

    def __getitem__(self, name):
        return self.nodes[name]

    def members(self, name, state="in"):
        return self.nodes[name].metrics()[f'callfork_cluster_members{{state="{state}"}}']

    def await_members(self, count, names=None, seconds=15):
        """So many nodes, as each of the named ones sees it."""
        for name in names or self.nodes:
            wait_for(lambda name=name: self.members(name) == count - 1, seconds,
                     f"{name} does not see {count} nodes: {self.nodes[name].log()[-2000:]}")

    def calls(self, name):
        return self.nodes[name].metrics()["callfork_active_calls"]

    def owner(self, call):
        """The name of the node whose ports the parties of a call send to."""
        place = (call.caller.node[1] - 40000) // 1000
        check(place == (call.callee.node[1] - 40000) // 1000, "a call has two owners")
        return list(self.addresses)[place]

    @contextmanager
    def stopped(self, name):
        """The node hangs meanwhile."""
        process = self.nodes[name].process
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)
