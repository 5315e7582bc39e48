r"""From a template's text to its parts.

The grammar is Handlebars' (https://handlebarsjs.com/guide/): values by nested paths, `each`, `if`, `unless`, `with`,
`else`, inline partials, comments, whitespace control with `~`, `\{{` for a literal `{{`, and lines that hold nothing
but a block's tag leave no empty line behind. Other helpers do not exist.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_IDENTIFIER = r"""[^\s!"#%&'()*+,./;<=>@\[\\\]^`{|}~]+"""
_PATH = rf"(?:\.\./)*(?:\.|@?{_IDENTIFIER}(?:[./]{_IDENTIFIER})*)|\.\."
_BLOCKS = frozenset({"each", "if", "unless", "with"})
_FORMS = re.compile(
    rf"""
    \#\*\s*inline\s+["'](?P<definition>[^"']+)["']
    | \#\s*(?P<block>\w+)\s+(?P<subject>{_PATH})
    | /\s*(?P<close>\w+)
    | (?:else|\^)(?:\s+(?P<chained>\w+)\s+(?P<chained_subject>{_PATH}))?(?P<alternative>)
    | >\s*(?P<partial>{_IDENTIFIER})
    | &?\s*(?P<value>{_PATH})
    """,
    re.VERBOSE,
)
_TAG = re.compile(r"\{\{(?P<before>~?)(?:!--.*?--|!(?!--).*?|(?P<body>\{[^{}]*\}|[^{}]*?))(?P<after>~?)\}\}", re.DOTALL)
_LINE_IS_BLANK_BEFORE = re.compile(r"(?:^|(?<=\n))[ \t]*\Z")
_LINE_IS_BLANK_AFTER = re.compile(r"[ \t]*(?:\r?\n|\Z)")


class InvalidTemplate(ValueError):  # noqa: N818 - says what it is
    """The text is not a template; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Value:
    """A place to be filled in: the steps of a path, after `up` steps out of the enclosing blocks."""

    text: str
    up: int
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Partial:
    """A place where a partial defined before is put."""

    name: str


@dataclass(slots=True)
class Block:
    """`each`, `if`, `unless` or `with`, or the definition of an inline partial."""

    helper: str
    subject: Value | None
    name: str = ""
    body: list[Node] = field(default_factory=list)
    otherwise: list[Node] = field(default_factory=list)


Node = str | Value | Partial | Block


@dataclass(slots=True)
class _Token:
    text: str
    form: re.Match[str] | None = None
    takes_its_line: bool = False
    """A tag that vanishes together with its line, if nothing else stands on it."""
    strip_before: bool = False
    strip_after: bool = False


def parse(text: str) -> list[Node]:
    """Return the parts of a template, or raise `InvalidTemplate`."""
    tokens = list(_tokens(text))
    _trim(tokens)
    top: list[Node] = []
    into, stack = top, list[tuple[Block, list[Node], int]]()
    for number, token in enumerate(tokens):
        if token.form is not None:
            into = _place(token.form, into, stack)
        elif number % 2 == 0 and token.text:
            into.append(token.text)
    if stack:
        raise InvalidTemplate(f"the block {{{{#{stack[-1][0].helper}}}}} is never closed")
    return top


def _place(form: re.Match[str], into: list[Node], stack: list[tuple[Block, list[Node], int]]) -> list[Node]:
    """Put a tag where it belongs; return the list that what follows belongs to."""
    if form["value"] is not None:
        into.append(_value(form["value"]))
    elif form["partial"] is not None:
        into.append(Partial(form["partial"]))
    elif form["close"] is not None:
        return _close(form["close"], stack)
    elif form["alternative"] is not None:
        return _turn(form, stack)
    elif form["definition"] is not None:
        return _open(Block("inline", None, form["definition"]), into, stack)
    else:
        return _open(_block(form["block"], form["subject"]), into, stack)
    return into


def _open(block: Block, into: list[Node], stack: list[tuple[Block, list[Node], int]], chained: int = 0) -> list[Node]:
    into.append(block)
    stack.append((block, into, chained))
    return block.body


def _turn(form: re.Match[str], stack: list[tuple[Block, list[Node], int]]) -> list[Node]:
    """Go over to the `else` of the innermost block; `else if` opens a block inside that closes with it."""
    if not stack:
        raise InvalidTemplate("{{else}} stands outside of any block")
    block, _, chained = stack[-1]
    if not form["chained"]:
        return block.otherwise
    return _open(_block(form["chained"], form["chained_subject"]), block.otherwise, stack, chained + 1)


def _close(helper: str, stack: list[tuple[Block, list[Node], int]]) -> list[Node]:
    """Leave the innermost block together with the ones that `else if` opened in it; return what it stood in."""
    block, into, chained = stack.pop() if stack else (Block("", None), [], 0)
    for _ in range(chained):
        block, into, _ = stack.pop()
    if block.helper != helper:
        raise InvalidTemplate(f"{{{{/{helper}}}}} closes no block of that name")
    return into


def _block(helper: str, subject: str) -> Block:
    if helper not in _BLOCKS:
        raise InvalidTemplate(f"there is no helper named {helper!r}")
    return Block(helper, _value(subject))


def _value(path: str) -> Value:
    steps = [step for step in re.split(r"/|(?<!\.)\.(?!\.)", path) if step]
    up = steps.count("..")
    return Value(path, up, tuple(step for step in steps if step not in {"..", "this", "."}))


def _tokens(text: str) -> Iterator[_Token]:
    """Yield text and tags in turn, beginning and ending with text."""
    at, literal = 0, ""
    while (start := text.find("{{", at)) >= 0:
        before = text[at:start]
        if before.endswith("\\") and not before.endswith("\\\\"):  # \{{ is text, up to the next tag
            following = text.find("{{", start + 2)
            end = len(text) if following < 0 else len(text[:following].rstrip("\\"))
            literal += before[:-1] + text[start:end]
            at = end
            continue
        yield _Token(literal + (before[:-1] if before.endswith("\\\\") else before))
        literal = ""
        token, at = _tag(text, start)
        yield token
    yield _Token(literal + text[at:])


def _tag(text: str, start: int) -> tuple[_Token, int]:
    """Return the tag that opens at `start` and where the text goes on."""
    found = _TAG.match(text, start)
    if found is None:
        raise InvalidTemplate(f"a tag is opened and never closed: {text[start : start + 40]!r}")
    form = None
    if found["body"] is not None:
        form = _FORMS.fullmatch(found["body"].strip("{} \t\r\n"))
        if form is None:
            raise InvalidTemplate(f"{found[0]} is neither a value nor a block that can be rendered")
    alone = form is None or (form["value"] is None and form["partial"] is None)
    return _Token(found[0], form, alone, bool(found["before"]), bool(found["after"])), found.end()


def _trim(tokens: list[_Token]) -> None:
    """Take away the lines of block tags that stand alone, and the white space that `~` asks to take away."""
    alone = [
        at
        for at in range(1, len(tokens), 2)
        if tokens[at].takes_its_line
        and _LINE_IS_BLANK_BEFORE.search(tokens[at - 1].text)
        and (at == 1 or "\n" in tokens[at - 1].text)
        and (after := _LINE_IS_BLANK_AFTER.match(tokens[at + 1].text))
        and (at + 2 == len(tokens) or "\n" in after[0])
    ]
    for at in range(1, len(tokens), 2):
        # SES does not render the line's end after a partial's definition
        if at not in alone and (form := tokens[at].form) and form["close"] == "inline":
            tokens[at + 1].text = re.sub(r"\A[ \t]*\r?\n", "", tokens[at + 1].text)
    for at in alone:
        tokens[at + 1].text = _LINE_IS_BLANK_AFTER.sub("", tokens[at + 1].text, count=1)
        tokens[at - 1].text = _LINE_IS_BLANK_BEFORE.sub("", tokens[at - 1].text)
    for at in range(1, len(tokens), 2):
        if tokens[at].strip_before:
            tokens[at - 1].text = tokens[at - 1].text.rstrip()
        if tokens[at].strip_after:
            tokens[at + 1].text = tokens[at + 1].text.lstrip()
