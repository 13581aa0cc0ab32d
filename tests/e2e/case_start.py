"""How the node starts, and how it refuses to."""
import socket

from cases import ROOT, case, check

EXAMPLE = ROOT / "docs/callfork.example.yaml"


def taken(kind, port):
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
            return False
        except OSError:
            return True


@case("the example file starts the node")
def example(bench):
    # Somebody else's node may have the default ports: they alone give way then.
    busy = {}
    if taken(socket.SOCK_DGRAM, 2223) or taken(socket.SOCK_STREAM, 2223):
        busy |= {"CALLFORK_NG_UDP": "127.0.0.1:0", "CALLFORK_NG_TCP": ""}
    if taken(socket.SOCK_STREAM, 8080):
        busy |= {"CALLFORK_HTTP_LISTEN": "127.0.0.1:0"}
    from bench import Node
    node = Node(bench, ["--config", str(EXAMPLE)], busy)
    check(node.get("/readyz")[0] == 200, "not ready")
    check(node.stop() == 0, f"bad end:\n{node.log()}")


def refused(bench, flags, *words, variables=None):
    """The node ends with 2 and one line that holds these words."""
    status, output, errors = bench.run([bench.callforkd, *flags], variables=variables)
    told = f"{flags}: status {status}, output {output!r}, errors {errors!r}"
    check(status == 2 and not output and errors.count("\n") == 1, told)
    check(errors.startswith("callforkd: ") and all(word in errors for word in words), told)


@case("bad configuration is told in one line, with status 2")
def bad_configuration(bench):
    files = {
        "key": ("ng:\n  udq: []\n", "key.yaml:2:", "did you mean 'udp'"),
        "section": ("logs: {}\n", "section.yaml:1:", "unknown section"),
        "twice": ("log:\n  level: info\n  level: warn\n", "twice.yaml:3:", "given twice"),
        "kind": ("node:\n  shards: many\n", "kind.yaml:2:", "whole number"),
        "bound": ("node:\n  workers: 1000\n", "bound.yaml:2:", "from 2 to 64"),
        "unit": ("ng:\n  answer_within: 5\n", "unit.yaml:2:", "duration"),
        "word": ("log:\n  format: xml\n", "word.yaml:2:", "one of text, json"),
        "syntax": ("ng: [\n", "syntax.yaml:"),
        "address": ("ng:\n  udp: [nowhere]\n", "address.yaml:2:"),
        "open-ng": ("ng:\n  udp: [\"0.0.0.0:0\"]\n", "ng.allowed"),
        "open-http": ("http:\n  listen: \"0.0.0.0:0\"\n", "http.beyond_loopback"),
        "ports": ("media:\n  port_lowest: 50000\n", "media.port_highest"),
        "brokers": ("events:\n  log: kafka\n", "events.kafka_brokers"),
    }
    for name, (text, *words) in files.items():
        path = bench.folder / f"{name}.yaml"
        path.write_text(text)
        refused(bench, ["--config", str(path)], *words)
    refused(bench, ["--config", "/nowhere.yaml"], "/nowhere.yaml: cannot be read")
    refused(bench, ["--no-such-flag"])
    refused(bench, ["--log-level=loud"], "--log-level", "one of trace")
    refused(bench, [], "CALLFORK_LOG_LEVEL", variables={"CALLFORK_LOG_LEVEL": "loud"})


@case("an address in use is told in one line, with status 1")
def address_in_use(bench):
    node = bench.node()
    for flag in (f"--ng-udp={node.ng}", f"--http-listen={node.http}"):
        status, _, errors = bench.run([
            bench.callforkd, "--ng-udp=127.0.0.1:0", "--ng-tcp=", "--http-listen=127.0.0.1:0",
            "--events-log=none", "--vault-folder=other", "--admin-folder=other-config", flag])
        told = f"{flag}: status {status}: {errors}"
        check(status == 1 and "callforkd: " in errors, told)
        check("use" in errors.splitlines()[-1].lower(), told)


@case("a folder that cannot be written is told in one line, with status 1")
def bad_folder(bench):
    (bench.folder / "file").touch()
    status, output, errors = bench.run([
        bench.callforkd, "--ng-udp=127.0.0.1:0", "--ng-tcp=", "--http-listen=127.0.0.1:0",
        "--vault-folder=file/below"])
    check((status, output, errors)
          == (1, "", "callforkd: vault.folder: file/below: Not a directory\n"), f"{status} {errors}")


@case("flags, variables and help agree")
def asked_only(bench):
    status, output, _ = bench.run([bench.callforkd, "--print-example"])
    check(status == 0 and output == EXAMPLE.read_text(), "--print-example is another file")
    status, output, _ = bench.run([bench.callforkd, "--help"])
    check(status == 0 and "--ng-answer-within" in output, "--help is not helpful")
    check(bench.run([bench.callforkd, "--check", "--config", str(EXAMPLE)])[0] == 0, "--check")
    check(bench.run([bench.callforkd, "--version"])[1].startswith("callforkd "), "--version")


@case("log lines are JSON objects when asked for")
def json_logs(bench):
    import json
    node = bench.node("--log-format=json")
    node.stop()
    lines = [json.loads(line) for line in node.log().splitlines()]
    started = next(line for line in lines if line["msg"] == "node started")
    check(started["http"] == node.http and started["level"] == "info", str(started))
    check(lines[-1]["msg"] == "node stopped", str(lines[-1]))
