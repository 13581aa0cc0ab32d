"""Events on a real Kafka broker, read by a consumer that is not ours."""
import json

from bench import kinds
from cases import case, check, wait_for


@case("the events of a call are on Kafka")
def on_kafka(bench):
    check(bench.kafka, "CALLFORK_TEST_KAFKA does not name a broker: tests/kafka/kafka.sh start")
    prefix = f"e2e-{bench.folder.name}"
    topic = f"{prefix}.local.events.v1"
    node = bench.node("--events-log=kafka", f"--events-kafka-brokers={bench.kafka}",
                      f"--events-topic-prefix={prefix}")
    call = node.demo(2)
    output, errors = call.communicate(timeout=60)
    check(call.returncode == 0, errors)
    check(node.stop(40) == 0, f"bad end:\n{node.log()}")

    def consumed():
        status, lines, _ = bench.run(["kcat", "-b", bench.kafka, "-t", topic, "-C", "-e", "-q",
                                      "-J", "-o", "beginning"])
        return lines if status == 0 and "session.ended" in lines else None

    lines = wait_for(consumed, 20, "kcat finds no end of the call")
    bench.validate(lines)
    records = [json.loads(line) for line in lines.splitlines()]
    check(len({record["partition"] for record in records}) == 1, "the call's events are torn apart")
    check(all(record["key"] for record in records), "an event without a key")
    told = bench.events("--kafka", bench.kafka, "--topic", topic)
    check(sorted(e["headers"]["ce_id"] for e in told)
          == sorted(dict(zip(r["headers"][::2], r["headers"][1::2]))["ce_id"] for r in records),
          "callforkctl and kcat read different events")
    check("recording.stopped" in kinds(told), f"no end of the recording: {kinds(told)}")
    check(json.loads(output)["call"] in lines, "the call id is in no event")
