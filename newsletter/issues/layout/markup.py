"""The markup that converters leave in a text: a little Markdown, a little HTML, escapes and entities.

A body stays Markdown (emphasis, links); every other field becomes plain words. No word is lost on the way.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from newsletter.issues.text import fold

if TYPE_CHECKING:
    from newsletter.issues.findings import Notes
    from newsletter.issues.lines import Line

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()<>#+\-.!|~])")
_BOLD = re.compile(r"(?<!\\)\*\*(?=\S)(.+?)(?<=[^\s\\])\*\*")
_BOLD_RUNS = re.compile(rf"(?:{_BOLD.pattern}\s*)+")
_TAG = re.compile(r"(?<!\\)</?([A-Za-z][A-Za-z0-9]*)\b[^<>]*>")
_BREAK = re.compile(r"(?i)<br\s*/?>")
_ANCHOR = re.compile(r"""(?is)<a\s[^<>]*?href\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')[^<>]*>(.*?)</a\s*>""")
_RAISED = re.compile(r"(?i)<(sup|sub)>([^<>]*)</\1>")
_EMPHASIS = (
    (re.compile(r"(?i)<(b|strong)(?:\s[^<>]*)?>\s*(.+?)\s*</\1\s*>"), "**"),
    (re.compile(r"(?i)<(i|em)(?:\s[^<>]*)?>\s*(.+?)\s*</\1\s*>"), "*"),
)
_SPECIAL = frozenset("\\`*_[]<")

_UNDERSTOOD = frozenset(["p", "br", "b", "strong", "i", "em", "a", "sup", "sub"])
_WITHOUT_MEANING = frozenset(["span", "div", "font", "u", "small", "big", "center", "mark", "s", "abbr", "cite", "q"])
_STRUCTURE = frozenset(
    [
        "table",
        "thead",
        "tbody",
        "tr",
        "td",
        "th",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "img",
        "figure",
        "blockquote",
        "pre",
        "code",
        "hr",
        "script",
        "style",
        "iframe",
        "html",
        "head",
        "body",
        "section",
        "article",
        "header",
        "footer",
        "form",
        "input",
        "button",
        "svg",
        "video",
        "audio",
        "object",
        "link",
        "meta",
    ]
)
_SUPERSCRIPTS = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_SUBSCRIPTS = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


def plain(source: str) -> str:
    """Return the words alone, folded: tags, bold, escapes and entities resolved."""
    words = _TAG.sub(_without_tag, _raised(_BREAK.sub(" ", _unlinked(source))))
    return fold(resolved(_ESCAPE.sub(r"\1", unbolded(words))))


def markdown(source: str) -> str:
    """Return `source` as Markdown of one paragraph, folded: HTML turned into it, entities resolved."""
    marked = linked(_raised(_BREAK.sub(" ", source)))
    for pattern, mark in _EMPHASIS:
        marked = pattern.sub(rf"{mark}\2{mark}", marked)
    return fold(_ENTITY.sub(_escaped_entity, _TAG.sub(_without_tag, marked)))


def linked(source: str) -> str:
    """Return `source` with HTML's anchors as Markdown's links."""
    return _ANCHOR.sub(lambda found: f"[{found[3]}]({found[1] or found[2] or ''})", source)


def resolved(source: str) -> str:
    """Return `source` with its entities resolved, those that end with a semicolon."""
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), source)


def unbolded(source: str) -> str:
    """Return `source` without the marks of bold runs; runs that touch are words apart."""
    return _BOLD.sub(r"\1", source.replace("****", "** **"))


def bold_runs(source: str) -> tuple[str, ...] | None:
    """Return the texts of the bold runs that `source` consists of, None when there is anything else in it."""
    runs = tuple(_BOLD.findall(source))
    return runs if runs and not _BOLD.sub("", source).strip() else None


def unglued(source: str) -> tuple[str, tuple[str, ...]]:
    """Cut what a converter glued in bold behind a heading or label: (what stands before, the bold runs, the rest).

    Bold between separators (`ARTICLE 1 · **Journal** · date`) is only emphasis and stays where it is.
    """
    first = _BOLD.search(source)
    if first is None or not first.start():
        return source, ()
    head, rest = source[: first.start()].rstrip(), source[first.start() :]
    tail = _BOLD.sub("", rest).strip()
    if head.endswith(("·", "•", "|", "—", "–", ":")) or tail.startswith(("·", "•", "|", "[")):
        return source, ()
    glued = _BOLD_RUNS.match(rest)
    end = glued.end() if glued else 0
    return head, tuple(piece for piece in (rest[:end].strip(), rest[end:].strip()) if piece)


def check_markup(line: Line, notes: Notes) -> None:
    """Warn of HTML whose words are kept but whose meaning is lost; reject what would change the structure."""
    if "<!--" in line.text:
        notes.reject(line.number, line.text.strip(), "no HTML comment: take it out, or make a sentence of it")
    for name in {match[1].lower() for match in _TAG.finditer(line.text)} - _UNDERSTOOD:
        if name in _STRUCTURE:
            notes.reject(line.number, line.text.strip(), f"no <{name}>; understood are {_listed(_UNDERSTOOD)}")
        elif name in _WITHOUT_MEANING:
            notes.warn(line.number, "markup", f"<{name}> was taken out; the words in it are kept.")


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"<{name}>" for name in sorted(names))


def _unlinked(source: str) -> str:
    return _ANCHOR.sub(lambda found: found[3], source)


def _without_tag(tag: re.Match[str]) -> str:
    """Drop a tag of HTML; what only looks like one (`n<m and m>k`) is text."""
    name = tag[1].lower()
    if name in _UNDERSTOOD or name in _WITHOUT_MEANING or name in _STRUCTURE:
        return " " if name == "p" else ""
    return tag[0]


def _raised(source: str) -> str:
    def replace(found: re.Match[str]) -> str:
        table = _SUPERSCRIPTS if found[1].lower() == "sup" else _SUBSCRIPTS
        return found[2].translate(table) if all(ord(letter) in table for letter in found[2]) else found[2]

    return _RAISED.sub(replace, source)


def _escaped_entity(entity: re.Match[str]) -> str:
    """Return what an entity stands for: no markup, so with a backslash where it would be read as such."""
    letter = html.unescape(entity[0])
    return f"\\{letter}" if letter in _SPECIAL else letter
