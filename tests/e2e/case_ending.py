"""Nobody can record: what a call through Kamailio comes to then, as its phones
hear it and as their SIP tells."""
import http.server
import json
import re
import ssl
import threading
import time

from audio import channels, level
from bench import free_ports, kinds
from cases import case, check, wait_for
from case_announce import PROMPTS, RATE, check_heard, prompt
from case_modes import OUTSIDE, Exchange, check_only
from parties import Call, Party, talk
from phones import Phones
from sip_phones import ProxiedCall, Proxy

TOKEN = "hooks-know-this-0123456789"


class Hook:
    """A web server that gets POSTs, and answers as it is told to."""

    def __init__(self, *statuses, secured=None):
        hook = self
        self.asked, self.statuses = [], list(statuses)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.asked.append((time.monotonic(), dict(self.headers), json.loads(body)))
                self.send_response(hook.statuses.pop(0) if hook.statuses else 204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if secured:
            self.server.socket = secured.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http{'s' if secured else ''}://127.0.0.1:{self.server.server_address[1]}/calls?from=callfork"


def office(bench, behaviour, *flags, rpc=None):
    """A node whose only provider is out of reach, and the port of its proxy, who
    ends calls unless somebody else does."""
    port, tcp, nobody = free_ports(3)
    node = bench.node("--recording-mode=always", f"--recording-on-failure={behaviour}", "--vault-folder=",
                      f"--media-prompts={PROMPTS}", f"--siprec-tcp=127.0.0.1:{tcp}",
                      f"--siprec-providers=nobody sip:127.0.0.1:{nobody};transport=tcp",
                      f"--ending-kamailio={rpc or f'http://127.0.0.1:{port}/RPC'}", "--sinks-finish-within=1s",
                      "--media-delete-delay=0s", *flags)
    return node, port


def check_played_once(call):
    """Both hear of the failure, whole and at its level, and nothing else but
    each other; when it was over for both."""
    ends = []
    for party in call.parties():
        own = party.other.payloads
        at = party.onset(lambda packet: packet[12:] not in own, 0)
        check(at is not None, "nobody was told that nobody records")
        check(at - call.answered[1] < 2, f"told {at - call.answered[1]:.1f} s after the answer")
        ends.append(check_heard(party, "failure", at, 0.05))
        again = party.onset(lambda packet: packet[12:] not in own, ends[-1] + 0.1)
        check(again is None, "something is heard after the announcement")
    return max(ends)


def check_goes_on(call, since):
    """Each hears the other until the end, and nobody hangs up for them."""
    for party in call.parties():
        last = [packet for at, packet in party.times if at > since]
        check(len(last) > 40 and all(packet[12:] == party.other.payload for packet in last),
              "they do not hear each other any more")
    check(call.byes() == [[], []], f"a BYE came: {call.byes()}")


@case("Kamailio: a call goes on silently when nobody can record it")
def silently(bench):
    node, port = office(bench, "proceed")
    call = ProxiedCall(Proxy(bench, node, port=port))
    talk([call], 3)
    for party in call.parties():
        strange = [packet for _, packet in party.times if packet[12:] != party.other.payload]
        check(not strange, f"{len(strange)} packets are not the other party's")
    check_goes_on(call, call.answered[1] + 1)
    call.end()
    wait_for(lambda: bench.told("session.ended"), 5, "no end of the session")
    check("session.ending" not in kinds(bench.events()), "the call was to end")
    check(node.stop() == 0, node.log())


@case("Kamailio: a call goes on, and is told that nobody records it")
def told(bench):
    node, port = office(bench, "proceed-with-announcement")
    call = ProxiedCall(Proxy(bench, node, port=port))
    talk([call], 5.5)
    over = check_played_once(call)
    check_goes_on(call, over + 0.1)
    call.end()
    wait_for(lambda: bench.told("session.ended"), 5, "no end of the session")
    check("session.ending" not in kinds(bench.events()), "the call was to end")
    check(node.stop() == 0, node.log())


@case("Kamailio: a call that nobody can record is told so and ended")
def ended(bench):
    hook = Hook(503, 503)
    secret = bench.folder / "token"
    secret.write_text(TOKEN + "\n")
    secret.chmod(0o600)
    node, port = office(bench, "end-with-announcement", f"--ending-webhook={hook.url}",
                        "--ending-webhook-token=token")
    proxy = Proxy(bench, node, port=port)
    call = ProxiedCall(proxy)
    talk([call], 5)
    over = check_played_once(call)
    for who, byes in zip(("alice", "bob"), call.byes()):
        check(len(byes) == 1, f"{who} got {len(byes)} BYEs")
        check(-0.05 < byes[0] - over < 1, f"{who}'s BYE came {byes[0] - over:.2f} s after the announcement")
    check(len(hook.asked) == 3, f"the webhook was asked {len(hook.asked)} times, of which it refused two")
    check(len({said["id"] for _, _, said in hook.asked}) == 1, "one call has several ids")
    _, headers, said = hook.asked[-1]
    check(headers["Authorization"] == f"Bearer {TOKEN}", f"{headers}")
    wanted = {"callId": call.id, "fromTag": call.caller.own_tag, "toTag": call.callee.own_tag,
              "reason": "provider-unreachable", "node": "e2e"}
    check(wanted.items() <= said.items(), f"{said}")
    wait_for(lambda: bench.told("session.ended"), 5, "no end of the session")
    events = bench.events()
    names = kinds(events)
    check(names.count("session.ending") == 1, f"{names}")
    event = events[names.index("session.ending")]
    check(event["headers"]["ce_id"] == said["id"], f"{event}, {said}")
    check(names.index("announcement.played") < names.index("session.ending") < names.index("session.ended"), f"{names}")
    check(events[names.index("session.ended")]["value"]["reason"] == "delete", "Kamailio told no end of the media")
    metrics = node.metrics()
    for place in ("webhook", f"kamailio 127.0.0.1:{port}"):
        key = f'callfork_ending_calls_total{{place="{place}",outcome="told"}}'
        check(metrics[key] == 1, f"{key}: {metrics.get(key)}")
    check(metrics['callfork_ending_failures_total{place="webhook"}'] == 2, "the failures were not counted")
    check(node.log().count("cannot be told") == 1, f"a trouble is not told once:\n{node.log()}")
    check(node.stop() == 0, node.log())
    for path in bench.folder.rglob("*"):
        if path.is_file() and path != secret:
            check(TOKEN.encode() not in path.read_bytes(), f"the token is in {path}")


@case("Kamailio: a location's people fare as it says, others as their organisation says")
def by_location(bench):
    port, tcp, nobody = free_ports(3)
    here = Exchange(bench, "--sinks-finish-within=1s", f"--siprec-tcp=127.0.0.1:{tcp}",
                    f"--siprec-providers=callcabinet sip:127.0.0.1:{nobody};transport=tcp",
                    f"--ending-kamailio=http://127.0.0.1:{port}/RPC", port=port)
    ask, settings = here.office.ask, "/v1/telephony/config/callRecording"
    ask("PUT", f"{settings}/vendors/callcabinet/termsOfService", {"termsOfServiceEnabled": True},
        by=here.office.token("ann", "full-administrator"), status=204)
    ask("PUT", f"{settings}/vendor", {"vendorId": "callcabinet", "storageRegion": "US",
                                      "failureBehavior": "END_CALL_WITH_ANNOUNCEMENT"})
    behaviours = {"boston": None, "austin": "PROCEED_CALL_WITH_ANNOUNCEMENT",
                  "denver": "PROCEED_WITH_CALL_NO_ANNOUNCEMENT"}
    for number, (place, behaviour) in enumerate(behaviours.items()):
        if behaviour:
            ask("POST", "/callfork/v1/locations", {"id": place, "name": place.title()}, status=201)
            ask("PUT", f"/v1/telephony/config/locations/{place}/callRecording/vendor",
                {"failureBehavior": behaviour}, status=204)
        here.numbers[place] = f"+1617555200{number}"
        ask("POST", "/callfork/v1/people", {
            "id": f"of-{place}", "locationId": place, "firstName": "Pat", "email": f"{place}@example.com",
            "licenseType": "PROFESSIONAL_USER", "addresses": [here.numbers[place]]}, status=201)
        ask("PUT", f"/v1/people/of-{place}/features/callRecording", {"enabled": True, "record": "Always"}, status=204)
        here.ring(place, OUTSIDE, place)
    here.hold(5.5)
    calls = here.calls
    over = check_played_once(calls["boston"])
    for byes in calls["boston"].byes():
        check(len(byes) == 1 and -0.05 < byes[0] - over < 1, f"BYEs at {byes}, the announcement was over at {over}")
    check_goes_on(calls["austin"], check_played_once(calls["austin"]) + 0.1)
    check_only(calls["denver"], [])
    check_goes_on(calls["denver"], calls["denver"].answered[1] + 1)
    for place in ("austin", "denver"):
        calls[place].end()
    here.close()


def certificate(bench, name):
    """TLS with a certificate of its own, and the file of that."""
    status, _, errors = bench.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                                   "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2",
                                   "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"])
    check(status == 0, errors)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(bench.folder / f"{name}.pem", bench.folder / f"{name}.key")
    return made


