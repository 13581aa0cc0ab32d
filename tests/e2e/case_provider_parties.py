"""What providers are told while a call changes: holds, other parties and
announcements."""
import re
import wave

from cases import case, check
from parties import Call, talk
from provider_calls import check_documents, check_told, hold, node_for
from recorder import Recorder
from speakers import Speaker, noise

PROMPT = "/usr/share/asterisk/sounds/en_US_f_Allison/beep.wav"


def directions(requests):
    """Of both streams, in each request with a description."""
    return [re.findall(r"^a=(sendonly|inactive)", each.part("application/sdp"), re.M)
            for each in requests if each.part("application/sdp")]


def last_with(session, word):
    """The last document with such a word."""
    found = [each for each in session.documents() if word in each]
    check(found, f"no document has {word}: {session.documents()}")
    return found[-1]


@case("a call on hold: its provider hears who is silent, and loses nothing of the other")
def on_hold(bench):
    recorder = Recorder()
    node = node_for(bench, f"one {recorder.uri}")
    callee_says = [*noise(1), *[None] * 50, *noise(1)]
    call = Call(node, Speaker(noise(3)), Speaker(callee_says))
    sources = [b"".join(filter(None, party.frames)) for party in call.parties()]

    def meanwhile(turn):
        if turn == 49:
            call.offer("sendonly")
            call.answer("recvonly")
        if turn == 99:
            call.offer()
            call.answer()
    hold(call, 3, meanwhile)
    session = recorder.ended()
    ways = directions(session.of("INVITE"))
    check(ways == [["sendonly", "sendonly"], ["sendonly", "inactive"], ["sendonly", "sendonly"]],
          f"offers: {ways}")
    session.streams["1"].check_holds(sources[0])
    session.streams["2"].check_goes_on(stops=1)
    check(session.streams["2"].payload() == sources[1], "the callee's audio is another")
    check_documents(bench, session)
    check_told(bench, one="requested accepted completed")
    recorder.close()


@case("a party that is replaced leaves and its successor joins in the metadata of the provider")
def replaced(bench):
    recorder = Recorder()
    node = node_for(bench, f"one {recorder.uri}")
    call = Call(node, Speaker(noise(3)), Speaker(noise(1.5)),
                offer={"metadata": "caller:sip:ann@example.org|callee:sip:bob@example.org"})
    first, third = call.callee, Speaker(noise(1.5))
    sources = [b"".join(party.frames) for party in (call.caller, first, third)]
    talk([call], 1.5)
    call.callee, call.keys = third, {"to-tag": "c"}
    call.offer_keys = {"metadata": "caller:sip:ann@example.org|callee:sip:cleo@example.org"}
    call.offer()
    call.answer()
    talk([call], 1.5)
    call.end()
    session = recorder.ended()
    session.streams["1"].check_holds(sources[0])
    heard = session.streams["2"].payload()
    check(heard == sources[1] + sources[2], "the second stream is not what both said")
    complete, *_ = check_documents(bench, session)
    change = last_with(session, "<participant ")
    check("<datamode>partial" in change and session.documents().index(change) > 0, change)
    check("sip:bob@" in complete and "sip:cleo@" in change and "sip:bob@" not in change, change)
    joined = re.search(r'<participant participant_id="([^"]+)', change)[1]
    stream = re.search(r'<stream stream_id="([^"]+)"[^>]*>\s*<label>2<', complete)[1]
    there = {who: text for who, text in re.findall(
        r'<participantsessionassoc participant_id="([^"]+)"(.*?)</participantsessionassoc>', change, re.S)}
    check(len(there) == 2 and "disassociate" not in there.pop(joined), change)
    check("disassociate" in there.popitem()[1], change)
    sends = re.search(re.escape(joined) + r'">\s*<send>([^<]+)', change)
    check(sends and sends[1] == stream, "the successor sends another stream")
    check_told(bench, one="requested accepted completed")
    recorder.close()
    first.close()


@case("an announcement is told to a provider and is not in its audio")
def announced(bench):
    recorder = Recorder()
    node = node_for(bench, f"one {recorder.uri}")
    call = Call(node, Speaker(noise(2.5)), Speaker(noise(2.5)))
    sources = [b"".join(party.frames) for party in call.parties()]

    def meanwhile(turn):
        if turn == 50:
            call.ask("play media", file=PROMPT, **{"from-tag": "a"})
    talk([call], 2.5, meanwhile)
    call.end()
    session = recorder.ended()
    for label, source in zip("12", sources):
        session.streams[label].check_holds(source)
    found = re.search(r"<cf:announcement ([^>]*)/>", last_with(session, "<cf:announcement"))[1]
    facts = dict(re.findall(r'([\w-]+)="([^"]*)"', found))
    with wave.open(PROMPT) as file:
        lasts = file.getnframes() * 1000 / file.getframerate()
    print(f"  {facts}, the file has {lasts:.0f} ms")
    check(facts["in-recording"] == "false" and facts["played-to"] == "caller", str(facts))
    check(abs(int(facts["duration-ms"]) - lasts) < 60, str(facts))
    check(900 < int(facts["stream-offset-ms"]) < 1500, str(facts))
    check_documents(bench, session)
    recorder.close()
