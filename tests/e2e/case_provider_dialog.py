"""What providers may want within a recording session (RFC 7866), and what they
get for it."""
import hashlib
import re
import time

from bench import kinds
from cases import case, check, wait_for
from parties import Call
from provider_calls import check_documents, check_told, deliveries, hold, node_for, noisy_call, said
from recorder import Recorder, Session
from speakers import SILENCE, Speaker, noise

CLICK = SILENCE[:80] + b"\x00\x00\x80\x80" + SILENCE[84:]
SNAPSHOT_REQUEST = (
    '<?xml version="1.0"?><requestsnapshot xmlns="urn:ietf:params:xml:ns:recording:1">'
    "<requestreason>lost</requestreason></requestsnapshot>")


def clicks(stream):
    """The timestamps of all clicks."""
    return [each.timestamp + each.payload.index(b"\x00\x00\x80\x80") for each in stream.voice()
            if b"\x00\x00\x80\x80" in each.payload]


@case("a pause leaves nothing of its time at a provider, and both streams stay aligned")
def pause(bench):
    recorder = Recorder(suite="AES_256_CM_HMAC_SHA1_80")
    node = node_for(bench, f"one {recorder.uri} srtp")
    before, secret, after = ([*noise(1), CLICK, *noise(0.5)], [b"\x2a" * 160] * 60,
                             [*noise(0.5), CLICK, *noise(0.5)])
    call = Call(node, Speaker([*before, *secret, *after]), Speaker([*before, *secret, *after]))

    def meanwhile(turn):
        if turn == len(before) - 1:
            call.ask("pause recording")
        if turn == len(before) + len(secret) - 1:
            call.ask("start recording")
    hold(call, 3.8, meanwhile)
    session = recorder.ended()
    ways = [re.findall(r"^a=(sendonly|inactive)", each.part("application/sdp"), re.M)
            for each in session.of("INVITE")]
    check(ways == [["sendonly"] * 2, ["inactive"] * 2, ["sendonly"] * 2], f"offers: {ways}")
    for stream in session.streams.values():
        stream.check_goes_on(stops=1)
        heard = stream.payload()
        check(b"\x2a" * 20 not in heard, "audio of the pause")
        cut = heard.index(after[0])
        check(heard[cut:] == b"".join(after), "the audio after the pause is not whole")
        kept = heard[:cut]
        check(b"".join(before).startswith(kept), "the audio before the pause is another")
        lost = len(before) - len(kept) // 160
        print(f"  stream {stream.label}: {lost * 20} ms before the pause are not delivered")
        check(lost * 0.02 <= 0.3, f"{lost} packets before the pause are missing")
        resumed = stream.voice()[len(kept) // 160]
        last = stream.voice()[len(kept) // 160 - 1]
        step = (resumed.timestamp - last.timestamp & 0xFFFFFFFF) / 8000
        wanted = (lost + len(secret) + 1) * 0.02
        print(f"  the clock steps by {step:.3f} s, the pause took {wanted:.3f} s")
        check(abs(step - wanted) < 0.06, f"the clock steps by {step} s, not by {wanted}")
    one, other = session.streams.values()
    names = {report.cname for each in (one, other) for report in each.reports}
    check(len(names) == 2, f"CNAMEs: {names}")
    for number in (0, 1):
        apart = one.moment(clicks(one)[number]) - other.moment(clicks(other)[number])
        print(f"  click {number}: {apart * 1000:.3f} ms apart")
        # What goes on after a pause is as exact as its first packet was in time.
        check(abs(apart) < (0.001, 0.003)[number], f"simultaneous clicks are {apart * 1000:.2f} ms apart")
    check(all(each.reports[-1].bye for each in (one, other)), "no BYE by RTCP")
    states = re.findall(r"<cf:state[^>]*>(\w+)<", "".join(check_documents(bench, session)))
    check(states == ["recording", "paused", "recording", "stopped"], f"states: {states}")
    recorder.close()


@case("a provider that asks for all, offers anew or wants our offer is answered, and hears on")
def wishes(bench):
    def never_satisfied(session, request):
        """The 200 comes three times, as if no ACK had arrived."""
        session.accept(request)
        for seconds in (0.3, 0.6):
            recorder.later(seconds, lambda: session.send(session.answers["INVITE", request.number].encode()))
    recorder = Recorder(on_invite=never_satisfied)
    node = node_for(bench, f"one {recorder.uri}")
    call = noisy_call(node, 3)
    sources = said(call)
    replies = []

    def meanwhile(turn):
        if turn == 50:
            replies.append(recorder.session().ask(
                "UPDATE", "Content-Type: application/rs-metadata+xml",
                "Content-Disposition: recording-session", body=SNAPSHOT_REQUEST))
        if turn == 80:
            session = recorder.session()
            replies.append(session.ask("INVITE", "Content-Type: application/sdp",
                                       body=session.offer("recvonly")))
        if turn == 110:
            replies.append(recorder.session().ask("INVITE"))
    hold(call, 3, meanwhile)
    session = recorder.ended()
    check(session.acks == 1 + 2 + 0, f"{session.acks} ACKs")
    check([each.status for each in replies] == [200] * 3, f"{[e.first for e in replies]}")
    ways = [re.findall(r"^a=(\w+only|inactive|sendrecv)", each.part("application/sdp"), re.M)
            for each in replies[1:]]
    check(ways == [["sendonly"] * 2] * 2, f"answered: {ways}")
    snapshot = session.of("UPDATE")[0]
    check(not snapshot.part("application/sdp"), "the snapshot has a description")
    complete, again = (each.part("application/rs-metadata") for each in (session.invite, snapshot))
    check("<datamode>complete" in again and "<label>" not in again, again)
    ids = [set(re.findall(r'(\w+_id="[^"]+)', each)) for each in (complete, again)]
    check(ids[0] == ids[1] and len(ids[0]) >= 5, f"identifiers: {ids}")
    for label, source in zip("12", sources):
        session.streams[label].check_holds(source)
    check_documents(bench, session)
    check_told(bench, one="requested accepted completed")
    recorder.close()


@case("a provider that is not ready, or takes one stream alone, gets what it takes from its beginning")
def not_ready(bench):
    """The first answers inactive and asks for the audio after 1 s; the second
    refuses the callee's stream."""
    waits = Recorder(on_invite=lambda session, request: session.accept(request, way="inactive"))
    half = Recorder(on_invite=lambda session, request: session.accept(request, refused=("2",)))
    node = node_for(bench, f"waits {waits.uri} rate=8", f"half {half.uri}")
    call = noisy_call(node, 3)
    sources = said(call)
    ready = []

    def meanwhile(turn):
        if turn == 50:
            session = waits.session()
            check(not any(each.packets for each in session.streams.values()), "audio while inactive")
            waits.on_invite = Session.accept
            ready.append(session.ask("INVITE", "Content-Type: application/sdp",
                                     body=session.offer("recvonly")))
    hold(call, 3, meanwhile)
    check(ready[0].part("application/sdp").count("a=sendonly") == 2, ready[0].body)
    session = waits.ended()
    for label, source in zip("12", sources):
        session.streams[label].check_holds(source)
    streams = half.ended().streams
    streams["1"].check_holds(sources[0])
    check(not streams["2"].packets and not streams["2"].reports, "a refused stream gets something")
    events = check_told(bench, waits="requested accepted completed", half="requested accepted completed")
    gaps = [event["value"] for event, kind in zip(events, kinds(events)) if kind == "recording.gap"]
    check(gaps and all((gap["provider"], gap["label"], gap["cause"]) == ("half", "2", "provider-refused")
                       for gap in gaps), f"gaps: {gaps}")
    check(gaps[0]["fromOffsetMs"] < 200 and gaps[-1]["toOffsetMs"] > 2800, f"gaps: {gaps}")
    for recorder in (waits, half):
        check_documents(bench, recorder.session())
        recorder.close()


@case("a provider that ends its session in mid-call gets a second one that goes on without a gap")
def ends(bench):
    recorder = Recorder()
    node = node_for(bench, f"one {recorder.uri} rate=8")
    call = noisy_call(node, 3)
    sources = said(call)

    def meanwhile(turn):
        if turn == 75:
            check(recorder.session().ask("BYE").status == 200, "BYE is refused")
    hold(call, 3, meanwhile)
    first, second = recorder.session(), recorder.ended(1)
    check(first.invite.header("call-id") != second.invite.header("call-id"), "the same Call-ID")
    for label, source in zip("12", sources):
        parts = [each.streams[label] for each in (first, second)]
        for each in parts:
            each.check_goes_on()
        one, other = (each.payload() for each in parts)
        at = source.index(other[:160])
        check(source.startswith(one) and source[at:] == other, "the parts are not what was said")
        print(f"  stream {label}: parts of {len(one) / 8000:.2f} s and {len(other) / 8000:.2f} s,"
              f" between them {(at - len(one)) / 8:.0f} ms")
        check(-0.5 < (at - len(one)) / 8000 <= 0, f"{(at - len(one)) / 8} ms are missing")
    for each in (first, second):
        check_documents(bench, each)
    events = check_told(bench, one="requested accepted retrying requested accepted completed")
    _, retrying = deliveries(events, "one")[2]
    check(retrying["blame"] == "provider" and "ended the session" in retrying["reason"], str(retrying))
    recorder.close()


class Digest:
    """Challenges every request but ACK, each with a nonce of its own (RFC 2617)."""

    def __init__(self, user, password):
        self.user, self.password, self.nonces, self.passed = user, password, set(), []

    def response(self, method, given):
        def md5(text):
            return hashlib.md5(text.encode()).hexdigest()
        secret = md5(f"{self.user}:{given['realm']}:{self.password}")
        return md5(":".join([secret, given["nonce"], given["nc"], given["cnonce"], given["qop"],
                             md5(f"{method}:{given['uri']}")]))

    def lets(self, session, request):
        given = dict(re.findall(r'(\w+)="?([^",]+)', request.header("authorization")))
        if given and given["nonce"] in self.nonces:
            self.nonces.remove(given["nonce"])
            good = given["response"] == self.response(request.method, given)
            check(good and given["username"] == self.user, f"credentials: {given}")
            self.passed.append(request.method)
            return True
        nonce = f"{time.monotonic_ns():x}"
        self.nonces.add(nonce)
        session.reply(request, 401, f'WWW-Authenticate: Digest realm="the recorder", nonce="{nonce}",'
                                    ' algorithm=MD5, qop="auth"')
        return False


@case("a provider that challenges every request, and wants a session timer, gets what it wants")
def digest(bench):
    gate, keys = Digest("callfork", "sesame"), "Session-Expires: 90;refresher=uac"
    recorder = Recorder(on_invite=lambda session, request: session.accept(
        request, headers=(keys, "Require: timer")))
    usual = recorder.on_request
    recorder.on_request = lambda session, request: (
        (request.method == "ACK" or gate.lets(session, request)) and usual(session, request))
    (bench.folder / "password").write_text("sesame\n")
    node = node_for(bench, f"one {recorder.uri} user=callfork password-file={bench.folder}/password")
    call = noisy_call(node, 2.5)
    sources = said(call)

    def meanwhile(turn):
        if turn == 75:
            recorder.session().ask("UPDATE", "Content-Type: application/rs-metadata+xml",
                                   "Content-Disposition: recording-session", body=SNAPSHOT_REQUEST)
    hold(call, 2.5, meanwhile)
    session = recorder.session()
    wait_for(lambda: "BYE" in gate.passed, 10, f"only {gate.passed} with credentials")
    check(gate.passed == ["INVITE", "UPDATE", "BYE"], f"with credentials: {gate.passed}")
    for label, source in zip("12", sources):
        session.streams[label].check_holds(source)
    offered = session.invite
    check("timer" in offered.header("supported"), offered.header("supported"))
    check(offered.header("session-expires").split(";")[0] == "1800", str(offered.headers))
    refresh = session.of("UPDATE")[-1]
    check(re.fullmatch(r"\d+;refresher=uac", refresh.header("session-expires"))
          and refresh.header("min-se") == "90", f"{refresh.headers}")
    check_told(bench, one="requested accepted completed")
    recorder.close()
