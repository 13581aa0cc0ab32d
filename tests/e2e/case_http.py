"""What the node tells by HTTP."""
import json
import subprocess

from cases import case, check


@case("health pages answer")
def health(bench):
    node = bench.node()
    for page in ("/livez", "/readyz", "/startupz"):
        status, body = node.get(page)
        check((status, body) == (200, "ok\n"), f"{page}: {status} {body}")
        verbose = json.loads(node.get(f"{page}?verbose")[1])
        check(verbose["live"] and verbose["shards"], f"{page}: {verbose}")
    check("version" in json.loads(node.get("/version")[1]), "/version")
    check(node.get("/nothing")[0] == 404, "an unknown page is found")


@case("promtool finds no fault in the metrics")
def metrics(bench):
    node = bench.node()
    call = node.demo(2)
    check(call.wait(30) == 0, call.stderr.read())
    body = node.get("/metrics")[1]
    judged = subprocess.run(["promtool", "check", "metrics"], input=body, text=True,
                            capture_output=True, check=False)
    check(judged.returncode == 0, f"promtool: {judged.stdout}{judged.stderr}")
    values = dict(line.rsplit(" ", 1) for line in body.splitlines() if not line.startswith("#"))
    check(float(values['callfork_calls_total{outcome="started"}']) == 1, "one call was started")
    check(float(values['callfork_rtp_packets_total{direction="in",shard="0"}']) > 0
          or float(values.get('callfork_rtp_packets_total{direction="in",shard="1"}', 0)) > 0,
          "no packets were counted")
    check(float(values['callfork_ng_requests_total{command="offer"}']) >= 1, "no offer")


@case("the loopback allow-list lets nobody else in")
def allow_list(bench):
    import socket
    node = bench.node("--ng-allowed=192.0.2.1/32")
    host, port = node.ng.rsplit(":", 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.settimeout(0.5)
        stranger.sendto(b"1 d7:command4:pinge", (host, int(port)))
        try:
            check(False, f"a stranger was answered: {stranger.recv(2000)}")
        except TimeoutError:
            pass
