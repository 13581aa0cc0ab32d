"""What administrators and people do by the API of a node that handles calls."""
import sys
import time
import urllib.request

from audio import check_tone
from cases import ROOT, case, check, wait_for
from office import Office
from parties import Call, Party, talk

CALLER, CALLEE = 400, 650
ALICE, CAROL = "+16175550101", "+16175550103"
AT_ONCE = "--media-delete-delay=0s"
CLIENT = "wxc_sdk==1.41.0"


def call_to(node, number, seconds, caller="+33123456789", meanwhile=None):
    """A call from outside that lasts so long; `meanwhile` gets each turn's
    number, 50 a second."""
    call = Call(node, Party(CALLER), Party(CALLEE), {"metadata": f"organisation:acme|caller:{caller}|callee:{number}"})
    talk([call], seconds, meanwhile)
    call.end()
    call.close()


def recordings(office, count, by="admin", **query):
    """That many of the organisation's recordings, as soon as there are."""
    path = "/v1/admin/convergedRecordings" if by == "admin" else "/v1/convergedRecordings"
    return wait_for(lambda: len(found := office.ask("GET", path, by=by, query=query)["items"]) == count and found,
                    15, f"not {count} recordings")


@case("an administrator has a person recorded and finds the recording")
def recorded(bench):
    office = Office(bench, AT_ONCE)
    office.hire("alice", ALICE, record="Always")
    office.hire("bob", "+16175550102")

    def look(turn):
        if turn == 100:
            live, = office.ask("GET", "/callfork/v1/calls")["items"]
            check((live["personId"], live["state"], live["buttons"]) == ("alice", "recording", []), str(live))
            health = office.ask("GET", "/callfork/v1/sinks")
            check(health["sinks"][0]["openStreams"] == 1 and health["sinks"][0]["failures"] == 0, str(health))

    call_to(office.node, ALICE, 3, meanwhile=look)
    call_to(office.node, "+16175550102", 1)
    found, = recordings(office, 1)
    check((found["ownerId"], found["ownerType"], found["status"]) == ("alice", "user", "available"), str(found))
    details = office.ask("GET", f"/v1/convergedRecordings/{found['id']}")
    link = details["temporaryDirectDownloadLinks"]["audioDownloadLink"]
    with urllib.request.urlopen(link, timeout=10) as answer:
        check(answer.headers["Content-Type"] == "audio/mpeg", f"{answer.headers}")
        check(len(answer.read()) > 3000, "the MP3 is empty")
    wav = office.ask("GET", f"/callfork/v1/recordings/{found['id']}/audio", query={"format": "wav"}).body
    (bench.folder / "download.wav").write_bytes(wav)
    for channel, frequency in enumerate((CALLER, CALLEE)):
        check_tone(bench.folder / "download.wav", channel, frequency, 2.5)


@case("what administrators decided outlives the node")
def restarted(bench):
    office = Office(bench, AT_ONCE)
    office.hire("alice", ALICE, record="Always with Pause/Resume", repeat={"enabled": True, "interval": 30})
    settings = office.ask("GET", "/v1/people/alice/features/callRecording")
    office.node.kill()
    office.open()
    check(office.ask("GET", "/v1/people/alice/features/callRecording") == settings, "the settings are others")
    status, output, errors = office.audit()
    check(status == 0, f"{output}{errors}")
    told = (bench.folder / "audit").rglob("*")
    check(any(b"person" in path.read_bytes() for path in told if path.is_file()), "no deed is in the audit log")


