"""The pages say what the code does: every command, option and setting is described, and every link leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from newsletter.cli.root import root
from newsletter.settings.variables import PREFIX, VARIABLES

TOP = Path(__file__).resolve().parents[2]
PAGES = sorted([TOP / "README.md", TOP / "CHANGELOG.md", *TOP.glob("docs/**/*.md"), *TOP.glob("*/README.md")])
COMMANDS = (TOP / "docs" / "commands.md").read_text("utf-8")


def _commands(group: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(group, click.Group):
        yield name, group
        return
    context = click.Context(group)
    for each in group.list_commands(context):
        command = group.get_command(context, each)
        assert command is not None
        yield from _commands(command, f"{name} {each}")


@pytest.mark.parametrize(
    ("name", "command"), [pytest.param(*each, id=each[0]) for each in _commands(root, "newsletter")]
)
def test_every_command_and_option_is_described(name: str, command: click.Command) -> None:
    match = re.search(rf"^### `{re.escape(name)}(?: [^`]*)?`\n(.*?)(?=^##|\Z)", COMMANDS, re.MULTILINE | re.DOTALL)
    assert match, f"docs/commands.md lacks {name}"
    options = [option for option in command.params if isinstance(option, click.Option) and not option.hidden]
    common = {"--json", "--list"}  # described once, on top
    for option in options:
        longest = max(option.opts, key=len)
        assert longest in common or f"`{longest}" in match[1] or longest in match[1], f"{name} {longest}"


def test_no_command_is_described_that_is_not_there() -> None:
    described = set(re.findall(r"^### `(newsletter(?: [a-z-]+)+)", COMMANDS, re.MULTILINE))
    assert described == {name for name, _ in _commands(root, "newsletter")}


def test_every_setting_is_described() -> None:
    page = (TOP / "docs" / "settings.md").read_text("utf-8")
    assert [PREFIX + variable.name not in page for variable in VARIABLES] == [False] * len(VARIABLES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", page.read_text("utf-8"))
    text = re.sub(r"^ {4}.*$|^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(([^)\s#]+)[^)]*\)|<img src=\"([^\"]+)\"", text)
    for target in (markdown or image for markdown, image in targets):
        assert re.match(r"[a-z]+:", target) or (page.parent / target).exists(), f"{page.name}: {target}"
