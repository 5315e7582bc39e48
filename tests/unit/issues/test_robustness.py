"""Whatever the bytes: a document or a DocumentError, and never a word lost without a warning."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsletter.issues.canonical.form import write_document
from newsletter.issues.document import Parsed, parse_document
from newsletter.issues.findings import DocumentError
from tests import strategies
from tests.factories.issues import sample_document
from tests.factories.layout import layout_text

_LAYOUT = layout_text(sample_document("fr")).split("\n")
_LINES = [
    *(line for language in ("fr", "en", "de") for line in layout_text(sample_document(language)).split("\n")),
    *(line for language in ("fr", "ar") for line in write_document(sample_document(language)).split("\n")),
    *("", "\t", "---", "```", "```yaml", "# {media}", "## x", "**a****b**", "\t<p>x", "</p>", "a\t<p>b</p>", '"'),
    *("- label: x", "links: [[[", "topics: {a: b}", "a: &a [*a]", '\\UFFFFFFFF: "\\UFFFFFFFF"', "<table>", "1. ABCDE"),
    *("ARTICLE 1 · ", "LEADER D'OPINION 3", "DOI : PMID : ", "Source : [a](b) c <d>", "PMID : pending 12"),
]
_TEXTS = st.lists(st.sampled_from(_LINES) | st.text(max_size=20) | strategies.texts(), max_size=30).map("\n".join)
_FRONT = "---\nlanguage: fr\nperiod: 2026-01-01/2026-01-07\n---\n"
_NAMES = st.sampled_from(["2026-03-06.fr.txt", "x.txt", "x.md", "0001-01-01.fr.txt", "9999-12-31.de.txt"])


def parsed(data: bytes, name: str) -> Parsed | None:
    try:
        return parse_document(data, name=name)
    except DocumentError:
        return None


@given(_TEXTS, st.sampled_from(["", _FRONT]), st.sampled_from(["utf-8", "utf-16", "cp1252"]), _NAMES)
def test_any_text(text: str, front: str, encoding: str, name: str) -> None:
    parsed((front + text).encode(encoding, errors="replace"), name)


@given(st.binary(max_size=300), _NAMES)
def test_any_bytes(data: bytes, name: str) -> None:
    parsed(data, name)


@given(st.lists(st.tuples(st.sampled_from("-+=~"), st.integers(0, 999), st.sampled_from(_LINES)), max_size=8))
def test_lines_taken_out_put_in_doubled_and_swapped_lose_no_word(changes: list[tuple[str, int, str]]) -> None:
    lines = list(_LAYOUT)
    for change, at, line in changes:
        index = at % len(lines)
        if change == "-":
            del lines[index]
        elif change == "~":
            lines[index - 1], lines[index] = lines[index], lines[index - 1]
        else:
            lines.insert(index, lines[index] if change == "=" else line)
    read = parsed("\n".join(lines).encode(), "2026-03-06.fr.txt")
    assert read is None or "left-out" not in {finding.code for finding in read.warnings}
