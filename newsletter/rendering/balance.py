"""Proof, at compile time, that every choice of fragments is a well-formed mail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsletter.rendering.edition import Fragment

_OUTLOOK_ONLY = re.compile(r"<!--\[if [^!\]]*\]>(.*?)<!\[endif\]-->", re.DOTALL)
_NOT_OUTLOOK = re.compile(r"<!--\[if !mso\]><!-->.*?<!--<!\[endif\]-->", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"""<(/?)([a-zA-Z][\w:-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>""")
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Unbalanced(ValueError):  # noqa: N818 - what it is
    """Some choice of the fragments would not be well-formed."""


def check_balanced(fragments: Sequence[Fragment]) -> None:
    """Raise Unbalanced unless every choice of `fragments` is well-formed HTML, in Outlook's reading as in others'.

    Every element must be closed by a fragment for the same items as the one that opens it. Then leaving out the
    fragments of an item leaves out whole elements, and what is left is as well nested as before.
    """
    for name, reading in (("normal", _normal), ("Outlook", _outlook)):
        _check(((fragment.items, reading(_text(fragment))) for fragment in fragments), name)


def _normal(html: str) -> str:
    return _COMMENT.sub("", html)


def _outlook(html: str) -> str:
    return _COMMENT.sub("", _OUTLOOK_ONLY.sub(r"\1", _NOT_OUTLOOK.sub("", html)))


def _check(pieces: Iterable[tuple[frozenset[int], str]], reading: str) -> None:
    open_tags: list[tuple[str, frozenset[int]]] = []
    for items, html in pieces:
        if "<!" in html.removeprefix("<!DOCTYPE html>"):
            raise Unbalanced(f"a comment is cut in two, in the {reading} reading, at the items {sorted(items)}")
        for closes, name, rest in _TAG.findall(html):
            if name.lower() in _VOID or rest.endswith("/"):
                continue
            if not closes:
                open_tags.append((name, items))
            elif not open_tags or open_tags.pop() != (name, items):
                raise Unbalanced(f"</{name}> closes nothing, in the {reading} reading, at the items {sorted(items)}")
    if open_tags:
        name, items = open_tags[-1]
        raise Unbalanced(f"<{name}> is never closed, in the {reading} reading, at the items {sorted(items)}")


def _text(fragment: Fragment) -> str:
    return "".join(part for part in fragment.parts if isinstance(part, str))