@case("strangers, the hasty and other organisations are kept out")
def kept_out(bench):
    office = Office(bench, AT_ONCE, "--api-caller-rate=5", "--api-caller-burst=40")
    office.hire("alice", ALICE, record="Always")
    person = "/v1/people/alice/features/callRecording"
    call_to(office.node, ALICE, 1)
    recording = f"/v1/convergedRecordings/{recordings(office, 1)[0]['id']}"
    alice, bob = office.token("alice"), office.token("bob")
    check(office.ask("GET", recording, by=alice)["ownerId"] == "alice", "alice does not see her own recording")
    refused = [("no key at all", None, 401), ("made up", "made-up", 401), (person, office.token("alice", lasts=-120), 401),
               (person, alice.rsplit(".", 1)[0] + "." + bob.rsplit(".", 1)[1], 401),
               (person, "stranger", 404), (recording, "stranger", 404), (recording, bob, 404), (person, bob, 403)]
    for path, who, status in refused:
        if path[0] != "/":
            path = person
        answer = office.client.ask("GET", path, token=office.keys.get(who, who))
        check(answer.status == status, f"{path} by {who and who[:12]}: {answer.status}, not {status}: {answer.body}")
        check(answer.json()["trackingId"] == answer.headers["trackingId"], "the refusal has no tracking id")
    office.ask("PUT", person, {"record": "Never"}, by="viewer", status=403)
    time.sleep(3)
    statuses = [office.client.ask("GET", person, token=office.keys["officer"]).status for _ in range(60)]
    check(429 in statuses and statuses[:20] == [statuses[0]] * 20, f"{statuses}")


@case("a recording is deleted, restored, held and purged, and all of it is written down")
def kept(bench):
    office = Office(bench, AT_ONCE)
    office.hire("alice", ALICE, record="Always")
    call_to(office.node, ALICE, 1)
    identifier = recordings(office, 1)[0]["id"]
    path, own = f"/v1/convergedRecordings/{identifier}", f"/callfork/v1/recordings/{identifier}"
    one = {"recordingIds": [identifier]}
    office.ask("POST", f"{own}/hold", by="officer", status=204)
    because = {"reason": "audit", "comment": "the person left"}
    office.ask("DELETE", path, because, status=409)
    office.ask("POST", f"{own}/unhold", by="officer", status=204)
    office.ask("DELETE", path, because, status=204)
    check(office.ask("GET", path)["status"] == "deleted", "it is not deleted")
    office.ask("POST", "/v1/convergedRecordings/restore", one, status=204)
    check(office.ask("GET", path)["status"] == "available", "it is not restored")
    office.ask("DELETE", path, because, status=204)
    office.ask("POST", "/v1/convergedRecordings/purge", one, status=204)
    check(not list(bench.folder.glob("recordings/*/*.wav")), "the audio is still there")
    status, output, errors = office.audit()
    check(status == 0, f"{output}{errors}")
    office.node.stop()
    log = next(each for each in sorted((bench.folder / "audit").rglob("*"))
               if each.is_file() and b"recording.purge" in each.read_bytes())
    log.write_bytes(log.read_bytes().replace(b"recording.purge", b"recording.count", 1))
    status, output, errors = office.audit()
    check(status == 1, f"a changed record is not found: {output}{errors}")


@case("a client library of the public API works by another base URL")
def strangers_library(bench):
    office = Office(bench, AT_ONCE)
    office.hire("alice", ALICE, record="Always")
    for _ in range(2):
        call_to(office.node, ALICE, 1)
    recordings(office, 2)
    office.hire("carol", CAROL, record="On Demand with User Initiated Start")
    live = Call(office.node, Party(CALLER), Party(CALLEE), {"metadata": f"organisation:acme|callee:{CAROL}"})
    python = ROOT / "build/clients/bin/python"
    if not python.exists():
        bench.run([sys.executable, "-m", "venv", str(ROOT / "build/clients")], timeout=120)
        status, _, errors = bench.run([str(python), "-m", "pip", "install", "-q", CLIENT], timeout=300)
        check(status == 0, f"{CLIENT} cannot be had: {errors}")
    status, output, errors = bench.run(
        [str(python), str(ROOT / "tests/e2e/clients/public_api.py"), f"http://{office.node.http}",
         office.token("ann", "full-administrator"), office.keys["officer"], office.token("carol"), "alice", "boston"],
        timeout=60)
    check(status == 0, f"{output}{errors}")
    live.end()
    live.close()
