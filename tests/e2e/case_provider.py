"""Providers of recordings by SIPREC, played by the test: what reaches them, from
the first sample on."""
from bench import free_ports, kinds
from cases import case, check
from provider_calls import check_documents, check_told, deliveries, hold, node_for, noisy_call, said
from recorder import Recorder, late, refusing, silent


def rates(packets, size):
    """How fast packets came, in times of real time: for each `size` in a row."""
    return [(size - 1) * 0.02 / (last.arrival - first.arrival)
            for first, last in zip(packets, packets[size - 1:])]


@case("a provider that answers after 4 s gets every sample, faster than real time")
def late_answer(bench):
    recorder = Recorder(on_invite=late(4))
    node = node_for(bench, f"slow {recorder.uri} rate=4")
    call = noisy_call(node, 6)
    caller, callee = said(call)
    hold(call, 6)
    session = recorder.ended()
    for label, source in (("1", caller), ("2", callee)):
        stream = session.streams[label]
        stream.check_holds(source)
        first = stream.packets[0].arrival
        check(first > session.up_at, "audio before the answer")
        check(first - session.up_at < 1, f"audio {first - session.up_at:.2f} s after the answer")
        # A busy machine makes it slower for moments.
        fast, slow = max(rates(stream.packets[:150], 40)), max(rates(stream.packets[250:], 40))
        check(3 < fast < 4.8, f"the rate is {fast:.2f}, not 4")
        behind = [each.arrival - number * 0.02 for number, each in enumerate(stream.packets)]
        caught = next(n for n, each in enumerate(behind) if each < behind[-1] + 0.1)
        print(f"  stream {label}: at most {fast:.2f} times real time, caught up"
              f" {stream.packets[caught].arrival - first:.2f} s after the first packet,"
              f" {slow:.2f} in the end")
    check_documents(bench, session)
    check_told(bench, slow="requested accepted completed")
    recorder.close()


@case("a provider's next address gets every sample when the first ones fail")
def failover(bench):
    busy, declining, away = (Recorder(on_invite=refusing(s)) for s in (486, 603, 503))
    quiet = Recorder(on_invite=silent)
    good = Recorder()
    closed = free_ports(1)[0]
    tries = []

    def second_time(session, request):
        tries.append(request.at)
        refusing(503)(session, request) if len(tries) == 1 else session.accept(request)
    back = Recorder("tcp", suite="AEAD_AES_256_GCM", on_invite=second_time)
    everyone = [busy, declining, away, quiet, good, back]
    node = node_for(bench, " ".join(
        ["list", busy.uri, declining.uri, away.uri, f"sip:rec@127.0.0.1:{closed};transport=udp",
         f"sip:rec@127.0.0.1:{closed};transport=tcp", quiet.uri, good.uri, "rate=8"]),
        f"back {back.uri} srtp rate=8")
    call = noisy_call(node, 4)
    sources = said(call)
    hold(call, 4)
    for recorder in (good, back):
        session = recorder.ended()
        for label, source in zip("12", sources):
            session.streams[label].check_holds(source)
        check_documents(bench, session)
    waited = good.sessions[0].invite.at - quiet.sessions[0].invite.at
    check(1.8 < waited < 5, f"the silent one was waited for {waited:.1f} s")
    check(all(not each.accepted() for each in everyone[:4]), "one that refused was used")
    events = check_told(bench, list="requested accepted completed",
                        back="requested retrying requested accepted completed")
    _, retrying = deliveries(events, "back")[1]
    check((retrying["blame"], retrying["sipStatus"]) == ("provider", 503), str(retrying))
    check(0.3 < tries[1] - tries[0] < 3, f"tried again after {tries[1] - tries[0]:.1f} s")
    for each in everyone:
        each.close()


@case("a provider that comes later than the pre-buffer keeps misses what the events tell, and only that")
def too_late(bench):
    recorder = Recorder(on_invite=late(2.5))
    node = node_for(bench, f"slow {recorder.uri} rate=8",
                    flags=("--recording-prebuffer=1s", "--sinks-credit=2"))
    call = noisy_call(node, 3.5)
    sources = said(call)
    hold(call, 3.5)
    session = recorder.ended()
    events = check_told(bench, slow="requested accepted completed")
    gaps = {event["value"]["label"]: event["value"] for event, kind in zip(events, kinds(events))
            if kind == "recording.gap"}
    for label, source in zip("12", sources):
        stream, gap = session.streams[label], gaps[label]
        stream.check_goes_on()
        heard = stream.payload()
        check(source.endswith(heard), "what came is not the end of what was said")
        missing = len(source) - len(heard)
        print(f"  stream {label}: {missing // 8} ms are missing, {gap['toOffsetMs']} ms are told")
        check(gap["fromOffsetMs"] == 0 and gap["provider"] == "slow", str(gap))
        check(abs(gap["toOffsetMs"] - missing / 8) < 100, f"{missing / 8} ms are missing: {gap}")
        check(0.8 < len(heard) / 8000 - 1 < 1.6, f"{len(heard) / 8000} s came")
    recorder.close()
