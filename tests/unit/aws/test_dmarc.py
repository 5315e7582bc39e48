"""DMARC: records, the walk up the DNS, the organization's domain, alignment (RFC 9989)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.aws.doctor.dmarc import aligned, in_force, organization, read, records, walk

LABELS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=10).map(".".join)


class Published:
    """A DNS of DMARC records, and what it was asked."""

    def __init__(self, **records: str) -> None:
        self.records = {f"_dmarc.{name.replace('_', '.')}": text for name, text in records.items()}
        self.asked: list[str] = []

    def __call__(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        return [self.records[name]] if name in self.records else []


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("v=DMARC1; p=none", "none"),
        ("v=DMARC1;p=Reject;", "reject"),
        ("v = DMARC1 ; p = quarantine ; rua = mailto:a@b.example", "quarantine"),
        ("v=DMARC1", ""),
        ("v=DMARC1; p=maybe", ""),
    ],
)
def test_a_record_is_read_as_receivers_read_it(text: str, policy: str) -> None:
    found = read("example.org", [text, "some note"])
    assert found is not None
    assert found.policy == policy


@pytest.mark.parametrize("texts", [[], ["p=none; v=DMARC1"], ["v=spf1 -all"], ["v=DMARC1; p=none", "v=DMARC1; p=none"]])
def test_no_record_and_several_records_are_none(texts: list[str]) -> None:
    assert read("example.org", texts) is None


def test_alignment_is_relaxed_unless_it_is_strict() -> None:
    found = read("example.org", ["v=DMARC1; p=none; adkim=s"])
    assert found is not None
    assert (found.strict_dkim, found.strict_spf, found.public_suffix) == (True, False, "u")


def test_the_walk_asks_every_domain_above() -> None:
    ask = Published()
    assert walk("a.mail.example.org", ask) == []
    assert ask.asked == ["_dmarc.a.mail.example.org", "_dmarc.mail.example.org", "_dmarc.example.org", "_dmarc.org"]


def test_the_walk_from_a_long_name_jumps() -> None:
    ask = Published()
    walk("a.b.c.d.e.f.g.h.i.j.mail.example.com", ask)
    assert ask.asked[:2] == ["_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com", "_dmarc.g.h.i.j.mail.example.com"]
    assert len(ask.asked) == 8


def test_the_walk_ends_where_the_organization_is_named() -> None:
    ask = Published(mail_example_org="v=DMARC1; psd=n; p=none", example_org="v=DMARC1; p=reject")
    found = walk("a.mail.example.org", ask)
    assert organization("a.mail.example.org", found) == "mail.example.org"
    assert "_dmarc.example.org" not in ask.asked


def test_below_a_public_suffix_the_organization_has_one_label_more() -> None:
    ask = Published(bank="v=DMARC1; p=reject; psd=y")
    assert organization("mail.giant.bank", walk("mail.giant.bank", ask)) == "giant.bank"
    assert organization("bank", walk("bank", ask)) == "bank"
    assert not aligned("mail.giant.bank", "mail.other.bank", ask, strict=False)


def test_the_policy_of_a_domain_is_its_own_else_that_of_its_organization() -> None:
    ask = Published(example_org="v=DMARC1; p=reject", mail_example_org="v=DMARC1; p=none")
    for domain, policy in (("mail.example.org", "none"), ("other.example.org", "reject"), ("example.org", "reject")):
        found = in_force(domain, walk(domain, ask))
        assert found is not None
        assert found.policy == policy
    assert in_force("elsewhere.example", walk("elsewhere.example", ask)) is None


def test_what_speaks_for_a_from_domain() -> None:
    ask = Published(example_org="v=DMARC1; p=none", own_example_com="v=DMARC1; p=none")
    assert aligned("news.example.org", "bounce.news.example.org", ask, strict=False)
    assert aligned("news.example.org", "example.org", ask, strict=False)
    assert not aligned("news.example.org", "example.org", ask, strict=True)
    assert aligned("news.example.org", "news.example.org", ask, strict=True)
    assert not aligned("news.example.org", "amazonses.com", ask, strict=False)
    assert not aligned("own.example.com", "example.com", ask, strict=False), "the one above has no record"


@given(LABELS, st.dictionaries(LABELS, st.sampled_from(["u", "y", "n"])))
def test_the_organization_is_the_domain_or_above_it(domain: str, suffixes: dict[str, str]) -> None:
    published = {f"_dmarc.{name}": [f"v=DMARC1; p=none; psd={suffix}"] for name, suffix in suffixes.items()}
    found = organization(domain, walk(domain, lambda name: published.get(name, [])))
    assert domain == found or domain.endswith(f".{found}")


@given(LABELS, LABELS, st.sets(LABELS))
def test_alignment_does_not_depend_on_who_asks(one: str, other: str, names: set[str]) -> None:
    def ask(name: str) -> Sequence[str]:
        return ["v=DMARC1; p=none"] if name.removeprefix("_dmarc.") in names else []

    assert aligned(one, other, ask, strict=False) == aligned(other, one, ask, strict=False)
    assert aligned(one, one, ask, strict=False)


@given(st.text())
def test_whatever_stands_there_is_read(text: str) -> None:
    found = read("example.org", [text])
    assert (found is not None) == (len(records([text])) == 1)
