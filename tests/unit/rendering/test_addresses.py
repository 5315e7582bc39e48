"""Where a mail may lead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.rendering.addresses import doi_address, pmid_address, safe_address


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://example.org/a?b=c&d=%C3%A9#e", "https://example.org/a?b=c&d=%C3%A9#e"),
        (" HTTP://example.org ", "http://example.org"),
        ("https://example.org/é à", "https://example.org/%C3%A9%20%C3%A0"),
        ("https://müller.example:8080/ü", "https://xn--mller-kva.example:8080/%C3%BC"),
        ("mailto:zoe@example.org", "mailto:zoe@example.org"),
    ],
)
def test_pages_and_people(address: str, safe: str) -> None:
    assert safe_address(address) == safe


@pytest.mark.parametrize(
    "address",
    [
        *(None, "", "#", "/x", "//example.org", "example.org", "https:", "https:///x", "mailto:", "mailto:nobody"),
        *("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://[::1", "https://ex\ud800.org/"),
        *("https://é:port/"),
    ],
)
def test_nothing_else(address: str | None) -> None:
    assert safe_address(address) is None


@given(st.text() | st.text().map(lambda text: f"https://example.org/{text}") | st.text().map("https://{}".format))
def test_what_is_safe_is_ascii_without_space_and_stays_so(address: str) -> None:
    safe = safe_address(address)
    if safe is not None:
        assert all("!" <= character <= "~" for character in safe)
        assert not set(safe) & set('<>"\\^`{|}')
        assert safe_address(safe) == safe


def test_identifiers() -> None:
    assert doi_address("10.1007/s00330-025-11626-4") == "https://doi.org/10.1007/s00330-025-11626-4"
    assert doi_address("10.1002/(SICI)1<1::AID>3.0;2-#") == "https://doi.org/10.1002/(SICI)1%3C1::AID%3E3.0;2-%23"
    assert pmid_address("42/163") == "https://pubmed.ncbi.nlm.nih.gov/42%2F163/"
