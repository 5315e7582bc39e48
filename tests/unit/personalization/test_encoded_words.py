"""Names and subjects in headers: what a mail program reads is what was meant."""

from __future__ import annotations

import email
import email.policy
from email.header import decode_header, make_header
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.personalization.encoded_words import mailbox_header, text_header
from newsletter.personalization.names import plain_line

WORDS = st.sampled_from(
    ["a", "IRM :", "« étude »", "=?utf-8?q?x?=", '"', "\\", "語" * 30, "x" * 90, "\r\nBcc: x@y", "é" * 40]
)
TEXTS = st.text(max_size=300) | st.lists(WORDS, max_size=12).map(" ".join)


def read(header: str, name: str) -> Any:  # noqa: ANN401 - the value is of the class of its header
    message = email.message_from_bytes(header.encode("ascii") + b"\r\n", policy=email.policy.default)
    assert message.keys() == [name]
    assert not message[name].defects
    assert message.get_payload() == ""
    return message[name]


def assert_folded(header: str) -> None:
    *lines, end = header.split("\r\n")
    assert end == ""
    assert all(line.strip() and len(line) <= 78 for line in lines)
    assert all(line.startswith(" ") for line in lines[1:])
    assert not set(header.replace("\r\n", "")) & set("\r\n\0")


@given(TEXTS)
def test_a_subject_is_read_as_it_was_written(text: str) -> None:
    header = text_header("Subject", text)
    assert_folded(header)
    assert str(read(header, "Subject")) == plain_line(text)


@given(TEXTS)
def test_a_name_is_read_as_it_was_written(text: str) -> None:
    header = mailbox_header("To", text, "claire@example.org")
    assert_folded(header)
    [address] = read(header, "To").addresses
    assert address.addr_spec == "claire@example.org"
    # Python's own reader puts a space between two encoded words of a name (python/cpython#128110)
    assert address.display_name == plain_line(text) or header.count("=?") > 1
    *words, _ = header.removeprefix("To:").split() if "=?" in header else ("",)
    assert not words or str(make_header(decode_header(" ".join(words)))) == plain_line(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Claire Dubois", "To: Claire Dubois <c@example.org>\r\n"),
        ('Grace "GG" O\'Malley', 'To: "Grace \\"GG\\" O\'Malley" <c@example.org>\r\n'),
        ("Dubois, Claire", 'To: "Dubois, Claire" <c@example.org>\r\n'),
        ("李小龍", "To: =?utf-8?b?5p2O5bCP6b6N?= <c@example.org>\r\n"),
        ("Zoë Lefebvre", "To: =?utf-8?q?Zo=C3=AB_Lefebvre?= <c@example.org>\r\n"),
        ("", "To: c@example.org\r\n"),
    ],
)
def test_a_name_takes_the_plainest_form_that_is_right(text: str, line: str) -> None:
    assert mailbox_header("To", text, "c@example.org") == line


def test_a_long_plain_subject_stays_readable() -> None:
    assert text_header("Subject", "word " * 20) == (f"Subject: {'word ' * 12}word\r\n {'word ' * 6}word\r\n")


def test_no_character_is_torn_between_two_encoded_words() -> None:
    header = text_header("Subject", "語" * 200)
    for word in header.split()[1:]:
        assert str(read(f"Subject: {word}\r\n", "Subject")).strip("語") == ""
