#!/usr/bin/env bash
# Starts and stops a real Apache Kafka broker for the tests: one node, KRaft
# mode, loopback, free ports, data in a temporary folder.
#
#   tests/kafka/kafka.sh start [--secure] [folder]
#                                         prints CALLFORK_TEST_KAFKA=host:port
#                                         and CALLFORK_TEST_KAFKA_FOLDER=folder
#   tests/kafka/kafka.sh stop folder      ends the broker and removes the folder
#   tests/kafka/kafka.sh kill folder      ends it at once (SIGKILL), keeps data
#   tests/kafka/kafka.sh again folder     starts a killed broker on its data
#   tests/kafka/kafka.sh pid folder       prints the broker's process id
#   tests/kafka/kafka.sh fetch            only fetches the jars (once)
#
# With --secure the broker has a second listener for TLS with SCRAM-SHA-512, and
# CALLFORK_TEST_KAFKA_SECURE=localhost:port is printed too. Its certificate is
# good for the name localhost and for no address. The folder then holds ca.pem,
# other-ca.pem (which signed nothing) and password, that of the user callfork.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=$(sed -n 's/.*<version>\([0-9.]*[0-9]\)<.*/\1/p' "$here/pom.xml" | tail -1)
jars=${XDG_CACHE_HOME:-$HOME/.cache}/callfork/kafka/$version
tries=5
log=(-Dorg.slf4j.simpleLogger.defaultLogLevel=warn
  -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info)

fetch() {
  if cmp -s "$here/pom.xml" "$jars/complete"; then return; fi
  mkdir -p "$jars"
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$jars" >&2
  cp "$here/pom.xml" "$jars/complete"
}

# Ports that the kernel hands out to nobody by itself: a broker that is away for
# a while finds its own free again.
free_ports() { # count
  python3 - "$1" <<'END'
import random, socket, sys
held = []
while len(held) < int(sys.argv[1]):
    probe = socket.socket()
    try:
        probe.bind(("127.0.0.1", random.randrange(20000, 30000)))
        held.append(probe)
    except OSError:
        probe.close()
print(*(probe.getsockname()[1] for probe in held))
END
}

settings() { # folder, client port, controller port
  cat <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$3
listeners=PLAINTEXT://127.0.0.1:$2,CONTROLLER://127.0.0.1:$3
advertised.listeners=PLAINTEXT://127.0.0.1:$2
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL
log.dirs=$1/data
num.partitions=4
auto.create.topics.enable=true
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
log.cleaner.enable=false
END
}

secure_settings() { # folder, client port, controller port, secure port
  settings "$1" "$2" "$3" | sed -e "s|^listeners=.*|&,SASL_SSL://127.0.0.1:$4|" \
    -e "s|^advertised.listeners=.*|&,SASL_SSL://localhost:$4|"
  cat <<END
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PKCS12
ssl.keystore.location=$1/broker.p12
ssl.keystore.password=$(cat "$1/password")
ssl.key.password=$(cat "$1/password")
END
}

make_ca() { # file without its ending
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$(basename "$1")" \
    -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

make_secrets() { # folder
  (umask 077; openssl rand -hex 16 >"$1/password")
  make_ca "$1/ca"
  make_ca "$1/other-ca"
  openssl req -new -newkey rsa:2048 -nodes -subj /CN=broker \
    -keyout "$1/broker.key" -out "$1/broker.csr" 2>/dev/null
  openssl x509 -req -in "$1/broker.csr" -CA "$1/ca.pem" -CAkey "$1/ca.key" -days 2 \
    -extfile <(echo 'subjectAltName=DNS:localhost') -out "$1/broker.pem" 2>/dev/null
  openssl pkcs12 -export -inkey "$1/broker.key" -in "$1/broker.pem" \
    -certfile "$1/ca.pem" -passout "file:$1/password" -out "$1/broker.p12"
}

java_with() { # heap, arguments
  local heap=$1
  shift
  exec java "-Xmx$heap" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "${log[@]}" \
    -cp "$jars/*" "$@"
}

# Waits until the broker says that it serves. Its own word counts: on a port
# that was taken meanwhile another broker might answer.
launch() { # folder
  (java_with 512m kafka.Kafka "$1/server.properties" \
    >"$1/broker.log" 2>&1 </dev/null & echo $! >"$1/pid")
  local deadline=$((SECONDS + 60))
  until grep -q 'Kafka Server started' "$1/broker.log"; do
    kill -0 "$(cat "$1/pid")" 2>/dev/null || return 1
    [ $SECONDS -lt $deadline ] || { end "$1" KILL; return 1; }
    sleep 0.1
  done
}

complain() { # folder
  echo "kafka did not start:" >&2
  tail -20 "$1/broker.log" >&2
  return 1
}

prepare() { # folder, secure: yes or empty
  rm -rf "$1/data"
  mkdir -p "$1/data"
  local client controller secure
  read -r client controller secure <<<"$(free_ports 3)"
  echo "$client" >"$1/port"
  local user=()
  if [ "$2" ]; then
    secure_settings "$1" "$client" "$controller" "$secure" >"$1/server.properties"
    echo "$secure" >"$1/secure-port"
    user=(--add-scram "SCRAM-SHA-512=[name=callfork,password=$(cat "$1/password")]")
  else
    settings "$1" "$client" "$controller" >"$1/server.properties"
  fi
  (java_with 128m kafka.tools.StorageTool format -t "$(uuid)" "${user[@]}" \
    -c "$1/server.properties") >"$1/broker.log" 2>&1
}

start() { # secure: yes or empty, folder or empty
  fetch
  local folder=${2:-$(mktemp -d "${TMPDIR:-/tmp}/callfork-kafka.XXXXXX")}
  mkdir -p "$folder"
  if [ "$1" ]; then make_secrets "$folder"; fi
  # A free port may be somebody else's by the time the broker binds it.
  local try
  for ((try = 1; ; try++)); do
    prepare "$folder" "$1" && launch "$folder" && break
    [ $try -lt $tries ] || { complain "$folder"; return 1; }
  done
  echo "CALLFORK_TEST_KAFKA=127.0.0.1:$(cat "$folder/port")"
  echo "CALLFORK_TEST_KAFKA_FOLDER=$folder"
  if [ "$1" ]; then echo "CALLFORK_TEST_KAFKA_SECURE=localhost:$(cat "$folder/secure-port")"; fi
}

# Clients know the ports by now: somebody who has one is waited for.
again() { # folder
  local try
  for ((try = 1; ; try++)); do
    launch "$1" && return
    [ $try -lt $tries ] || { complain "$1"; return 1; }
    sleep 1
  done
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
  start)
    secure=
    if [ "${2:-}" = --secure ]; then secure=yes; shift; fi
    start "$secure" "${2:-}"
    ;;
  stop) end "$2" TERM && rm -rf "$2" ;;
  kill) end "$2" KILL ;;
  again) again "$2" ;;
  pid) cat "$2/pid" ;;
  fetch) fetch ;;
  *) sed -n '2,18s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
