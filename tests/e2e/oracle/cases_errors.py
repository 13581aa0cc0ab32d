"""Malformed input, missing keys, lost and repeated control packets."""
import json

from sdp_texts import callee, caller
from steps import Case, Differs, answer, command, instead, offer, query, raw

COMMANDS = ["answer", "query", "delete", "start recording", "stop recording", "block media",
            "unblock media", "silence media", "unsilence media", "block DTMF", "unblock DTMF",
            "play media", "stop media", "subscribe request", "subscribe answer", "unsubscribe"]
NO_CALL = {"call-id": None}

CASES = [
    Case("ping", [command("ping", **NO_CALL)]),
    Case("an unknown command", [command("foo"), command("Ping"), {"foo": "bar"}]),
    *(Case(f"{name} of an unknown call", [
        command(name, from_tag="a", to_tag="b", sdp=callee())]) for name in COMMANDS),
    *(Case(f"{name} without call-id", [command(name, from_tag="a", to_tag="b", sdp=callee(),
                                               **NO_CALL)]) for name in COMMANDS),
    Case("offers that lack a key", [
        offer(None), offer(caller(), from_tag=None), {**offer(caller()), **NO_CALL},
        {**offer(caller(), from_tag=None), **NO_CALL}]),
    Case("answers that lack a key", [
        offer(caller()), answer(None), answer(callee(), from_tag=None),
        answer(callee(), to_tag=None)]),
    Case("SDP that is none", [
        offer("hello"), offer("v=0\r\n"), offer("v=0\r\no=x\r\n"), offer(caller()[:60])]),
    Case("an empty SDP", [offer("")],
         [Differs("an empty body is none",
                  instead(0, result="error", error_reason="No SDP body in message"))]),
    Case("SDP with a broken address", [
        offer(caller().replace("c=IN IP4 198.51.100.1", "c=IN IP4 foo")),
        offer(caller().replace("c=IN IP4 198.51.100.1\r\n", "")),
        offer(caller().replace("c=IN IP4", "c=IN IP6"))]),
    Case("SDP with a broken m-line", [
        offer(caller().replace("49170", "99999")), offer(caller(formats="x")),
        offer(caller().replace("RTP/AVP 0 8 101", ""))]),
    Case("SDP without m-lines", [offer("v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nt=0 0\r\n")]),
    Case("a broken offer leaves the call as it was", [
        offer(caller()), answer(callee()), offer(caller(formats="x"), to_tag="tt"), query()]),
    Case("a repeated packet is not executed again", [
        raw('COOKIE ' + json.dumps({**offer(caller()), "call-id": "CALLID"}), 5), query()]),
    Case("a repeated ping", [raw("COOKIE d7:command4:pinge", 3)]),
    Case("messages that are none", [
        raw("COOKIE i1e"), raw("COOKIE x"), raw("COOKIE "), raw("COOKIE"),
        raw("COOKIE d7:command4:pi"), raw("COOKIE d7:command5:pingxe"),
        raw('COOKIE {"command":"ping"'), raw('COOKIE {"command":ping}'), raw("COOKIE de"),
        raw("COOKIE {}"), raw("COOKIE d7:commandi5ee")]),
    Case("a message with something behind it", [raw("COOKIE d7:command4:pingexx")]),
    Case("an unordered dictionary", [raw("COOKIE d3:zzz1:a7:command4:ping3:aaa1:be")]),
    Case("JSON with whitespace", [raw('COOKIE { "command" : "ping" }')]),
]
