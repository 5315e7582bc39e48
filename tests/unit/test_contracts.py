"""What a module says of itself is what the import contracts hold it to."""

from __future__ import annotations

import ast
import re
import tomllib
from itertools import chain
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def _module(path: Path) -> str:
    parts = path.relative_to(CHECKOUT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_who_says_pure_is_held_to_it() -> None:
    contracts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (held,) = [contract["source_modules"] for contract in contracts if contract["name"].startswith("Decisions")]
    sources = [path for package in ("newsletter", "subscribers") for path in (CHECKOUT / package).rglob("*.py")]
    pure = {_module(path) for path in sources if "Pure." in (ast.get_docstring(ast.parse(path.read_text())) or "")}
    assert pure
    assert [name for name in sorted(pure) if not any(f"{name}.".startswith(f"{each}.") for each in held)] == []


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    names = {re.split(r"[\[<>=]", requirement)[0] for requirement in wanted} - {"newsletter"}
    page = (CHECKOUT / "docs" / "decisions" / "dependencies.md").read_text()
    assert [name for name in sorted(names) if not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", page)] == []
    locked = {line.partition("==")[0] for line in (CHECKOUT / "requirements.lock").read_text().splitlines()}
    assert [name for name in sorted(names) if name.lower() not in locked] == []
