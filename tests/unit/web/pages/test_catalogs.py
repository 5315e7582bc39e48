"""The labels of pages: every one in every language, set as its language sets type."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from newsletter.rendering.catalogs import PAGES
from newsletter.rendering.typography import typeset

TOP = Path(__file__).resolve().parents[4]
PLACEHOLDER = re.compile(r"\{\w*\}")
TRANSLATED = pytest.mark.parametrize("language", ["ar", "de", "fr"])


def entries(language: str) -> Catalog:
    with (TOP / "templates" / "locale" / language / "LC_MESSAGES" / f"{PAGES}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def labels_in_the_source() -> set[str]:
    """Every label that templates and code ask for."""
    keywords = {"_": None, "gettext": None}
    found = [
        *extract_from_dir(TOP / "templates" / "pages", [("**.html", "jinja2.ext:babel_extract")], keywords=keywords),
        *extract_from_dir(TOP / "newsletter" / "web", [("**.py", "python")], keywords=keywords),
        *extract_from_dir(TOP / "subscribers", [("**.py", "python")], keywords={"Sentence": None}),
        *extract_from_dir(TOP / "newsletter" / "bootstrap", [("embedding.py", "python")], keywords=keywords),
    ]
    return {str(message) for _, _, message, _, _ in found}


@TRANSLATED
def test_every_label_is_translated_and_none_is_left_over(language: str) -> None:
    known = {message.id: message for message in entries(language) if message.id}
    assert set(known) == labels_in_the_source()
    assert [key for key, message in known.items() if not message.string or message.fuzzy] == []


@TRANSLATED
def test_placeholders_are_those_of_the_original(language: str) -> None:
    for message in entries(language):
        assert sorted(PLACEHOLDER.findall(str(message.string))) == sorted(PLACEHOLDER.findall(str(message.id))) or (
            not message.id
        )


@TRANSLATED
def test_labels_are_typeset(language: str) -> None:
    texts = [str(message.string) for message in entries(language) if message.id]
    assert [typeset(text, language) for text in texts] == texts
