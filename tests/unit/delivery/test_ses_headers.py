"""The headers beside a template: all that the raw mail has, within what SES takes."""

from __future__ import annotations

import pytest

from newsletter.delivery.ses_headers import MOST_HEADERS, UnfitForBulk, check_headers, headers_of
from subscribers.publication import Policies
from tests.factories import editions
from tests.factories.calls import prepared


def test_the_headers_of_the_raw_mail_are_there_unfolded() -> None:
    name = "Une très longue lettre de l\u2019imagerie, de la médecine nucléaire et de ce qui s\u2019y rattache"
    envelope = editions.envelope(name=name, sender_name=name, reply_to="desk@news.example.org")
    headers = headers_of(prepared(envelope=envelope))

    assert headers.sender.endswith("?= <lettre@news.example.org>")
    assert headers.reply_to == "desk@news.example.org"
    assert {name for name, _ in headers.shared} == {
        "List-Id", "List-Unsubscribe-Post", "Precedence", "Content-Language",
    }  # fmt: skip
    shared = dict(headers.shared)
    assert shared["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert shared["Precedence"] == "bulk"
    assert shared["Content-Language"] == "fr"
    assert shared["List-Id"].endswith(" <imagerie.news.example.org>")
    everything = "".join([headers.sender, *shared.values()])
    assert everything.isascii()
    assert everything.isprintable()


def test_an_address_to_leave_by_stands_behind_the_link() -> None:
    envelope = editions.envelope(policies=Policies(unsubscribe_email="out+50%@news.example.org"))
    before, behind = headers_of(prepared(envelope=envelope)).unsubscribe
    assert before == "<https://news.example.org/unsubscribe/"
    assert behind == ">, <mailto:out%2B50%25@news.example.org?subject=unsubscribe>"


def test_without_https_there_is_no_one_click() -> None:
    headers = headers_of(prepared(envelope=editions.envelope(public_url="http://localhost:8000")))
    assert "List-Unsubscribe-Post" not in dict(headers.shared)
    assert headers.reply_to == ""


@pytest.mark.parametrize(
    ("envelope", "why"),
    [
        (editions.envelope(name="Weekly {{x}}"), "List-Id holds two braces"),
        (editions.envelope(name="w" * 1000), "List-Id is empty, longer than 995"),
        (editions.envelope(public_url=f"https://news.example.org/{'p' * 990}"), "List-Unsubscribe is empty, longer"),
    ],
)
def test_a_variant_whose_headers_ses_would_not_take_as_they_are_is_unfit(envelope: object, why: str) -> None:
    with pytest.raises(UnfitForBulk, match=why):
        headers_of(prepared(envelope=envelope))  # type: ignore[arg-type]  # made for this test


@pytest.mark.parametrize(
    "headers",
    [
        [("X", "")],
        [("X", "v" * 996)],
        [("X" * 10, "v" * 990)],
        [("X" * 127, "v")],
        [("X Y", "v")],
        [("X:", "v")],
        [("Étude", "v")],
        [("X", "étude")],
        [("X", "a\r\nBcc: b")],
        [("X", "a\tb")],
        [("X", "\0to\0")],
        [(f"X-{number}", "v") for number in range(MOST_HEADERS + 1)],
    ],
)
def test_what_ses_refuses_is_refused_before(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(UnfitForBulk):
        check_headers(headers)


def test_what_ses_takes_is_taken() -> None:
    check_headers(
        [("X", "v" * 995), ("X" * 126, "v"), ("!~", " ~"), *[(f"X-{n}", "v") for n in range(MOST_HEADERS - 3)]]
    )
