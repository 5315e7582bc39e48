"""The Markdown that a body may hold, emphasis and links, as safe HTML and as plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from newsletter.rendering.addresses import safe_address
from newsletter.rendering.escaping import attribute
from newsletter.rendering.typography import typeset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

_PARAGRAPHS = re.compile(r"\n[ \t]*\n")
_MARKS = re.compile(r"[*_\[\]<\\\n]")
"""Without one of these there is nothing for a Markdown parser to find."""
_TAGS = {
    "em_open": Markup("<em>"),
    "em_close": Markup("</em>"),
    "strong_open": Markup("<strong>"),
    "strong_close": Markup("</strong>"),
}


@dataclass(frozen=True, slots=True)
class Rich:
    """A paragraph in both forms."""

    html: Markup
    text: str


def paragraphs(markdown: str, language: str) -> tuple[Rich, ...]:
    """Return the paragraphs of a body, set in the typography of `language`.

    Anything but emphasis and links stays as it is written. A link that is no address of a page or of a person keeps
    its words only.
    """
    return tuple(_paragraph(source, language) for source in _PARAGRAPHS.split(markdown) if source.strip())


def _paragraph(source: str, language: str) -> Rich:
    if not _MARKS.search(source):
        words = typeset(source.strip(), language)
        return Rich(escape(words), words)
    tokens = _markdown().parseInline(source.strip())[0].children or []
    html, text = [], []
    leads_to: str | None = None
    for token, content in zip(tokens, _typeset(tokens, language), strict=True):
        if token.type == "link_open":
            leads_to = safe_address(str(token.attrs["href"]))
            html.append(Markup('<a class="link" href="{}">').format(attribute(leads_to)) if leads_to else Markup())
        elif token.type == "link_close":
            html.append(Markup("</a>") if leads_to else Markup())
            text.append(f" ({leads_to.removeprefix('mailto:')})" if leads_to and leads_to not in text else "")
        else:
            html.append(_TAGS.get(token.type) or escape(content))
            text.append(content)
    return Rich(Markup().join(html), "".join(text))


def _typeset(tokens: Sequence[Token], language: str) -> list[str]:
    """Set the words of each token, seeing those of its neighbours; breaks are spaces, tags have no words."""
    words = [" " if token.type in {"softbreak", "hardbreak"} else token.content for token in tokens]
    before = accumulate(words, lambda last, word: word[-1:] or last, initial="")
    after = [*accumulate(reversed(words), lambda following, word: word[:1] or following, initial="")][-2::-1]
    return [typeset(word, language, before=b, after=a) for word, b, a in zip(words, before, after, strict=False)]


def _any_address(url: str) -> bool:  # noqa: ARG001 - the library's signature
    return True


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("zero").enable(["emphasis", "link", "escape", "autolink", "newline"])
    markdown.validateLink = _any_address  # type: ignore[method-assign]  # ours decides, and keeps the words of the link
    return markdown
