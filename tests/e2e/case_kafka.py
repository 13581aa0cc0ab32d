"""Events on a real Kafka broker, read by a consumer that is not ours."""
import base64
import json
import os
import pathlib
import uuid

from bench import kinds
from case_start import refused
from cases import case, check, wait_for

NO_BROKER = "CALLFORK_TEST_KAFKA does not name a broker: tests/kafka/kafka.sh start --secure"


def kafka_flags(bench, prefix):
    return ("--events-log=kafka", f"--events-kafka-brokers={bench.kafka}",
            f"--events-topic-prefix={prefix}")


# What events say in the words of RFC 7865.
METADATA = {
    "session.started": ("partial", {"session"}),
    "session.ended": ("partial", {"session"}),
    "participant.joined": ("partial", {"participantsessionassoc"}),
    "participant.left": ("partial", {"participantsessionassoc"}),
    "stream.added": ("partial", {"stream", "participantstreamassoc"}),
    "stream.removed": ("partial", {"stream"}),
    "recording.requested": ("partial", {"group", "session", "participant"}),
    "recording.started": ("complete", {"group", "session", "participant", "stream",
                                       "sessionrecordingassoc",
                                       "participantsessionassoc", "participantstreamassoc"}),
}
METADATA["recording.stopped"] = METADATA["recording.started"]


def check_metadata(events):
    for kind, event in zip(kinds(events), events):
        if kind not in METADATA:
            continue
        said = event["value"].get("recording", {})
        mode, parts = METADATA[kind]
        check(said.get("datamode") == mode and parts == said.keys() - {"datamode"},
              f"{kind}: expected {mode} metadata with {parts}, got {said}")
        subject = event["headers"]["ce_subject"]
        for session in said.get("session", []) if kind.startswith("session") else []:
            check(str(uuid.UUID(bytes=base64.b64decode(session["session_id"]))) == subject,
                  f"{kind}: the session is not {subject}")
    check(set(METADATA) <= set(kinds(events)), f"not all kinds are told: {set(kinds(events))}")


def consumed(bench, topic, wanted=1):
    """What kcat reads from the topic, once that many calls have ended on it."""
    def read():
        status, lines, _ = bench.run(["kcat", "-b", bench.kafka, "-t", topic, "-C", "-e", "-q",
                                      "-J", "-o", "beginning"])
        ended = sum("session.ended" in line for line in lines.splitlines())
        return lines if status == 0 and ended >= wanted else None

    return wait_for(read, 20, f"kcat does not find the end of {wanted} calls")


@case("the events of a call are on Kafka")
def on_kafka(bench):
    check(bench.kafka, NO_BROKER)
    prefix = f"e2e-{bench.folder.name}"
    topic = f"{prefix}.local.events.v1"
    node = bench.node(*kafka_flags(bench, prefix))
    call = node.demo(2)
    output, errors = call.communicate(timeout=60)
    check(call.returncode == 0, errors)
    check(node.stop(40) == 0, f"bad end:\n{node.log()}")

    lines = consumed(bench, topic)
    bench.validate(lines)
    records = [json.loads(line) for line in lines.splitlines()]
    check(len({record["partition"] for record in records}) == 1, "the call's events are torn apart")
    check(all(record["key"] for record in records), "an event without a key")
    told = bench.events("--kafka", bench.kafka, "--topic", topic)
    check(sorted(e["headers"]["ce_id"] for e in told)
          == sorted(dict(zip(r["headers"][::2], r["headers"][1::2]))["ce_id"] for r in records),
          "callforkctl and kcat read different events")
    check_metadata(told)
    check(json.loads(output)["call"] in lines, "the call id is in no event")


class Secured:
    """The broker's listener with TLS and passwords, and how to go there."""

    def __init__(self, bench, prefix):
        check(os.environ.get("CALLFORK_TEST_KAFKA_SECURE"), NO_BROKER)
        self.folder = pathlib.Path(os.environ["CALLFORK_TEST_KAFKA_FOLDER"])
        self.bench, self.prefix = bench, prefix
        self.broker = os.environ["CALLFORK_TEST_KAFKA_SECURE"]
        self.password = (self.folder / "password").read_text().strip()

    def settings(self, password=None, ca="ca.pem"):
        return {"security.protocol": "SASL_SSL", "ssl.ca.location": self.folder / ca,
                "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "callfork",
                "sasl.password": password or self.password}

    def node(self, broker=None, **wrong):
        path, password = self.bench.folder / "node.yaml", self.bench.folder / "password"
        settings = self.settings(**wrong)
        password.write_text(settings.pop("sasl.password") + "\n")
        password.chmod(0o600)
        path.write_text(f"events:\n  log: kafka\n  kafka_password: {password}\n  kafka_settings:\n"
                        + "".join(f"    {name}: {value}\n" for name, value in settings.items()))
        return self.bench.node("--config", str(path), f"--events-topic-prefix={self.prefix}",
                               f"--events-kafka-brokers={broker or self.broker}",
                               "--shutdown-grace=1s")

    def settings_file(self, name, **wrong):
        path = self.bench.folder / name
        path.write_text("".join(f"{each}={value}\n" for each, value in
                                self.settings(**wrong).items()))
        return str(path)


