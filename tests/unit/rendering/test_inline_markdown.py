"""Emphasis and links, and nothing else that Markdown or HTML could do."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given

from newsletter.rendering.inline_markdown import paragraphs
from tests.strategies import bodies


def html(markdown: str, language: str = "en") -> str:
    return "".join(paragraph.html for paragraph in paragraphs(markdown, language))


def text(markdown: str, language: str = "en") -> str:
    return "\n".join(paragraph.text for paragraph in paragraphs(markdown, language))


def test_emphasis() -> None:
    assert html("one *two* **three**") == "one <em>two</em> <strong>three</strong>"
    assert text("one *two* **three**") == "one two three"


def test_a_link_is_readable_in_both_forms() -> None:
    assert html("see [this](https://example.org/?a=1&b=2)") == (
        'see <a class="link" href="https://example.org/?a=1&#38;b=2">this</a>'
    )
    assert text("see [this](https://example.org/?a=1&b=2)") == "see this (https://example.org/?a=1&b=2)"


def test_an_address_that_is_its_own_label_is_not_said_twice() -> None:
    assert text("<https://example.org/a>") == "https://example.org/a"


def test_somebody_may_be_written_to() -> None:
    assert 'href="mailto:zoe@example.org"' in html("[Zoë](mailto:zoe@example.org)")
    assert text("[Zoë](mailto:zoe@example.org)") == "Zoë (zoe@example.org)"


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScript:alert(1)", "data:text/html,x", "#", "", "/here", "ftp://a/b", "//a/b"],
)
def test_other_addresses_keep_their_words_only(address: str) -> None:
    assert html(f"[words]({address})") == text(f"[words]({address})") == "words"


def test_everything_else_is_text() -> None:
    source = "# no <b>html</b> & `code` ![picture](https://example.org/x.png) - list"
    assert "<" not in html(source.replace("![picture](https://example.org/x.png)", ""))
    assert "<img" not in html(source)


def test_paragraphs_and_breaks() -> None:
    assert [paragraph.text for paragraph in paragraphs("one\ntwo  \nthree\n\n \n\nfour", "en")] == [
        "one two three",
        "four",
    ]


def test_typography_looks_across_emphasis() -> None:
    assert html('"*mot*" dit', "fr") == "«\u00a0<em>mot</em>\u00a0» dit"
    assert html("l'*un* : *deux* !", "fr") == "l’<em>un</em>\u00a0: <em>deux</em>\u202f!"


def test_escaped_signs_are_themselves() -> None:
    assert text(r"a \* b \[c\] \\ p \< 0.05") == r"a * b [c] \ p < 0.05"


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.add(tag)
        self.addresses += [value or "" for name, value in attrs if name == "href"]
        assert {name for name, _ in attrs} <= {"class", "href"}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@given(body=bodies())
def test_whatever_is_written_comes_out_as_safe_html(body: str) -> None:
    for paragraph in paragraphs(body, "fr"):
        reader = Reader()
        reader.feed(str(paragraph.html))
        reader.close()
        assert not reader.open
        assert reader.seen <= {"em", "strong", "a"}
        assert all(re.match(r"(https?|mailto):[!-~]+$", address) for address in reader.addresses)
