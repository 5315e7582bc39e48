"""What is written in the editors' layout is read back as it was, in every language of the table, whatever the warts."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.issues.document import Parsed, parse_document
from newsletter.issues.model import Document
from newsletter.issues.words import WORDS
from tests import strategies
from tests.factories.issues import sample_document, unmarked
from tests.factories.layout import Warts, layout_text

WARTS = st.builds(
    Warts,
    glued=st.booleans(),
    glued_titles=st.booleans(),
    bold_labels=st.booleans(),
    broken_lines=st.booleans(),
    quotes=st.sampled_from([('"', '"'), ("“", "”"), ("« ", " »"), ("„", "“"), ("«\u00a0", "\u00a0»")]),
)


def read(data: bytes, document: Document) -> Parsed:
    return parse_document(data, name=f"{document.period.end}.{document.language}.txt")


def codes(parsed: Parsed) -> set[str]:
    return {finding.code for finding in parsed.warnings}


@pytest.mark.parametrize("language", sorted(WORDS))
@pytest.mark.parametrize("warts", [Warts(glued=False), Warts(), Warts(glued_titles=True, broken_lines=True)])
def test_the_sample_issue_is_read_back(language: str, warts: Warts) -> None:
    document = unmarked(sample_document(language))
    parsed = read(layout_text(document, warts).encode(), document)
    assert parsed.document == document
    assert codes(parsed) == {"missing-address"}


@given(strategies.layout_documents(), WARTS)
def test_any_document_of_the_layout_is_read_back_and_every_word_is_found(document: Document, warts: Warts) -> None:
    parsed = read(layout_text(document, warts).encode(), document)
    assert parsed.document == document
    assert "left-out" not in codes(parsed)


@pytest.mark.parametrize("language", sorted(WORDS))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\u2028"])
def test_encodings_and_line_ends_change_nothing(language: str, encoding: str, line_end: str) -> None:
    document = unmarked(sample_document(language))
    data = layout_text(document).replace("\n", line_end if encoding != "cp1252" else "\r\n").encode(encoding)
    parsed = read(data, document)
    assert parsed.document == document
    assert ("encoding" in codes(parsed)) == (encoding == "cp1252")


@given(st.randoms(use_true_random=False), st.sampled_from(sorted(WORDS)))
def test_white_space_changes_nothing(rng: random.Random, language: str) -> None:
    document = unmarked(sample_document(language))
    text = layout_text(document)
    spaces = ["  ", "\u00a0", "\u202f", " \u2009", "&nbsp;", " ", " ", " "]
    warty = "".join(rng.choice(spaces) if letter == " " else letter for letter in text)
    warty = "\n".join(line + rng.choice(["", " ", "\u00a0 "]) for line in warty.split("\n")).replace(
        "\n\n", "\n\n \n\n"
    )
    assert read(warty.encode(), document).document == document