@case("who has calls ended is asked by TLS only where its certificate is good")
def secured(bench):
    good, bad = (Hook(secured=certificate(bench, name)) for name in ("good", "bad"))
    node, _ = office(bench, "end-with-announcement", f"--ending-webhook={good.url}", "--ending-authorities=good.pem",
                     "--ending-give-up=1s", rpc=bad.url)
    call = Call(node, Party(400), Party(650))
    talk([call], 4.5)
    place = f"kamailio {bad.url.split('/')[2]}"
    wait_for(lambda: node.metrics()[f'callfork_ending_calls_total{{place="{place}",outcome="given_up"}}'] == 1, 5,
             "the other one was not given up")
    check(len(good.asked) == 1 and good.asked[0][2]["callId"] == call.id, f"{good.asked}")
    check(not bad.asked, "who shows a strange certificate was told")
    call.end()
    check(node.stop() == 0, node.log())
    call.close()


@case("Kamailio and two phones: both hear why, and are hung up")
def real_phones(bench):
    node, port = office(bench, "end-with-announcement")
    phones = Phones(bench, node, port=port)

    def log(who):
        return (bench.folder / f"{who}.log").read_text(errors="replace")

    def meanwhile():
        for who in ("bob", "alice"):
            wait_for(lambda who=who: re.search(r"session closed|terminated", log(who)), 12, f"{who} is not hung up")
    phones.call(10, meanwhile)
    for who in ("alice", "bob"):
        rate, (heard,) = channels(phones.heard(who))
        check(rate == RATE, f"{rate} Hz")
        check_contains(heard, prompt("failure"), who)
    check(node.stop() == 0, node.log())


def check_contains(heard, wanted, who):
    """What was heard holds a prompt: the loudest 50 ms of it are sought, and all
    of it is compared from there on."""
    size = 400
    best = max(range(0, len(wanted) - size, size // 2), key=lambda n: level(wanted[n:n + size]))
    mark = wanted[best:best + size]
    strength = sum(s * s for s in mark)

    def alike(at):
        part = heard[at:at + size]
        return sum(map(float.__mul__, part, mark)) / ((sum(s * s for s in part) * strength) ** 0.5 or 1)
    at = max(range(best, len(heard) - size), key=alike) - best
    part = heard[at:at + len(wanted)]
    same = sum(map(float.__mul__, part, wanted)) / (sum(s * s for s in part) * sum(s * s for s in wanted)) ** 0.5
    check(same > 0.9, f"{who} heard something else: {same:.2f}")
