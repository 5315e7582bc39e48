"""Pieces of quoted-printable: any sequence of them decodes to the sequence of their texts."""

from __future__ import annotations

import quopri

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.personalization.quoted import quoted

LINES = st.text(alphabet=st.sampled_from("ab =é\t.|\n→"), max_size=200) | st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=100
)


@given(st.lists(LINES, max_size=6))
@example(["x" * 74 + " \n"])
@example(["x" * 75, "x" * 76, "x" * 77])
@example([".", "\n.\n", "From me\n", " ", "\t", "=", ""])
def test_pieces_join_in_any_order(texts: list[str]) -> None:
    encoded = b"".join(map(quoted, texts))
    assert quopri.decodestring(encoded).replace(b"\r\n", b"\n").decode() == "".join(texts)


@given(LINES)
@example("x" * 74 + "\t\n")
@example("é" * 60)
def test_a_piece_is_lines_that_any_host_carries(text: str) -> None:
    encoded = quoted(text)
    assert encoded == b"" or encoded.endswith(b"\r\n")
    assert encoded.isascii()
    assert not set(encoded.replace(b"\r\n", b"")) & set(b"\r\n\0")
    for line in encoded.split(b"\r\n"):
        assert len(line) <= 76
        assert not line.endswith((b" ", b"\t"))
        assert line != b"."


def test_a_carriage_return_is_refused() -> None:
    with pytest.raises(ValueError, match="LF line ends"):
        quoted("one\r\ntwo")
