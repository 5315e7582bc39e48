"""YAML as people write it between two fences: every value is text, whatever it looks like."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from newsletter.issues.findings import Notes
    from newsletter.issues.lines import Line


class _Texts(yaml.SafeLoader):
    """Makes nothing but texts, lists and mappings: `2026-05-22`, `yes` and `42` stay what was written."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, object]]] = {}  # noqa: RUF012 - PyYAML's own interface


def write_mapping(values: Mapping[str, object]) -> str:
    """Return `values` as YAML, in their order, one line for each text."""
    return yaml.safe_dump(dict(values), allow_unicode=True, sort_keys=False, width=sys.maxsize)


def read_mapping(lines: Sequence[Line], notes: Notes) -> dict[str, object]:
    """Return the mapping in `lines`; empty when there is none, or a problem."""
    if not any(line.text.strip() for line in lines):
        return {}
    first = lines[0].number
    try:
        read = yaml.load("\n".join(line.text for line in lines), Loader=_Texts)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        at = min(mark.line, len(lines) - 1) if mark else 0
        problem = getattr(error, "problem", None) or "it cannot be read"
        notes.reject(first + at, lines[at].text, f"YAML, `name: value` on each line ({problem})")
        return {}
    if not isinstance(read, dict) or not all(isinstance(name, str) for name in read):
        notes.reject(first, lines[0].text, "`name: value` on each line")
        return {}
    return read


def _mapping(loader: _Texts, node: yaml.MappingNode) -> dict[object, object]:
    """Make a mapping; a key that stands there twice is an error, of which PyYAML would take the last."""
    names = [name.value for name, _ in node.value if isinstance(name, yaml.ScalarNode)]
    for name in names:
        if names.count(name) > 1:
            raise yaml.constructor.ConstructorError(None, None, f"“{name}” stands there twice", node.start_mark)
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


_Texts.add_constructor("tag:yaml.org,2002:map", _mapping)
