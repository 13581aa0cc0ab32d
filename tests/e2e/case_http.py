"""What the node tells by HTTP."""
import json
import subprocess

from cases import case, check, wait_for


@case("health pages answer")
def health(bench):
    node = bench.node()
    wait_for(lambda: node.get("/startupz")[0] == 200, 5, "the start has no end")
    for page in ("/livez", "/readyz", "/startupz"):
        status, body = node.get(page)
        check((status, body) == (200, "ok\n"), f"{page}: {status} {body}")
        verbose = json.loads(node.get(f"{page}?verbose")[1])
        check(verbose["live"] and verbose["started"] and verbose["shards"], f"{page}: {verbose}")
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
    check(node.outcome("calls", "started") == 1, "one call was started")
    check(float(values["callfork_setup_added_delay_seconds_count"]) == 1, "one call was set up")
    check(0 < float(values["callfork_setup_added_delay_seconds_sum"]) < 5, "an odd delay")
    check(float(values['callfork_fork_lag_seconds_count{provider="vault"}']) > 20, "no batches")
    check(float(values['callfork_rtp_packets_total{direction="in",shard="0"}']) > 0
          or float(values.get('callfork_rtp_packets_total{direction="in",shard="1"}', 0)) > 0,
          "no packets were counted")
    check(float(values['callfork_ng_requests_total{command="offer"}']) >= 1, "no offer")


@case("a node that is told to stop lets calls go on, and says so")
def draining(bench):
    node = bench.node("--shutdown-drain=30s", "--media-delete-delay=0s")
    call = node.demo(4)
    wait_for(lambda: node.metrics()["callfork_active_calls"] == 1, 10, "no call")
    node.process.terminate()
    wait_for(lambda: node.get("/readyz") == (503, "draining\n"), 5, "a stopping node is ready")
    check(node.get("/livez") == (200, "ok\n"), "a draining node is not live")
    check(node.get("/startupz") == (200, "ok\n"), "a draining node has not started")
    check(node.metrics()["callfork_draining"] == 1, "no metric says that it drains")
    check(call.wait(30) == 0, f"the call was disturbed: {call.stderr.read()}")
    check(node.process.wait(15) == 0, f"bad end:\n{node.log()}")
    stages = ["node stopping signal=TERM", "draining, new calls are refused calls=1", "draining calls=0",
              "ending calls=0", "calls ended, recordings finished", "events delivered",
              "node stopped clean=true"]
    told = node.log()
    places = [told.find(stage) for stage in stages]
    check(-1 not in places and places == sorted(places), f"stages are missing:\n{told}")


@case("a second signal ends the wait for calls")
def impatient(bench):
    node = bench.node("--shutdown-drain=1h")
    node.demo(30)
    bench.recording("open")
    node.process.terminate()
    wait_for(lambda: "draining" in node.log(), 5, "it does not drain")
    node.process.terminate()
    check(node.process.wait(15) == 0, f"bad end:\n{node.log()}")
    check("ending calls=1" in node.log(), node.log())
    bench.recording("json", 1)


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
