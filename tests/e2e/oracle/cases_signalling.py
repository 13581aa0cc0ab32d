"""Who talks to whom: offers, answers, re-INVITEs, forks, queries, deletes."""
from sdp_texts import callee, caller, sdp
from steps import Case, Differs, answer, back_answer, back_offer, command, delete, offer, put, query

HOLD, HELD = ["a=ptime:20", "a=sendonly"], ["a=ptime:20", "a=recvonly"]
OTHER = dict(address="198.51.100.8", port=30100)


def second_branch_shares_ports(step):
    """Without branches in the offers, the second party was told the same port."""
    def turn(replies):
        tags = replies[step]["tags"]
        for one, two in zip(tags["t1"]["medias"][0]["streams"], tags["t2"]["medias"][0]["streams"]):
            two["local port"] = one["local port"]
        return replies
    return Differs("both branches were told one port, so both have it", turn)


def forget_branch(*steps):
    def turn(replies):
        for step in steps:
            put(step, ["tags", "ft", "subscriptions"],
                [{"tag": "t2", "type": "offer/answer"}])(replies)
        return replies
    return turn


CASES = [
    Case("a plain call", [offer(caller()), query(), answer(callee()), query(),
                          delete(from_tag="ft"), query()]),
    Case("a call with replaced origin", [
        offer(caller(), replace=["origin", "session-connection"]),
        answer(callee(), replace=["origin", "session connection"])]),
    Case("a repeated offer and answer", [
        offer(caller()), offer(caller()), answer(callee()), answer(callee()), query()]),
    Case("early media, then the final answer", [
        offer(caller()), answer(callee(attributes=["a=sendonly"])), answer(callee(version=2))]),
    Case("hold and resume by the caller", [
        offer(caller()), answer(callee()),
        offer(caller(version=2, attributes=HOLD), to_tag="tt"),
        answer(callee(version=2, attributes=HELD)), query(),
        offer(caller(version=3), to_tag="tt"), answer(callee(version=3)), query()]),
    Case("hold and resume by the callee", [
        offer(caller()), answer(callee()), back_offer(callee(version=2, attributes=HOLD)),
        back_answer(caller(version=2, attributes=HELD)), query(),
        back_offer(callee(version=3)), back_answer(caller(version=3))]),
    Case("both on hold", [
        offer(caller()), answer(callee()), offer(caller(attributes=["a=inactive"]), to_tag="tt"),
        answer(callee(attributes=["a=inactive"])), query()]),
    Case("hold by the null address", [
        offer(caller()), answer(callee()),
        offer(caller(address="0.0.0.0", attributes=["a=sendonly"]), to_tag="tt"),
        answer(callee(attributes=["a=recvonly"])), query(),
        offer(caller(version=3), to_tag="tt"), answer(callee())]),
    Case("the null address from the start", [
        offer(caller(address="0.0.0.0")), answer(callee()), offer(caller(), to_tag="tt"),
        answer(callee())]),
    Case("the null address is replaced on request", [
        offer(caller(address="0.0.0.0", attributes=["a=inactive"]), replace=["zero-address"]),
        answer(callee())]),
    Case("a null address with recvonly", [
        offer(caller(address="0.0.0.0", attributes=["a=recvonly"])), answer(callee())]),
    Case("a re-INVITE from the callee", [
        offer(caller()), answer(callee()), back_offer(callee(version=2)),
        back_answer(caller(version=2)), query()]),
    Case("a re-INVITE without to-tag", [
        offer(caller()), answer(callee()), offer(caller(version=2)), answer(callee(version=2))]),
    Case("the caller moves and comes back", [
        offer(caller()), answer(callee()), offer(caller(port=49180), to_tag="tt"),
        answer(callee()), offer(caller(address="198.51.100.3"), to_tag="tt"), answer(callee()),
        offer(caller(), to_tag="tt"), answer(callee())]),
    Case("the callee moves", [
        offer(caller()), answer(callee()), offer(caller(), to_tag="tt"), answer(callee(port=30002)),
        query()]),
    Case("a move with port-latching", [
        offer(caller()), answer(callee()),
        offer(caller(port=49180), to_tag="tt", flags=["port-latching"]),
        answer(callee(port=30002), flags=["port latching"])]),
    Case("a call without offer in the INVITE", [
        back_offer(callee()), back_answer(caller()), query()]),
    Case("a call without offer, the caller unknown at first", [
        back_offer(callee(), to_tag=None), back_answer(caller()), query()]),
    Case("forked branches", [
        offer(caller(), via_branch="b1"), offer(caller(), via_branch="b2"),
        offer(caller(), via_branch="b1"), query(), answer(callee(), to_tag="t1", via_branch="b1"),
        answer(callee(**OTHER), to_tag="t2", via_branch="b2"), query()]),
    Case("a forked branch ends, the other goes on", [
        offer(caller(), via_branch="b1"), offer(caller(), via_branch="b2"),
        answer(callee(), to_tag="t1", via_branch="b1"),
        answer(callee(**OTHER), to_tag="t2", via_branch="b2"),
        delete(from_tag="ft", to_tag="t1"), query(from_tag="ft", to_tag="t2"),
        delete(from_tag="ft", to_tag="t2")],
        [Differs("a deleted branch is gone at once, not at the next tick", forget_branch(5, 6))]),
    Case("serial forking behind one branch", [
        offer(caller()), answer(callee(), to_tag="t1"), answer(callee(**OTHER), to_tag="t2"),
        answer(callee(), to_tag="t1")]),
    Case("serial forking, queried", [
        offer(caller()), answer(callee(), to_tag="t1"), answer(callee(**OTHER), to_tag="t2"),
        query()], [second_branch_shares_ports(3)]),
    Case("an answer to nobody's offer", [
        offer(caller()), answer(callee(), from_tag="other"), query(from_tag="other")]),
    Case("an answer with swapped tags", [
        offer(caller()), answer(callee(), from_tag="tt", to_tag="ft")]),
    Case("delete before the answer", [offer(caller()), delete(from_tag="ft"), query()]),
    Case("delete by the callee's tag", [offer(caller()), answer(callee()),
                                        delete(from_tag="tt"), query()]),
    Case("delete with both tags", [offer(caller()), answer(callee()),
                                   delete(from_tag="ft", to_tag="tt"), query()]),
    Case("delete with both tags, swapped", [offer(caller()), answer(callee()),
                                            delete(from_tag="tt", to_tag="ft"), query()]),
    Case("delete with to-tag alone", [offer(caller()), answer(callee()), delete(to_tag="tt"),
                                      query()]),
    Case("delete without tags", [offer(caller()), answer(callee()), delete(), query()]),
    Case("delete with an unknown from-tag", [
        offer(caller()), answer(callee()), delete(from_tag="no"),
        delete(from_tag="no", flags=["fatal"]), query()]),
    Case("delete with an unknown to-tag", [
        offer(caller()), answer(callee()), delete(from_tag="ft", to_tag="no"), query()]),
    Case("delete with an unknown branch", [
        offer(caller(), via_branch="b1"), answer(callee(), via_branch="b1"),
        delete(from_tag="ft", via_branch="zz"), query()]),
    Case("delete of a call never made", [
        delete(), delete(from_tag="x"), delete(from_tag="x", flags=["fatal"])]),
    Case("a delayed delete can be queried", [
        offer(caller()), answer(callee()), delete(from_tag="ft", **{"delete delay": 5}), query()]),
    Case("a delayed delete is taken back by an offer", [
        offer(caller()), answer(callee()), delete(from_tag="ft", delete_delay=5),
        offer(caller(), to_tag="tt"), answer(callee())]),
    Case("queries by tag", [
        offer(caller()), answer(callee()), query(from_tag="ft"), query(from_tag="tt"),
        query(from_tag="ft", to_tag="tt"), query(from_tag="no"), query(to_tag="tt")]),
    Case("labels", [
        offer(caller(), label="one"), answer(callee(), label="two"), query(),
        offer(caller(), to_tag="tt", **{"set-label": "three"}), query(from_tag="ft")],
        [Differs("set-label is obeyed, as by newer versions",
                 put(4, ["tags", "ft", "label"], "three"))]),
    Case("list", [offer(caller()), command("list"), command("list", limit="1"),
                  delete(from_tag="ft"), command("list")]),
    Case("direction chooses interfaces", [
        offer(caller(), direction=["default", "second"]), answer(callee()), query(),
        offer(caller(), to_tag="tt"), answer(callee())]),
    Case("direction the other way round", [
        offer(caller(), direction=["second", "default"]),
        answer(callee(), direction=["default", "second"])]),
    Case("an unknown direction", [
        offer(caller(), direction=["nowhere", "second"]), answer(callee())]),
    Case("direction changes", [
        offer(caller(), direction=["default", "default"]), answer(callee()),
        offer(caller(), to_tag="tt", direction=["default", "second"]), answer(callee())]),
    Case("an IPv6 call", [
        offer(caller(address="2001:db8::1", family="IP6")),
        answer(callee(address="2001:db8::2", family="IP6")), query()]),
    Case("from IPv4 to IPv6", [
        offer(caller(), address_family="IP6"),
        answer(callee(address="2001:db8::2", family="IP6")), query()]),
    Case("from IPv6 to IPv4 with origin", [
        offer(caller(address="2001:db8::1", family="IP6"), address_family="IP4",
              replace=["origin"]),
        answer(callee(), address_family="IP6", replace=["origin"])]),
    Case("the SIP message's source as media address", [
        offer(caller(), flags=["SIP-source-address"], received_from=["IP4", "192.0.2.9"]),
        answer(callee(), flags=["trust-address"], received_from=["IP4", "192.0.2.9"]), query()]),
    Case("keys with spaces", [
        offer(caller(), **{"address family": "IP6"}),
        answer(callee(address="2001:db8::2", family="IP6"), **{"received from": ["IP4", "1.2.3.4"]})]),
    Case("unknown keys and flags", [
        offer(caller(), nonsense="x", flags=["gibberish", "trust address"], provider="dubber"),
        answer(callee(), TOS=184, **{"record call": "no"})]),
    Case("a party leaves, another comes", [
        offer(caller()), answer(callee()), offer(caller(), to_tag="t3"),
        answer(callee(**OTHER), to_tag="t3"), query()]),
    Case("line feeds alone", [offer(caller().replace("\r\n", "\n")), answer(callee())]),
    Case("a session name and more session lines", [
        offer(sdp(session=["a=tool:x", "b=AS:300", "a=group:LS 1"])), answer(callee())]),
]
