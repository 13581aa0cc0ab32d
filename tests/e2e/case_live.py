"""What people see of their live calls, and how they steer them."""
from cases import case, check, wait_for
from live_state import LiveState, Refused
from office import Office
from parties import Call, Party, talk

ALICE, BOB = "+16175550101", "+16175550102"
CALLS = "/v1/telephony/calls"


def dial(office):
    """A call of Alice with Bob."""
    return Call(office.node, Party(400), Party(650),
                {"metadata": f"organisation:acme|caller:{ALICE}|callee:{BOB}"})


@case("a user's app shows and steers the recording of a live call")
def steered(bench):
    office = Office(bench, "--media-delete-delay=0s")
    office.hire("alice", ALICE, record="On Demand with User Initiated Start")
    office.hire("bob", BOB, record="Always")
    alice, bob = office.token("alice"), office.token("bob")
    app = LiveState(office.node.http, alice)
    check(app.next() == {"event": "calls", "personId": "alice", "calls": []}, "a call before there is one")
    call = dial(office)
    told = app.next()
    while "answered" not in told["call"]:
        told = app.next()
    seen = told["call"]
    check((told["event"], seen["state"], seen["buttons"]) == ("changed", "idle", ["start"]), str(told))
    check(seen["remoteParty"] == {"name": "Bob", "number": BOB}, str(seen))
    listed, = office.ask("GET", CALLS, by=alice)["items"]
    check((listed["id"], listed["recordingState"]) == (seen["callId"], "stopped"), str(listed))

    def press(button, by=alice, status=204, **body):
        return office.ask("POST", f"{CALLS}/{button}Recording", body, by=by, status=status)

    def shows(state, *buttons):
        now = app.next()["call"]
        check((now["state"], now["buttons"]) == (state, list(buttons)), str(now))

    press("start", callId=seen["callId"])
    shows("recording", "stop", "pause")
    talk([call], 1)
    press("pause")
    shows("paused", "stop", "resume")
    press("resume")
    shows("recording", "stop", "pause")
    press("stop")
    shows("stopped", "start")
    sentence = press("pause", by=bob, status=409)["message"]
    check(sentence == "The recording policy does not allow pausing.", sentence)
    press("stop", by=bob, status=404, callId=seen["callId"])
    press("stop", by=bob, status=403, callId=seen["callId"], lineOwnerId="alice")
    call.end()
    last = app.next()
    check((last["event"], last["call"]["callId"]) == ("ended", seen["callId"]), str(last))
    check(office.ask("GET", CALLS, by=alice)["items"] == [], "the call is over")
    press("start", status=404)
    found = wait_for(lambda: office.ask("GET", "/v1/convergedRecordings", by=alice)["items"], 15, "no recording")
    check(len(found) == 1, f"{found}")
    app.close()
    call.close()


@case("an app listens to its own person's calls, an administrator's to all")
def listened(bench):
    office = Office(bench)
    office.hire("alice", ALICE, record="Always with Pause/Resume")
    office.hire("bob", BOB)
    call = dial(office)
    bob = LiveState(office.node.http, office.token("bob"))
    seen, = bob.next()["calls"]
    check((seen["recordingMode"], seen["buttons"]) == ("never", []), str(seen))
    desk = LiveState(office.node.http, office.keys["admin"], "alice")
    seen, = desk.next()["calls"]
    check((seen["state"], seen["buttons"]) == ("recording", ["pause"]), str(seen))
    for token, person, status in [(office.token("bob"), "alice", 403), (office.keys["stranger"], "alice", 404),
                                  (office.keys["admin"], "", 404), ("made-up", "alice", 401)]:
        try:
            LiveState(office.node.http, token, person)
            check(False, f"{person} is shown to whoever may not see it")
        except Refused as refused:
            check(refused.status == status, f"{refused.status}, not {status}")
    call.end()
    call.close()
    bob.close()
    desk.close()
