"""What administrators do by callforkctl with a node that handles calls."""
import wave

from case_api import ALICE, AT_ONCE, call_to, recordings
from cases import case, check, wait_for
from office import Office


@case("an administrator works by callforkctl: people come in by a file, a call is recorded and fetched")
def by_commands(bench):
    office = Office(bench, AT_ONCE)

    def does(*words, status=0, by="admin"):
        found, output, errors = bench.run(
            [bench.callforkctl, *words],
            variables={"CALLFORK_URL": f"http://{office.node.http}", "CALLFORK_KEY": office.keys[by]})
        check(found == status, f"{words}: {found}: {output}{errors}")
        return output + errors

    (bench.folder / "people.csv").write_text(
        "id,email,location,first name,addresses\n"
        f"alice,alice@example.com,boston,Alice,{ALICE}\n"
        "bad,bad@example.com,nowhere,Bad,+16175550199\n")
    told = does("people", "import", "people.csv", status=1)
    check("1 made, 0 changed, 1 failed" in told and "people.csv:3: " in told, told)
    does("people", "plan", "alice", "paid")
    does("recording-settings", "set", "alice@example.com", "--enabled", "on", "--mode", "always")
    check("(user)" in does("people", "policy", "alice"), "no policy")
    live = []

    def look(turn):
        if turn == 50:
            live.append(does("calls", "list", "--person", "alice"))

    call_to(office.node, ALICE, 3, meanwhile=look)
    check("+33123456789" in live[0] and "started" in live[0], live[0])
    identifier = recordings(office, 1)[0]["id"]
    check(identifier in does("recordings", "list"), "it is not listed")
    check("alice@example.com" in does("recordings", "show", identifier), "whose is it")
    does("recordings", "download", identifier, "-o", "call.wav")
    with wave.open(str(bench.folder / "call.wav")) as heard:
        check(heard.getnchannels() == 2 and heard.getnframes() > heard.getframerate(), "too short")
    does("recordings", "hold", identifier, by="officer")
    does("recordings", "delete", identifier, "--reason", "test", status=1, by="officer")
    does("recordings", "release", identifier, by="officer")
    does("recordings", "delete", identifier, "--reason", "test", by="officer")
    check(does("people", "list", by="stranger") == "no people\n", "strangers see people")
    wait_for(lambda: "no recordings" in does("recordings", "list"), 5, "it is still listed")
    check("records are as they were written" in "".join(map(str, office.audit())), "the audit log is broken")
