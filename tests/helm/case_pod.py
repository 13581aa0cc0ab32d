"""The real callforkd as a pod of either region."""
import json
import os
import pathlib
import subprocess

import chart
from bench import free_ports
from cases import case, check, wait_for
from chart import REGIONS, Release
from pod import Pod, own_address

KEY = "2026-11 " + "5a" * 32 + "\n"


def certificate(bench):
    """A certificate, its key and who issued it."""
    folder = pathlib.Path(bench.folder)
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for words in (["req", "-x509", *new, "-subj", "/CN=authority", "-days", "2", "-keyout", "ca.key", "-out", "ca.crt"],
                  ["req", *new, "-subj", "/CN=callfork", "-keyout", "tls.key", "-out", "csr"],
                  ["x509", "-req", "-in", "csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                   "-out", "tls.crt"]):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    return {each: (folder / each).read_text() for each in ("tls.crt", "tls.key", "ca.crt")}


def secrets(bench):
    tls = certificate(bench)
    return {"vault-keys": {"vault.keys": KEY}, "cluster-tls": tls, "http-tls": tls, "kafka-tls": tls, "siprec-tls": tls,
            "api-keys": {"api.keys": "backup compliance-officer acme " + "9f" * 32 + "\n", "audit.key": "a" * 64,
                         "link.key": "b" * 64},
            "archive-login": {"password": "1234"}, "kafka-login": {"password": "5678"},
            "webhook.login": {"token": "90ab"}}


def on_this_machine():
    """What the machine of the tests asks for: ports that are free, and its own proxies."""
    ng, http, udp, tcp, tls, cluster = free_ports(6)
    return {"cluster": {"port": cluster}, "ng": {"port": ng, "allowed": ["127.0.0.0/8"]}, "http": {"port": http},
            "siprec": {"udpPort": udp, "tcpPort": tcp, "tlsPort": tls}, "kafka": {"brokers": ["127.0.0.1:9"]}}


def full(region):
    values = chart.merged(chart.all_of(region), on_this_machine())
    # Providers and keys of tokens that are asked by name would be asked in vain.
    values["siprec"]["providers"][0]["targets"] = ["sips:recorder@127.0.0.1:9"]
    values["api"]["keySet"] = ""
    return values


@case("callforkd takes the configuration of both regions as it is rendered")
def checked(bench):
    files = secrets(bench)
    for region in REGIONS:
        for name, values in (("least", {}), ("all", chart.all_of(region)),
                             ("files", {"events": {"log": "files"}, "replicaCount": 1}),
                             ("six", {"ipFamily": "IPv6", "siprec": {"enabled": True, "existingSecret": "siprec-tls"}}),
                             ("inside", {"hostNetwork": False, "vault": {"existingSecret": "", "plain": True}})):
            address = "2001:db8::1" if name == "six" else "192.0.2.1"
            status, told = Pod(bench, Release(region, values, release=f"{region}-{name}"), address,
                               files).check_configuration()
            check(status == 0, f"{region}, {name}: {told}")


def of_each_region(bench, files, values):
    """A pod of each region, started and ready, both at once."""
    pods = [Pod(bench, Release(region, values(region), release=region), own_address(at), files)
            for at, region in enumerate(REGIONS)]
    for pod in pods:
        pod.start()
    for pod in pods:
        pod.await_ready()
    return list(zip(REGIONS, pods))


@case("a pod of each region becomes ready by its probes, and stops within its grace")
def lives(bench):
    pods = of_each_region(bench, secrets(bench), full)
    for region, pod in pods:
        line = next(each for each in pod.log().splitlines() if "node started" in each)
        ng = pod.release.container["ports"][0]["containerPort"]
        check(json.loads(line) and f"{pod.address}:{ng}" in line, f"{region}: {line}")
        pod.terminate()
    for region, pod in pods:
        # Without a call there is nothing to wait for but the grace of what cannot be delivered.
        status, seconds = pod.await_end(60)
        check(status == 0, f"{region}: status {status} after {seconds:.0f} s:\n{pod.log()}")


@case("a pod that is told to stop lets its call go on: alive, not ready, and on volumes of its own")
def drains(bench):
    pods = of_each_region(bench, secrets(bench), lambda _: {
        **on_this_machine(), "cluster": {"enabled": False}, "events": {"log": "files"}, "replicaCount": 1,
        "siprec": {}})
    calls = [phones(bench, pod, 8) for _, pod in pods]
    for region, pod in pods:
        wait_for(lambda each=pod: "call started" in each.log(), 10, f"{region}: no call begins")
        pod.terminate()
    for region, pod in pods:
        wait_for(lambda each=pod: each.probe("readinessProbe") == 503, 5, f"{region} stays ready:\n{pod.log()}")
        check(pod.probe("livenessProbe") == 200, f"a draining pod would be killed:\n{pod.log()}")
    for (region, pod), call in zip(pods, calls):
        status, _ = pod.await_end(60)
        output, errors = call.communicate(timeout=20)
        check(status == 0 and call.returncode == 0, f"{region}: {status}, {output}{errors}\n{pod.log()}")
        check("draining" in pod.log(), f"the call was over:\n{pod.log()}")
        kept_apart(bench, region, pod)


def phones(bench, pod, seconds):
    """A call of two phones through the pod."""
    ng = pod.release.container["ports"][0]["containerPort"]
    return bench.start([bench.callforkctl, "--json", "demo", "--ng", f"{pod.address}:{ng}", "--seconds", str(seconds)],
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kept_apart(bench, region, pod):
    """A sealed recording and the events of its region, on the pod's volumes."""
    kept, events = pod.files(), "var/lib/callfork/outbox/events"
    topics_kept = {each.split("/")[5] for each in kept if each.startswith(f"{events}/")}
    check(topics_kept == {f"callfork.{region}.events.v1"}, f"{region}: topics {topics_kept}")
    check(any(each.startswith("var/lib/callfork/vault/recordings/") and each.endswith(".sealed") for each in kept)
          and not any(each.endswith(".wav") for each in kept), f"{region}: no sealed recording in {kept}")
    story = bench.ctl("--json", "events", "--folder", f"{pod.root}/{events}", "--topic",
                      f"callfork.{region}.events.v1")
    check(f"/{region}/" in story and pod.name in story, f"{region}: {story[:2000]}")


def secured_broker():
    """Values and Secrets for the broker of the tests that asks for TLS and a password."""
    check(os.environ.get("CALLFORK_TEST_KAFKA_SECURE"), "no broker: tests/kafka/kafka.sh start --secure names one")
    folder = pathlib.Path(os.environ["CALLFORK_TEST_KAFKA_FOLDER"])
    values = {"brokers": [os.environ["CALLFORK_TEST_KAFKA_SECURE"]],
              "tls": {"existingSecret": "kafka-tls", "clientCertificate": False},
              "sasl": {"mechanism": "SCRAM-SHA-512", "user": "callfork", "existingSecret": "kafka-login"}}
    return values, {"kafka-tls": {"ca.crt": (folder / "ca.pem").read_text()},
                    "kafka-login": {"password": (folder / "password").read_text()}}


@case("calls of each region are told on its own topics, to brokers with TLS and a password")
def topics(bench):
    kafka, theirs = secured_broker()
    prefix = f"helm-{pathlib.Path(bench.folder).name}"
    pods = of_each_region(bench, {**secrets(bench), **theirs}, lambda _: chart.merged(
        on_this_machine(), {"siprec": {}, "kafka": kafka, "events": {"topicPrefix": prefix}}))
    for region, pod in pods:
        output, errors = phones(bench, pod, 1).communicate(timeout=30)
        check(output and not errors, f"{region}: {errors}\n{pod.log()}")
        pod.terminate()
    for region, pod in pods:
        status, _ = pod.await_end(60)
        check(status == 0 and "events delivered" in pod.log(), f"{region}: status {status}\n{pod.log()}")
        story = bench.events("--kafka", os.environ["CALLFORK_TEST_KAFKA"], "--topic", f"{prefix}.{region}.events.v1")
        sources = {each["headers"]["ce_source"] for each in story}
        check(len(story) > 3 and all(f"/{region}/{pod.name}" in each for each in sources), f"{region}: {sources}")
    _, told, _ = bench.run(["kcat", "-b", os.environ["CALLFORK_TEST_KAFKA"], "-L", "-J"])
    named = {each["topic"] for each in json.loads(told)["topics"] if each["topic"].startswith(prefix)}
    check(named == {f"{prefix}.us.events.v1", f"{prefix}.eu.events.v1", f"{prefix}.config.v1"}, f"{named}")


@case("pods of a release find each other and share calls, and take in no pod of another region")
def cluster(bench):
    check(os.environ.get("CALLFORK_TEST_KAFKA"), "no broker: tests/kafka/kafka.sh start names one")
    files, addresses = secrets(bench), [own_address(pod) for pod in range(3)]
    values = chart.merged(on_this_machine(), {
        "siprec": {}, "events": {"topicPrefix": f"helm-{pathlib.Path(bench.folder).name}"},
        "kafka": {"brokers": [os.environ["CALLFORK_TEST_KAFKA"]], "tls": {"enabled": False}}})
    pods = [Pod(bench, Release("us", values, release="us"), address, files, ordinal, addresses[:2])
            for ordinal, address in enumerate(addresses[:2])]
    # As if the Service of one region had pods of the other.
    pods.append(Pod(bench, Release("eu", values, release="eu"), addresses[2], files, 0, addresses))
    for pod in pods:
        pod.start()
    for pod in pods:
        pod.await_ready()
    one, other, stranger = pods
    for pod in (one, other):
        wait_for(lambda each=pod: each.metric('callfork_cluster_members{state="in"}') == 1, 20,
                 f"{pod.name} knows no other node:\n{pod.log()}")
    wait_for(lambda: stranger.metric('callfork_cluster_members{state="refused"}') > 0, 20,
             f"nobody refuses a node of another region:\n{stranger.log()}")
    check(stranger.metric('callfork_cluster_members{state="in"}') == 0, "a node is of two regions")
    calls = [phones(bench, one, 3) for _ in range(4)]
    for call in calls:
        output, errors = call.communicate(timeout=30)
        check(call.returncode == 0, f"{output}{errors}\n{one.log()}\n{other.log()}")
    placed = [one.metric(f'callfork_cluster_placed_calls_total{{where="{where}"}}') for where in ("here", "elsewhere")]
    check(sum(placed) == 4 and placed[1] > 0, f"calls here and elsewhere: {placed}")
    check(stranger.metric("callfork_active_calls") == 0, "a call is in another region")
    for pod in pods:
        pod.terminate()
    for pod in pods:
        status, _ = pod.await_end(60)
        check(status == 0, f"{pod.name}: status {status}\n{pod.log()}")
