#!/usr/bin/env bash
# Starts and stops a real Apache Kafka broker for the tests: one node, KRaft
# mode, loopback, free ports, data in a temporary folder.
#
#   tests/kafka/kafka.sh start [folder]   prints CALLFORK_TEST_KAFKA=host:port
#                                         and CALLFORK_TEST_KAFKA_FOLDER=folder
#   tests/kafka/kafka.sh stop folder      ends the broker and removes the folder
#   tests/kafka/kafka.sh kill folder      ends it at once (SIGKILL), keeps data
#   tests/kafka/kafka.sh again folder     starts a killed broker on its data
#   tests/kafka/kafka.sh pid folder       prints the broker's process id
#   tests/kafka/kafka.sh fetch            only fetches the jars (once)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=$(sed -n 's/.*<version>\([0-9.]*[0-9]\)<.*/\1/p' "$here/pom.xml" | tail -1)
jars=${XDG_CACHE_HOME:-$HOME/.cache}/callfork/kafka/$version

fetch() {
  [ -e "$jars/complete" ] && return
  mkdir -p "$jars"
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$jars" >&2
  touch "$jars/complete"
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

settings() { # folder, client port, controller port
  cat <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$3
listeners=PLAINTEXT://127.0.0.1:$2,CONTROLLER://127.0.0.1:$3
advertised.listeners=PLAINTEXT://127.0.0.1:$2
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=$1/data
num.partitions=4
auto.create.topics.enable=true
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.enable=false
END
}

java_with() { # heap, arguments
  local heap=$1
  shift
  exec java "-Xmx$heap" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -cp "$jars/*" "$@"
}

launch() { # folder
  (java_with 512m kafka.Kafka "$1/server.properties" \
    >>"$1/broker.log" 2>&1 </dev/null & echo $! >"$1/pid")
  local port deadline=$((SECONDS + 60))
  port=$(cat "$1/port")
  until kcat -b "127.0.0.1:$port" -L -m 2 2>/dev/null | grep -q '1 brokers'; do
    kill -0 "$(cat "$1/pid")" 2>/dev/null || {
      echo "kafka ended at once:" >&2
      tail -20 "$1/broker.log" >&2
      return 1
    }
    [ $SECONDS -lt $deadline ] || { echo "kafka is not ready after 60 s" >&2; return 1; }
    sleep 0.2
  done
}

start() { # [folder]
  fetch
  local folder=${1:-$(mktemp -d "${TMPDIR:-/tmp}/callfork-kafka.XXXXXX")}
  mkdir -p "$folder/data"
  free_port >"$folder/port"
  settings "$folder" "$(cat "$folder/port")" "$(free_port)" >"$folder/server.properties"
  (java_with 128m kafka.tools.StorageTool format -t "$(uuid)" \
    -c "$folder/server.properties") >"$folder/broker.log" 2>&1
  launch "$folder"
  echo "CALLFORK_TEST_KAFKA=127.0.0.1:$(cat "$folder/port")"
  echo "CALLFORK_TEST_KAFKA_FOLDER=$folder"
}

uuid() {
  head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '='
}

end() { # folder, signal
  local pid deadline=$((SECONDS + 20))
  pid=$(cat "$1/pid")
  kill "-$2" "$pid" 2>/dev/null || return 0
  kill -CONT "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do
    [ $SECONDS -lt $deadline ] || kill -KILL "$pid"
    sleep 0.1
  done
}

case "${1:-}" in
  start) start "${2:-}" ;;
  stop) end "$2" TERM && rm -rf "$2" ;;
  kill) end "$2" KILL ;;
  again) launch "$2" ;;
  pid) cat "$2/pid" ;;
  fetch) fetch ;;
  *) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
