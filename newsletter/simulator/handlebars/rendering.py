"""A template with its places filled in.

SES renders when it has already answered: what is missing is told by an event, not by an error.
https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-api.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from newsletter.simulator.handlebars.syntax import Block, InvalidTemplate, Partial, Value, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from newsletter.simulator.handlebars.syntax import Node

_DEEPEST = 50
"""Partials that call each other are stopped here."""
_NOTHING = object()


class AttributeMissing(LookupError):  # noqa: N818 - the words of the event
    """The data lacks an attribute of the template; the message is that of the Rendering Failure event."""

    def __init__(self, attribute: str) -> None:
        super().__init__(f"Attribute '{attribute}' is not present in the rendering data.")


class Template:
    """One part of a mail (subject, text or HTML), parsed once and rendered for many."""

    def __init__(self, text: str) -> None:
        self._nodes = parse(text)
        self.is_simple = all(isinstance(node, str | Value) for node in self._nodes)
        """Only text and values: all that inline content may have."""
        self._plain = self._plain_names() if self.is_simple else None

    def render(self, data: Mapping[str, Any]) -> str:
        """Return the text with `data` filled in; raise `AttributeMissing` or, for a bad partial, `InvalidTemplate`."""
        return "".join(_rendered(self._nodes, [data], {"root": data}, {}))

    def check(self, data: Mapping[str, Any]) -> None:
        """Raise what `render` would raise; costs a look-up per name where the template is simple."""
        if self._plain is None:
            self.render(data)
            return
        for name in self._plain:
            if data.get(name) is None:
                raise AttributeMissing(name)

    def _plain_names(self) -> tuple[str, ...] | None:
        values = [node for node in self._nodes if isinstance(node, Value)]
        if any(value.up or len(value.steps) != 1 or value.steps[0].startswith("@") for value in values):
            return None
        return tuple(dict.fromkeys(value.steps[0] for value in values))


def _rendered(
    nodes: Sequence[Node], scope: list[Any], variables: Mapping[str, Any], partials: dict[str, Sequence[Node]]
) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif isinstance(node, Value):
            yield _text(_present(node, scope, variables))
        elif isinstance(node, Partial):
            yield from _partial(node, scope, variables, partials)
        elif node.helper == "inline":
            partials[node.name] = node.body
        else:
            yield from _block(node, scope, variables, partials)


def _partial(
    node: Partial, scope: list[Any], variables: Mapping[str, Any], partials: dict[str, Sequence[Node]]
) -> Iterator[str]:
    if node.name not in partials:
        raise InvalidTemplate(f"the partial {node.name!r} is not defined")
    depth = variables.get("depth", 0) + 1
    if depth > _DEEPEST:
        raise InvalidTemplate(f"the partial {node.name!r} calls itself without end")
    yield from _rendered(partials[node.name], scope, {**variables, "depth": depth}, dict(partials))


def _block(
    node: Block, scope: list[Any], variables: Mapping[str, Any], partials: dict[str, Sequence[Node]]
) -> Iterator[str]:
    assert node.subject is not None  # noqa: S101 - only definitions of partials have none
    subject = _looked_up(node.subject, scope, variables)
    there = _is_true(subject)
    if node.helper == "unless":
        there = not there
    if not there:
        yield from _rendered(node.otherwise, scope, variables, partials)
    elif node.helper == "each":
        for item, about in _items(subject):
            yield from _rendered(node.body, [*scope, item], {**variables, **about}, partials)
    else:
        inner = [*scope, subject] if node.helper == "with" else scope
        yield from _rendered(node.body, inner, variables, partials)


def _items(subject: Any) -> Iterator[tuple[Any, dict[str, Any]]]:  # noqa: ANN401 - JSON
    if isinstance(subject, dict):
        pairs = list(subject.items())
    elif isinstance(subject, list):
        pairs = list(enumerate(subject))
    else:
        return
    for number, (key, item) in enumerate(pairs):
        yield item, {"key": key, "index": number, "first": number == 0, "last": number == len(pairs) - 1}


def _present(value: Value, scope: list[Any], variables: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    found = _looked_up(value, scope, variables)
    if found is _NOTHING or found is None:
        raise AttributeMissing(value.text)
    return found


def _looked_up(value: Value, scope: list[Any], variables: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return what the path leads to, in the innermost context that has its first step."""
    contexts = scope[: len(scope) - value.up]
    if not contexts:
        return _NOTHING
    if not value.steps:
        return contexts[-1]
    first, *steps = value.steps
    if first.startswith("@"):
        found: Any = variables.get(first[1:], _NOTHING)
    else:
        found = next((c[first] for c in reversed(contexts) if isinstance(c, dict) and first in c), _NOTHING)
    for step in steps:
        found = found.get(step, _NOTHING) if isinstance(found, dict) else _NOTHING
    return found


def _is_true(subject: Any) -> bool:  # noqa: ANN401 - JSON
    """Handlebars' truth: nothing, null, false, 0, "" and [] are false; an empty object is true."""
    return subject is not _NOTHING and (bool(subject) or isinstance(subject, dict))


def _text(found: Any) -> str:  # noqa: ANN401 - JSON
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
