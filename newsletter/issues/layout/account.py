"""Nothing is dropped silently: every word of a text is in what was read from it, or belongs to the layout."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING

from newsletter.issues.layout.labels import DOT, says_pending
from newsletter.issues.layout.markup import resolved
from newsletter.issues.model import Article, Document, Item, Link, OpinionLeader, Quotation
from newsletter.issues.text import key, visible
from newsletter.issues.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG = re.compile(r"</?(?:p|br|b|strong|i|em|a|sup|sub|span|div|font|u|small|big)\b([^<>]*)>", re.IGNORECASE)
_HEADING_NUMBER = re.compile(r"(?m)^\s*(?:#+\s*)?(?:\*\*)?\s*\d{1,2}\s*[.)]\s*")
_LABEL_NUMBER = re.compile(rf"(?m)^([^\d\n·]{{1,40}})\s\d{{1,3}}\s*(?={DOT}|:|—|–|\*\*|$)")
_PMID = re.compile(r"PMID\W{1,8}(?:\[[^\]]*\]\([^()]*\)|[^\n\[\]]{0,80})", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_OWN = "doi pmid https http org pubmed ncbi nlm nih gov dx www href n and et und"


def left_out(text: str, document: Document) -> tuple[str, ...]:
    """Return the words of `text` that are not in `document` as often as they stand there, the layout's own aside."""
    there = Counter(_WORD.findall(key(" ".join(_spoken(document)))))
    return tuple(word for word in (_words(text) - there) if word not in _layout_words() | _identifiers(document))


def _words(text: str) -> Counter[str]:
    bare = _PMID.sub(
        lambda found: " " if says_pending(found[0]) or found[0].endswith("](#)") else found[0], resolved(visible(text))
    )
    for pattern, instead in ((_TAG, r" \1 "), (_HEADING_NUMBER, ""), (_LABEL_NUMBER, r"\1 ")):
        bare = pattern.sub(instead, bare)
    return Counter(_WORD.findall(key(bare)))


def _spoken(document: Document) -> Iterator[str]:
    yield document.title
    yield from (section.heading for section in document.sections)
    for _, _, item in document.items():
        yield from _said(item)
        if isinstance(item, OpinionLeader):  # stands in the label and under it
            yield item.name


def _identifiers(document: Document) -> frozenset[str]:
    """Return the parts of DOIs and PMIDs: they stand there as words and as addresses, however often."""
    articles = [item for _, _, item in document.items() if isinstance(item, Article)]
    return frozenset(_WORD.findall(key(" ".join(f"{article.doi} {article.pmid}" for article in articles))))


def _said(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _said(each)
    elif isinstance(value, Item | Link | Quotation):
        for field in fields(value):
            yield from _said(getattr(value, field.name))


@cache
def _layout_words() -> frozenset[str]:
    phrases = [_OWN]
    for words in WORDS.values():
        phrases += [*words.sources, *(phrase for labels in words.labels.values() for phrase in labels)]
    return frozenset(_WORD.findall(key(" ".join(phrases))))
