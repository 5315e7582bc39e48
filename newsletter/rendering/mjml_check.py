"""What is checked in MJML before it is compiled, for MRML accepts nearly anything and turns it into a broken mail."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsletter.rendering.markers import Marks

_BOX = {"css-class", "background-color", "direction", "padding", "border-top"}
_TYPE = {"css-class", "align", "padding", "font-family", "font-size", "line-height", "color"}


@dataclass(frozen=True, slots=True)
class _Rule:
    parent: str
    attributes: set[str] = field(default_factory=set)
    holds_html: bool = False


_RULES: Mapping[str, _Rule] = {
    "mjml": _Rule("", {"lang", "dir"}),
    "mj-head": _Rule("mjml"),
    "mj-title": _Rule("mj-head"),
    "mj-preview": _Rule("mj-head"),
    "mj-style": _Rule("mj-head"),
    "mj-raw": _Rule("mj-head", holds_html=True),
    "mj-attributes": _Rule("mj-head"),
    "mj-body": _Rule("mjml", {"width", "background-color", "css-class"}),
    "mj-section": _Rule("mj-body", _BOX),
    "mj-column": _Rule("mj-section", _BOX),
    "mj-text": _Rule("mj-column", _TYPE, holds_html=True),
    "mj-image": _Rule("mj-column", {"css-class", "align", "padding", "src", "alt", "width"}),
    "mj-all": _Rule("mj-attributes", _TYPE),
}
"""The elements that the templates use. MRML knows more, and keeps silent about those that nobody knows."""

_DEFAULTS = "mj-attributes"
_PLACES_OF_CUTS = {"mj-body", "mj-column"}
_BARE_ZERO = re.compile(r"(?<!\S)0(?!\S)")


class Flaw(ValueError):  # noqa: N818 - what it is
    """What is wrong, and in which item: `positions` of the last cut before it."""

    def __init__(self, message: str, positions: frozenset[int]) -> None:
        super().__init__(message)
        self.positions = positions


def check(source: str, marks: Marks) -> None:
    """Raise Flaw unless `source` is well-formed and holds nothing that MRML would get wrong.

    Those are: elements out of place, unknown attributes, a bare 0 in a padding (its width is miscounted), images
    without alt, scripts, CDATA, and cuts in the middle of a section or of an attribute's element.
    """
    _Checker(marks).run(source)


class _Checker:
    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._open: list[str] = [""]
        self._positions: frozenset[int] = frozenset()
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CommentHandler = self._comment
        self._parser.StartCdataSectionHandler = self._cdata

    def run(self, source: str) -> None:
        try:
            self._parser.Parse(source.encode(), True)  # noqa: FBT003 - expat takes no keywords
        except expat.ExpatError as error:
            self._refuse(f"{expat.ErrorString(error.code)} in line {error.lineno} of the MJML")
        except UnicodeEncodeError as error:
            self._positions = [*self._marks.pieces(source[: error.start])][-1][0]
            self._refuse(f"{error.object[error.start]!r} is no character")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._open[-1]
        self._open.append(name)
        if name == "script":
            self._refuse("mails hold no scripts")
        if not (name.startswith("mj") or parent.startswith("mj")):
            return
        if not name.startswith("mj"):
            if not _RULES[parent].holds_html:
                self._refuse(f"<{name}> does not belong into <{parent}>")
            return
        self._check_component(name, parent, attributes)

    def _check_component(self, name: str, parent: str, attributes: dict[str, str]) -> None:
        rule = _RULES.get(name)
        if rule is None or parent not in {rule.parent, _DEFAULTS}:
            self._refuse(f"<{name}> does not belong into <{parent}>")
        if unknown := attributes.keys() - rule.attributes:
            self._refuse(f"<{name}> has no attribute {min(unknown)}")
        if _BARE_ZERO.search(attributes.get("padding", "")):
            self._refuse(f"the padding of <{name}> needs 0px instead of 0")
        if name == "mj-image" and parent != _DEFAULTS and "alt" not in attributes:
            self._refuse("an image needs alt")

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _comment(self, text: str) -> None:
        positions = self._marks.positions(f"<!--{text}-->")
        if positions is None:
            return
        self._positions = positions
        if self._open[-1] not in _PLACES_OF_CUTS and "mj-text" not in self._open:
            self._refuse(f"a mail cannot be cut in <{self._open[-1]}>")

    def _cdata(self) -> None:
        self._refuse("CDATA would be lost")

    def _refuse(self, message: str) -> NoReturn:
        raise Flaw(message, self._positions)