def one_call(node):
    output, errors = node.demo(1).communicate(timeout=60)
    check(output and not errors, f"the call failed: {errors}")


def no_way_in(node, reason):
    """A call through a node that Kafka refuses: told once, and all is kept."""
    one_call(node)
    told = wait_for(lambda: [line for line in node.log().splitlines()
                             if "event log in trouble" in line], 20,
                    f"the log says nothing of its trouble:\n{node.log()}")
    check(len(told) == 1 and reason in told[0], f"expected one line with {reason!r}: {told}")
    figures = node.metrics()
    check(figures["callfork_outbox_events"] > 5, f"nothing waits: {figures}")
    check(figures['callfork_events_total{outcome="delivered"}'] == 0, "delivered to a stranger")
    node.stop()


@case("events wait for the right credentials and then reach a secured Kafka")
def secured(bench):
    prefix = f"e2e-{bench.folder.name}"
    kafka = Secured(bench, prefix)
    nodes = [kafka.node(password="open-sesame")]
    no_way_in(nodes[-1], "invalid credentials")
    nodes.append(kafka.node(ca="other-ca.pem"))
    no_way_in(nodes[-1], "certificate verify failed")
    # The certificate is good for the name, not for the address.
    nodes.append(kafka.node(broker=kafka.broker.replace("localhost", "127.0.0.1")))
    no_way_in(nodes[-1], "certificate verify failed")
    nodes.append(kafka.node())
    one_call(nodes[-1])
    check(nodes[-1].stop() == 0, f"bad end:\n{nodes[-1].log()}")
    topic = f"{prefix}.local.events.v1"
    lines = consumed(bench, topic, 4)
    bench.validate(lines)
    told = bench.events("--kafka", kafka.broker, "--topic", topic, "--kafka-settings",
                        kafka.settings_file("good.conf"))
    check(len(told) == len(lines.splitlines()), "callforkctl and kcat read different events")
    status, _, errors = bench.run([
        bench.callforkctl, "events", "--kafka", kafka.broker, "--topic", topic,
        "--kafka-settings", kafka.settings_file("bad.conf", password="open-sesame")])
    check(status == 1 and errors.count("\n") == 1 and "invalid credentials" in errors, errors)
    logs = "".join(node.log() for node in nodes) + errors
    check("open-sesame" not in logs and kafka.password not in logs, "a password is in the log")


@case("a Kafka setting that makes no sense is told in one line, with status 2")
def bad_settings(bench):
    check(bench.kafka, NO_BROKER)
    flags = kafka_flags(bench, "e2e")
    for setting, *words in (("sasl.passwort=hunter2", "sasl.passwort"),
                            ("security.protocol=hunter2", "security.protocol"),
                            ("enable.idempotence=false", "idempotence"),
                            ("security.protocol=ssl,ssl.ca.location=/nowhere.pem",
                             "ssl.ca.location")):
        refused(bench, [*flags, f"--events-kafka-settings={setting}"], "events.kafka_settings",
                *words)


@case("callforkctl follows a topic that does not exist yet")
def followed(bench):
    check(bench.kafka, NO_BROKER)
    prefix = f"e2e-{bench.folder.name}"
    topic = f"{prefix}.local.events.v1"
    shown, errors = bench.folder / "shown", bench.folder / "errors"
    with open(shown, "w") as out, open(errors, "w") as wrong:
        watcher = bench.start([bench.callforkctl, "--json", "events", "--follow", "--kafka",
                               bench.kafka, "--topic", topic], stdout=out, stderr=wrong)
    wait_for(lambda: "waiting: Kafka has no topic" in errors.read_text(), 20, "it does not wait")
    node = bench.node(*kafka_flags(bench, prefix))
    one_call(node)
    node.stop()
    wait_for(lambda: "session.ended" in shown.read_text(), 20, "the end of the call is not shown")
    check(watcher.poll() is None, "it does not follow on")
    watcher.terminate()
    watcher.wait(10)
    check(errors.read_text().count("\n") == 1, errors.read_text())
    bench.validate(shown.read_text())
