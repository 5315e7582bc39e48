"""DNS records as they are printed, and what is asked for, checked."""

from __future__ import annotations

import pytest

from newsletter.aws.records import dkim_records, dmarc_record, mail_from_records, plain, zone_file
from newsletter.aws.wanted import domain, names, sender_domains
from newsletter.errors import Refused

IDENTITY = {"DkimAttributes": {"Tokens": ["one", "two", "three"], "SigningAttributesOrigin": "AWS_SES"}}


def test_the_three_keys_point_to_ses() -> None:
    assert plain(dkim_records("example.org", IDENTITY)) == [
        f"{token}._domainkey.example.org CNAME {token}.dkim.amazonses.com" for token in ("one", "two", "three")
    ]


def test_regions_with_a_zone_of_their_own_are_pointed_to() -> None:
    zoned = {"DkimAttributes": IDENTITY["DkimAttributes"] | {"SigningHostedZone": "dkim.eu-new-1.amazonses.com"}}
    assert dkim_records("example.org", zoned)[0].value == "one.dkim.eu-new-1.amazonses.com"


@pytest.mark.parametrize("identity", [{}, {"DkimAttributes": {"Tokens": ["x"], "SigningAttributesOrigin": "EXTERNAL"}}])
def test_who_brings_a_key_of_their_own_gets_none_of_ses(identity: dict[str, object]) -> None:
    assert dkim_records("example.org", identity) == []


def test_a_zone_file_has_dots_and_quotes() -> None:
    records = [
        *dkim_records("example.org", IDENTITY)[:1],
        *mail_from_records("bounce.example.org", "eu-west-1"),
        dmarc_record("example.org"),
    ]
    assert [line.split(maxsplit=3) for line in zone_file(records)] == [
        ["one._domainkey.example.org.", "IN", "CNAME", "one.dkim.amazonses.com."],
        ["bounce.example.org.", "IN", "MX", "10 feedback-smtp.eu-west-1.amazonses.com."],
        ["bounce.example.org.", "IN", "TXT", '"v=spf1 include:amazonses.com ~all"'],
        ["_dmarc.example.org.", "IN", "TXT", '"v=DMARC1; p=none; rua=mailto:dmarc@example.org"'],
    ]
    assert zone_file([]) == []


def test_a_zone_file_is_one_that_dns_software_reads() -> None:
    import dns.zone

    records = [*dkim_records("example.org", IDENTITY), *mail_from_records("bounce.example.org", "eu-west-1")]
    text = "\n".join(["$TTL 3600", "@ IN SOA ns hostmaster 1 2 3 4 5", "@ IN NS ns", *zone_file(records)])
    zone = dns.zone.from_text(f"{text}\nns IN A 192.0.2.1\n", origin="example.org.", relativize=False)
    assert len([name for name in zone.nodes if "_domainkey" in str(name)]) == 3


@pytest.mark.parametrize(
    ("given", "spelt"),
    [
        ("Example.ORG", "example.org"),
        (" news.example.org. ", "news.example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_domain_has_one_spelling(given: str, spelt: str) -> None:
    assert domain(given) == spelt


@pytest.mark.parametrize(
    "given",
    ["", "localhost", "a@example.org", "exa mple.org", "https://example.org", "-x.org", "x" * 64 + ".org"],
)
def test_what_is_no_domain_is_refused(given: str) -> None:
    with pytest.raises(Refused, match="is no domain: write it as in"):
        domain(given)


@pytest.mark.parametrize(
    ("domains", "mail_from", "words"),
    [
        ([], None, "No list has a sender yet"),
        (["a.example", "b.example"], "bounce.a.example", "goes with one domain"),
        (["a.example"], "a.example", "has to lie under"),
        (["a.example"], "bounce.b.example", "has to lie under"),
        (["a.example"], "bouncea.example", "has to lie under"),
    ],
)
def test_what_cannot_be_a_mail_from_is_refused(domains: list[str], mail_from: str | None, words: str) -> None:
    with pytest.raises(Refused, match=words):
        sender_domains(domains, mail_from)


def test_a_domain_that_several_lists_have_counts_once() -> None:
    found = sender_domains(["b.example", "B.example.", "a.example"])
    assert [each.name for each in found] == ["b.example", "a.example"]
    assert found[0].default_mail_from == "bounce.b.example"


@pytest.mark.parametrize("prefix", ["", "-x", "with space", "dot.ted", "x" * 53])
def test_a_prefix_that_no_queue_can_have_is_refused(prefix: str) -> None:
    with pytest.raises(Refused, match="cannot begin the names"):
        names(prefix)


def test_the_longest_prefix_fits_everywhere() -> None:
    longest = names("x" * 52)
    assert max(len(name) for name in (longest.configuration_set, longest.destination)) <= 64
    assert max(len(name) for name in (longest.queue, longest.dead_letters)) <= 80
