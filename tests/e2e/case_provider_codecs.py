"""Calls in wideband codecs for providers that know G.711 alone: is it the same
speech?"""
from cases import case, check
from parties import Call, talk
from provider_calls import aligned, check_documents, decibels, node_for
from recorder import Recorder
from recorder_media import write_wav
from speakers import (LOST, OTHER_SPEECH, SPEECH, Speaker, in_g722, in_opus, in_pcmu, speech)

SECONDS = 3
FILES = (SPEECH, OTHER_SPEECH)


def check_alike(name, stream, path, party, least):
    """The stream holds the file's speech at its level and, by its reports, at
    the time when it was said; prints how much so."""
    source = [sample / 32768 for sample in speech(path, SECONDS)]
    heard = stream.samples()
    later, alike = aligned(source, heard)
    louder = decibels(heard) - decibels(source)
    print(f"  {name}, stream {stream.label}: {decibels(heard):.1f} dB, {louder:+.2f} dB to the source,"
          f" correlation {alike:.4f}, {later / 8:.1f} ms later")
    own = {"G.722": 1.4, "Opus": 6.5, "PCMU": 0}[name]  # What the parties' encoders take.
    late = (stream.moment(stream.packets[0].timestamp) - party.began) * 1000 + later / 8 - own
    print(f"    by the reports it was said {late:.1f} ms later than it was")
    check(-3 < late < 8, f"{name}: it is told as said {late:.1f} ms late")
    check(alike > least, f"{name}: correlation with the source {alike:.3f}")
    check(abs(louder) < 1, f"{name}: {louder:.1f} dB louder than the source")
    check(len(heard) >= len(source) - 400, f"{name}: {len(heard)} of {len(source)} samples")


@case("calls in G.722 and Opus are the same speech at a provider that knows A-law alone")
def wideband(bench):
    recorder = Recorder(types=("PCMA", "telephone-event"))
    node = node_for(bench, f"one {recorder.uri}")
    calls = []
    for codec, encode in (("G722", in_g722), ("opus", in_opus), ("PCMU", in_pcmu)):
        calls.append(Call(node, *(Speaker(encode(path, SECONDS), codec) for path in FILES)))
        recorder.session(len(calls) - 1)
    talk(calls, SECONDS)
    for call in calls:
        call.check_untouched("recorded in another codec")
        call.end()
    for number, name in enumerate(("G.722", "Opus", "PCMU")):
        session = recorder.ended(number)
        for label, path, party in zip("12", FILES, calls[number].parties()):
            stream = session.streams[label]
            stream.check_goes_on()
            check({each.type for each in stream.packets} == {8}, "not A-law alone")
            check_alike(name, stream, path, party, 0.9 if name != "PCMU" else 0.995)
        check_documents(bench, session)
        write_wav(bench.folder / f"{number}.wav", session.streams.values())
    recorder.close()


def digit(event, length=8):
    """A key press of `length` packets and the end three times (RFC 4733)."""
    frames = []
    for number in range(length + 3):
        over = number >= length
        duration = 160 * min(number + 1, length)
        payload = bytes([event, 0x8A if over else 0x0A]) + duration.to_bytes(2, "big")
        frames.append((101, payload, -160 * number, int(number == 0)))
    return frames


