"""Issues of any content, for Hypothesis.

`documents` and `issues` hold wild text: markup characters, template braces, emoji, right-to-left, marks of no width.
`layout_documents` holds what can be said in the editors' layout, so that it can be written and read back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from newsletter.issues.model import (
    ITEM_CLASSES,
    Document,
    Issue,
    Item,
    Kind,
    Link,
    OpinionLeader,
    Period,
    Quotation,
    Section,
)
from newsletter.issues.text import fold, fold_paragraphs
from newsletter.issues.words import WORDS
from tests.factories.issues import HEADINGS

WILD = (
    *(
        "<script>alert(1)</script>",
        "</p>",
        "<p>",
        "<!--",
        "-->",
        "]]>",
        "<td",
        "&",
        "&amp;",
        "&lt;b&gt;",
        "&#0;",
        "'",
        '"',
    ),
    *(
        "{{ name }}",
        "{% raw %}",
        "{#a#}",
        "${x}",
        "%s",
        "%(a)s",
        "{0}",
        "\\",
        "\\n",
        "\\[x\\]",
        "`",
        "```",
        "~~~",
        "---",
    ),
    *(
        "*a*",
        "**b**",
        "_c_",
        "#",
        "##",
        "[x](javascript:alert(1))",
        "[y](#)",
        "![z](w)",
        "<https://example.org/?a=1&b=2>",
    ),
    *(
        "é",
        "e\u0301",
        "œ",
        "ß",
        "İ",
        "\u0131",
        "\ufb01",
        "日本語",
        "ไทย",
        "שלום",
        "مرحبا",
        "10⁶",
        "½",
        "±",
        "×",
        "µ",
        "™",
        "…",
    ),
    *(
        "👩‍🔬",
        "🏳️‍🌈",
        "\U0001f9ec",
        "\u200f",
        "\u200e",
        "\u202e",
        "\u200b",
        "\u200d",
        "\u00ad",
        "\ufeff",
        "\u00a0",
        "\u202f",
    ),
    *(
        "“a”",
        "« b »",
        "„c“",
        "DOI :",
        "PMID :",
        "Source :",
        "ARTICLE 1 · x",
        "1.",
        "2026-05-22",
        "yes",
        "null",
        "~",
        "0x1F",
    ),
    *(
        "1e5",
        "@",
        "!",
        "?",
        "%",
        ".",
        ",",
        ";",
        "|",
        "=",
        ":",
        "-",
        ">",
        "- a",
        "? b",
        ": c",
        "From me",
        "=?utf-8?q?x?=",
    ),
)
"""What trips up parsers, templates, mails and eyes."""

DATES = st.dates(dt.date(2000, 1, 10), dt.date(2099, 12, 20))
_SLUGS = st.from_regex(r"[a-z][a-z0-9-]{0,11}", fullmatch=True)
_DOIS = st.from_regex(r"10\.[1-9][0-9]{3,5}/[a-z0-9]{1,6}([._()/-][a-z0-9]{1,6}){0,2}", fullmatch=True)
_PMIDS = st.integers(1, 999_999_999).map(str)
_URLS = st.from_regex(r"https://example\.(org|com)/[a-z0-9/-]{0,12}(\?a=[a-z]{1,3}(&b=[0-9]{1,3})?)?", fullmatch=True)


def texts(*, min_size: int = 0) -> st.SearchStrategy[str]:
    """One line of anything; `min_size` 1: with at least one character."""
    words = st.one_of(st.sampled_from(WILD), st.text(max_size=8))
    found = st.lists(words, max_size=6).map(" ".join).map(fold)
    return found.filter(bool) if min_size else found


def bodies() -> st.SearchStrategy[str]:
    """Up to three paragraphs of anything."""
    return st.lists(texts(), max_size=3).map("\n\n".join).map(fold_paragraphs)


def links() -> st.SearchStrategy[Link]:
    return st.builds(Link, texts(min_size=1), st.none() | _URLS)


def quotations() -> st.SearchStrategy[Quotation]:
    return st.builds(Quotation, bodies().filter(bool), st.none() | st.sampled_from(["fr", "en", "de"]))


@st.composite
def items(draw: st.DrawFn, kind: Kind) -> Item:
    """An item of this kind, every field of it anything."""
    drawn = {field: draw(_FIELDS[field]) for field in ITEM_CLASSES[kind].__dataclass_fields__ if field in _FIELDS}
    if drawn.get("pmid"):
        drawn["indexing_pending"] = False
    return ITEM_CLASSES[kind](**drawn)


_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("title", "journal", "date", "authors", "institution", "company", "outlet"), texts()),
    **dict.fromkeys(("organisation", "name", "occasion"), texts()),
    "body": bodies(),
    "links": st.lists(links(), max_size=2).map(tuple),
    "topics": st.lists(_SLUGS, max_size=3).map(lambda slugs: tuple(sorted(set(slugs)))),
    "must_read": st.booleans(),
    "badges": st.lists(texts(min_size=1), max_size=2).map(tuple),
    "roles": st.lists(texts(min_size=1), max_size=2).map(tuple),
    "doi": st.none() | _DOIS,
    "pmid": st.none() | _PMIDS,
    "indexing_pending": st.booleans(),
    "quotation": st.none() | quotations(),
}


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(DATES)
    return Period(start, start + dt.timedelta(days=draw(st.integers(0, 13))))


@st.composite
def documents(draw: st.DrawFn, language: str | None = None) -> Document:
    """A document of any content: sections in any order, each kind at most once, at most one summary."""
    kinds = draw(st.lists(st.sampled_from(list(Kind)), unique=True, max_size=6))
    sections = []
    for kind in kinds:
        size = draw(st.integers(0, 1 if kind is Kind.SUMMARY else 3))
        sections.append(Section(kind, draw(texts()), tuple(draw(items(kind)) for _ in range(size))))
    return Document(
        language=language or draw(st.sampled_from(["fr", "en", "de", "ar", "pt-br"])),
        title=draw(texts()),
        period=draw(periods()),
        sections=tuple(sections),
    )


@st.composite
def issues(draw: st.DrawFn, languages: tuple[str, ...] = ("fr", "en")) -> Issue:
    """An issue with at least one item whose languages line up: each has the same items, worded anew."""
    first = draw(documents(languages[0]).filter(lambda document: any(True for _ in document.items())))
    others = {language: _reworded(draw, first, language) for language in languages[1:]}
    return Issue(date=first.period.end, documents={languages[0]: first, **others})


def _reworded(draw: st.DrawFn, document: Document, language: str) -> Document:
    def reword(item: Item) -> Item:
        return replace(item, title=draw(texts()), body=draw(bodies()))

    sections = tuple(replace(section, items=tuple(map(reword, section.items))) for section in document.sections)
    return replace(document, language=language, title=draw(texts()), sections=sections)


_TAME = (
    *(
        "étude",
        "IRM",
        "cœur",
        "naïve",
        "<b>",
        "</p>",
        "{{ name }}",
        "&",
        "&amp;",
        "p<0.05",
        "*a*",
        "`x`",
        "#",
        "97,5 %",
    ),
    *(
        "(DCE-MRI)",
        "10⁶",
        "±",
        "™",
        "“nom”",
        "l'image",
        "d’un",
        "日本語",
        "שלום",
        "مرحبا",
        "👩‍🔬",
        "C++",
        "[sic]",
        "\\",
    ),
    *("back\\slash", "a_b_c", "3.2", "https", "50/50", "A+B", "~", "|"),
)
_MARKDOWN = (
    *(
        "étude",
        "IRM",
        "*accent*",
        "**fort**",
        "naïve",
        "cœur",
        "&",
        "l'image",
        "97,5 %",
        "[mot](https://example.org/a)",
    ),
    *("p<0.05", "日本語", "مرحبا", "👩‍🔬"),
)
_LAYOUT_WORDS = st.sampled_from(_TAME)


def phrases(first: str = "Mot", last: str = "fin") -> st.SearchStrategy[str]:
    """A title or name of the layout: it begins and ends with a word, and is no sentence."""
    return st.lists(_LAYOUT_WORDS, max_size=5).map(lambda words: fold(" ".join([first, *words, last])))


def sentences() -> st.SearchStrategy[str]:
    """A paragraph of the layout: Markdown, ended by a full stop."""
    words = st.lists(st.sampled_from(_MARKDOWN), max_size=8)
    return words.map(lambda middle: f"{' '.join(['Phrase,', 'dont', *middle, 'fin'])}.")


def _layout_fields(language: str) -> dict[str, st.SearchStrategy[Any]]:
    months = {"fr": "mars", "en": "March", "de": "März"}
    label = st.none() | _URLS
    quoted = {
        "fr": "Les mots ne sont pas dans les images, et nous le savons.",
        "en": "The words are not in the pictures, and we know that.",
        "de": "Die Worte sind nicht in den Bildern, und wir wissen das.",
    }
    return {
        **dict.fromkeys(("title", "journal", "authors", "institution", "company", "outlet"), phrases()),
        **dict.fromkeys(("organisation", "name"), phrases()),
        "occasion": phrases("Occasion"),
        "body": st.lists(sentences(), min_size=1, max_size=3).map("\n\n".join),
        "links": st.lists(st.builds(Link, phrases(), label), min_size=1, max_size=2).map(tuple),
        "badges": st.lists(phrases("Badge"), max_size=2).map(tuple),
        "roles": st.lists(phrases("Rôle"), min_size=1, max_size=2).map(tuple),
        "date": st.integers(1, 28).map(lambda day: f"{day} {months[language]} 2026"),
        "doi": st.none() | _DOIS,
        "pmid": st.none() | _PMIDS,
        "indexing_pending": st.booleans(),
        "quotation": st.none() | st.sampled_from(sorted(quoted)).map(lambda each: Quotation(quoted[each], each)),
    }


@st.composite
def layout_documents(draw: st.DrawFn, language: str | None = None) -> Document:
    """A document that the editors' layout can say, in a language of the table; it covers the week to its last day."""
    language = language or draw(st.sampled_from(sorted(WORDS)))
    fields = _layout_fields(language)
    sections = []
    for kind in draw(st.lists(st.sampled_from(list(Kind)), unique=True, min_size=1, max_size=6)):
        size = 1 if kind is Kind.SUMMARY else draw(st.integers(0, 3))
        made = tuple(_layout_item(draw, kind, fields) for _ in range(size))
        sections.append(Section(kind, HEADINGS[language][kind], made))
    end = draw(DATES)
    period = Period(end - dt.timedelta(days=6), end)
    return Document(language=language, title=draw(st.just("") | phrases()), period=period, sections=tuple(sections))


def _layout_item(draw: st.DrawFn, kind: Kind, fields: dict[str, st.SearchStrategy[Any]]) -> Item:
    names = [name for name in ITEM_CLASSES[kind].__dataclass_fields__ if name in fields]
    drawn = {name: draw(fields[name]) for name in names}
    if kind is Kind.ARTICLES:
        drawn |= {"links": (), "indexing_pending": drawn["indexing_pending"] and drawn["pmid"] is None}
    elif kind is Kind.SUMMARY:
        drawn |= {"links": (), "title": draw(st.just("") | phrases())}
    elif kind is Kind.MEDIA:
        drawn["links"] = tuple(link for link in drawn["links"] if link.url)
    item = ITEM_CLASSES[kind](**drawn)
    return replace(item, title="", body=draw(st.just("") | fields["body"])) if isinstance(item, OpinionLeader) else item
