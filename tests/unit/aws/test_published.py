"""The DNS over the wire: what is there, what is not, and what does not answer."""

from __future__ import annotations

import pytest

from newsletter.aws.published import SystemDns
from newsletter.aws.refusals import NotReached
from newsletter.errors import Refused
from tests.fakes.name_server import Zone


def test_what_is_there_comes_without_dots_and_in_one_piece(zone: Zone) -> None:
    zone.records["long.example", "TXT"] = [f'"v=spf1 {"a" * 200}" "{"b" * 200}"', '"second"']
    zone.put("long.example", "MX", "10 Mail.Example.", "20 other.example.")
    zone.put("alias.example", "CNAME", "Target.Example.")
    dns = SystemDns(zone.address)
    assert sorted(dns.texts("long.example")) == ["second", f"v=spf1 {'a' * 200}{'b' * 200}"]
    assert sorted(dns.exchanges("long.example")) == ["mail.example", "other.example"]
    assert dns.aliases("alias.example") == ["target.example"]


def test_what_is_not_there_is_nothing(zone: Zone) -> None:
    zone.put("there.example", "TXT", "only text")
    dns = SystemDns(zone.address)
    assert (list(dns.texts("none.example")), list(dns.exchanges("there.example"))) == ([], [])


def test_no_answer_is_not_nothing(zone: Zone) -> None:
    zone.broken.add("broken.example")
    with pytest.raises(NotReached, match=r"The DNS gives no answer for TXT of broken\.example"):
        SystemDns(zone.address).texts("broken.example")


@pytest.mark.parametrize("nameserver", ["", "ns.example.org", "1.2.3", "1.1.1.1:x", "1.1.1.1:99999", "[::1"])
def test_what_is_no_address_of_a_server_is_refused(nameserver: str) -> None:
    with pytest.raises(Refused, match="--nameserver"):
        SystemDns(nameserver)


@pytest.mark.parametrize("nameserver", ["1.1.1.1", "127.0.0.1:5353", "2606:4700:4700::1111", "[::1]:5353"])
def test_addresses_with_and_without_a_port_are_taken(nameserver: str) -> None:
    SystemDns(nameserver)
