"""The page about the format says what the program does: its examples are read, its table has every code."""

from __future__ import annotations

import re
from pathlib import Path

from newsletter.issues.codec import counts
from newsletter.issues.document import parse_document
from newsletter.issues.model import Article, OpinionLeader

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "issue-format.md").read_text(encoding="utf-8")


def example(kind: str) -> bytes:
    found = re.search(rf"(?ms)^(`{{3,4}}){kind}\n(.*?)^\1\n", PAGE)
    assert found is not None
    return found[2].encode()


def test_the_example_of_the_layout_is_read() -> None:
    parsed = parse_document(example("text"), name="2026-03-06.en.txt")
    assert counts(parsed.document) == dict.fromkeys(counts(parsed.document), 1)
    assert parsed.document.title == "The fictional weekly"
    assert [finding.code for finding in parsed.warnings] == ["missing-address"]


def test_the_example_of_the_canonical_form_is_read() -> None:
    parsed = parse_document(example("markdown"), name="issue.md")
    _, article, leader = (item for _, _, item in parsed.document.items())
    assert isinstance(article, Article)
    assert (article.indexing_pending, article.topics, article.must_read) == (True, ("ct", "mri"), True)
    assert isinstance(leader, OpinionLeader)
    assert leader.quotation is not None


def test_every_code_is_in_the_table() -> None:
    told = set(re.findall(r"`([a-z-]+)`", PAGE))
    given: set[str] = set()
    for module in (ROOT / "newsletter" / "issues").rglob("*.py"):
        source = module.read_text(encoding="utf-8")
        given |= set(re.findall(r'(?:warn|_warning|_error|Finding)\((?:[\w.\[\]]+, )?"([a-z-]+)"', source))
        given |= set(re.findall(r'yield "([a-z-]+)", ', source))
    assert {"nothing", "missing-address", "joined", "doi-differs", "twice"} <= given
    assert given <= told