@case("key presses and comfort noise pass to a provider, in the clock of the audio")
def events(bench):
    """One provider takes comfort noise, the other does not and misses nothing."""
    knows = Recorder(types=("PCMU", "CN", "telephone-event"))
    plain = Recorder(types=("PCMU", "telephone-event"))
    node = node_for(bench, f"knows {knows.uri} codecs=PCMU+CN+telephone-event", f"plain {plain.uri}")
    calls = []
    for codec, encode in (("PCMU", in_pcmu), ("G722", in_g722)):
        frames = encode(SPEECH, 2.4)
        caller = [*frames[:40], *digit(5), *frames[51:80], (13, b"\x40", 0, 0), *[None] * 19,
                  *frames[100:]]
        calls.append(Call(node, *(Speaker(each, codec, ("telephone-event", "CN"))
                                  for each in (caller, encode(OTHER_SPEECH, 2.4)))))
        knows.session(len(calls) - 1)
        plain.session(len(calls) - 1)
    talk(calls, 2.6)
    for call in calls:
        call.check_untouched("with key presses")
        call.end()
    for number, name in enumerate(("PCMU", "G.722")):
        for recorder in (knows, plain):
            stream = recorder.ended(number).streams["1"]
            stream.check_goes_on(stops=int(recorder is plain))
            check_events(name, stream, recorder is knows)
    for recorder in (knows, plain):
        recorder.close()


def check_events(name, stream, knows_noise):
    start = stream.packets[0].timestamp
    by_name = {kind: [each for each in stream.packets if stream.names[each.type] == kind]
               for kind in ("telephone-event", "CN")}
    pressed = by_name["telephone-event"]
    check([each.payload for each in pressed] == [each[1] for each in digit(5)],
          f"{name}: {[each.payload.hex() for each in pressed]}")
    # What is converted is stamped as much earlier as that takes.
    late = 40 if name == "G.722" else 0
    check({each.timestamp - start for each in pressed} == {40 * 160 + late},
          f"{name}: events at {[each.timestamp - start for each in pressed]}")
    check([each.marker for each in pressed] == [1] + [0] * 10, "markers of events")
    quiet = [((each.timestamp - start) // 160, each.payload) for each in by_name["CN"]]
    check(quiet == ([(80, b"\x40")] if knows_noise else []), f"{name}: comfort noise {quiet}")
    places = [(each.timestamp - start) // 160 for each in stream.voice()]
    check(places == [*range(40), *range(51, 80), *range(100, 120)], f"{name}: voice at {places}")


@case("what the network loses is concealed for a provider where it is transcoded, and a gap where not")
def losses(bench):
    recorder = Recorder(types=("PCMA", "telephone-event"))
    passing = Recorder(types=("PCMU",))
    node = node_for(bench, f"one {recorder.uri}", f"passing {passing.uri}")
    calls, holes = [], (30, 55, 56, 90)
    for codec, encode in (("G722", in_g722), ("opus", in_opus), ("PCMU", in_pcmu)):
        frames = [encode(path, 2.4) for path in FILES]
        for hole in holes:
            frames[0][hole] = LOST
        calls.append(Call(node, *(Speaker(each, codec) for each in frames)))
        recorder.session(len(calls) - 1)
        passing.session(len(calls) - 1)
    talk(calls, 2.5)
    for call in calls:
        call.check_untouched("with losses")
        call.end()
    source = [sample / 32768 for sample in speech(SPEECH, 2.4)]
    for number, name in enumerate(("G.722", "Opus", "PCMU")):
        stream = recorder.ended(number).streams["1"]
        stream.check_goes_on()
        check(len(stream.packets) == 120, f"{name}: {len(stream.packets)} packets of 120")
        heard = stream.samples()
        later, alike = aligned(source, heard)
        levels = [(decibels(source[at:at + 160]), decibels(heard[at + later:at + later + 160]))
                  for at in (hole * 160 for hole in holes)]
        print(f"  {name}: correlation {alike:.3f}; said and made up: "
              + ", ".join(f"{said:.0f} and {made:.0f} dB" for said, made in levels))
        check(alike > 0.8, f"{name}: correlation {alike:.3f}")
    stream = passing.ended(2).streams["1"]
    missing = [n for n, each in enumerate(stream.packets[1:])
               if each.sequence - stream.packets[n].sequence & 0xFFFF != 1]
    check(len(stream.packets) == 116 and missing == [29, 53, 86], f"gaps after {missing}")
    for each in (recorder, passing):
        each.close()
