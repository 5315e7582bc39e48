"""One spelling per mailbox."""

from __future__ import annotations

import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from subscribers.address import MAX_LENGTH, normalised, shown
from subscribers.errors import InvalidAddress

DOMAINS = st.sampled_from(
    [
        "example.org",
        "Example.ORG",
        "münchen.example.org",
        "XN--MNCHEN-3YA.de",
        "faß.de",
        "straße.de",
        "例子.广告",
        "a-b.co",
    ]
)
LOCALS = st.one_of(
    st.text("abcXYZ019!#$%&'*+/=?^_`{|}~-.", min_size=1, max_size=70),
    st.text(min_size=1, max_size=8),
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ann@example.org", "ann@example.org"),
        ("  Ann@Example.ORG\t", "ann@example.org"),
        ("Ann.B+News@example.org", "ann.b+news@example.org"),
        ("a@münchen.de", "a@xn--mnchen-3ya.de"),
        ("a@MÜNCHEN.de", "a@xn--mnchen-3ya.de"),
        ("a@xn--mnchen-3ya.de", "a@xn--mnchen-3ya.de"),
        ("É@example.org", "é@example.org"),
        ("e\u0301@example.org", "é@example.org"),
        ("o'brien@example.org", "o'brien@example.org"),
    ],
)
def test_a_mailbox_has_one_spelling(typed: str, kept: str) -> None:
    assert normalised(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "ann",
        "@example.org",
        "ann@",
        "ann@localhost",
        "ann@example.org, bob@example.org",
        "Ann <ann@example.org>",
        "ann@@example.org",
        "a..b@example.org",
        ".a@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "a\x00@example.org",
        '"a b"@example.org',
        "a@[192.0.2.1]",
        "x" * 65 + "@example.org",
        "é" * 64 + "@" + "d" * 60 + "." + "e" * 60 + ".example.org",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(InvalidAddress) as refusal:
        normalised(typed)
    assert "example.org" not in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_the_longest_address_is_taken_and_one_more_is_not() -> None:
    domain = ".".join(["d" * 63, "e" * 63, "f" * 49, "example.org"])
    longest = "x" * (MAX_LENGTH - len(domain) - 1) + "@" + domain
    assert normalised(longest) == longest
    with pytest.raises(InvalidAddress):
        normalised("x" + longest)


def test_a_domain_is_shown_in_its_own_script() -> None:
    assert shown("a@xn--mnchen-3ya.de") == "a@münchen.de"
    assert shown("a@example.org") == "a@example.org"


@given(LOCALS, DOMAINS)
def test_normalising_twice_is_normalising_once(local: str, domain: str) -> None:
    try:
        once = normalised(f"{local}@{domain}")
    except InvalidAddress:
        return
    assert normalised(once) == once
    assert "@" in once
    assert once.rpartition("@")[2].isascii()


@given(st.text("abcXYZ019!#$%&'*+/=?^_`{|}~-.", min_size=1, max_size=70), DOMAINS)
def test_the_fast_way_accepts_what_the_library_accepts(local: str, domain: str) -> None:
    text = f"{local}@{domain}"
    try:
        expected = validate_email(text, check_deliverability=False, strict=True)
    except ValueError:
        with pytest.raises(InvalidAddress):
            normalised(text)
        return
    assert normalised(text) == f"{expected.local_part.lower()}@{expected.ascii_domain}"


@given(LOCALS, DOMAINS)
def test_case_never_makes_a_second_mailbox(local: str, domain: str) -> None:
    try:
        kept = normalised(f"{local}@{domain}")
        assert normalised(f"{local}@{domain.lower()}") == kept
        assert not local.isascii() or normalised(f"{local.upper()}@{domain}") == kept
    except InvalidAddress:
        return
