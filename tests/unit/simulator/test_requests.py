"""Limits of a request, where the edge is fine."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.simulator.errors import ServiceError
from newsletter.simulator.requests import InvalidEntry, headers, raw_mail, tags

HEAD = b"From: editor@review.example\r\n\r\n"


@given(st.lists(st.integers(0, 1100), max_size=8), st.booleans())
def test_a_line_has_at_most_a_thousand_characters(lengths: list[int], ended: bool) -> None:  # noqa: FBT001 - drawn
    data = HEAD + b"\n".join(b"x" * length for length in lengths) + (b"\n" if ended else b"")
    described = {"Data": b64encode(data).decode()}
    if max(lengths, default=0) > 1000:
        with pytest.raises(ServiceError, match="more than 1000 characters"):
            raw_mail(described)
    else:
        assert raw_mail(described).data == data


@pytest.mark.parametrize("message", [b"", b"From: a@b.example\r\n", b"no headers at all"])
def test_a_message_has_headers_and_a_body(message: bytes) -> None:
    with pytest.raises(ServiceError, match="no headers, or no body"):
        raw_mail({"Data": b64encode(message).decode()})


def test_data_that_is_not_base64_is_refused() -> None:
    with pytest.raises(ServiceError, match="not Base64"):
        raw_mail({"Data": "é"})


@pytest.mark.parametrize("value", ["x" * 255, "a.b@c_d-e", "0"])
def test_tags_that_are_taken(value: str) -> None:
    assert tags([{"Name": "delivery", "Value": value}]) == (("delivery", value),)


@pytest.mark.parametrize("value", ["", "x" * 256, "a b", "é", "a:b"])
def test_tags_that_are_refused(value: str) -> None:
    with pytest.raises(InvalidEntry):
        tags([{"Name": "delivery", "Value": value}])


def test_the_special_tags_of_ses_are_taken() -> None:
    assert tags([{"Name": "ses:feedback-id-a", "Value": "weekly"}])
    with pytest.raises(InvalidEntry):
        tags([{"Name": "ses:source-ip", "Value": "1"}])


def test_a_header_as_long_as_it_may_be() -> None:
    longest = "v" * (996 - len("X-Long"))
    assert headers([{"Name": "X-Long", "Value": longest}])
    with pytest.raises(ServiceError):
        headers([{"Name": "X-Long", "Value": longest + "v"}])
