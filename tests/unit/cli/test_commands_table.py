from __future__ import annotations

import subprocess
import sys

import click
import pytest

from newsletter.cli.root import COMMANDS, root


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_command_says(name: str) -> None:
    command = root.get_command(click.Context(root), name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(limit=100) == COMMANDS[name][1]


def test_help_imports_nothing_but_click() -> None:
    code = """
import sys
from newsletter.__main__ import main
sys.argv = ["newsletter", "--help"]
try:
    main()
except SystemExit as end:
    assert end.code == 0
print(sorted({name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    imported = {name for name in eval(done.stderr) if not name.startswith("_")}  # noqa: S307 - a list we printed
    assert imported <= {"click", "newsletter", "subscribers", "colorama"}
