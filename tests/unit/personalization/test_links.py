"""Where the links of a mail lead."""

from __future__ import annotations

import pytest

from newsletter.errors import FixConfiguration
from newsletter.personalization.links import Links
from subscribers.tokens import Signer
from tests.factories.editions import SECRET


@pytest.mark.parametrize(
    ("public_url", "base"),
    [
        ("https://news.example.org", "https://news.example.org/view/"),
        ("https://news.example.org/", "https://news.example.org/view/"),
        ("https://example.org:8443/letters", "https://example.org:8443/letters/view/"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/view/"),
    ],
)
def test_a_link_stands_under_the_public_url(public_url: str, base: str) -> None:
    assert Links(public_url, Signer(SECRET), 1, 2).base("view") == base


@pytest.mark.parametrize(
    "public_url",
    [
        "",
        "news.example.org",
        "ftp://example.org",
        "https://",
        "https://example.org/a b",
        "https://example.org/?a=b",
        "https://example.org/\r\nBcc: x",
        "https://example.org/\n",
        'https://example.org/">',
        "javascript:alert(1)",
    ],
)
def test_a_public_url_that_cannot_stand_in_a_mail_is_refused(public_url: str) -> None:
    with pytest.raises(FixConfiguration, match="NEWSLETTER_PUBLIC_URL"):
        Links(public_url, Signer(SECRET), 1, 2)
