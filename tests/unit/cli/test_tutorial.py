"""docs/tutorial.md, typed in word by word by somebody who has nothing but the examples."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.resources import folder

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Newsletter

TUTORIAL = (Path(__file__).resolve().parents[3] / "docs" / "tutorial.md").read_text("utf-8")
LINES = [line.removeprefix("    ") for line in TUTORIAL.splitlines() if line.startswith("    ")]


def test_every_command_of_the_tutorial_does_what_it_says(newsletter: Newsletter) -> None:
    (copied,) = (shlex.split(line)[1:-1] for line in LINES if line.startswith("cp "))
    for name in copied:
        shutil.copy(folder("examples") / Path(name).name, newsletter.folder)
    (newsletter.folder / "people.csv").write_text("\n".join(_block("email,name")), "utf-8")
    typed = [shlex.split(line)[1:] for line in LINES if line.startswith("newsletter ")]
    said = {" ".join(command[:2]): newsletter(*command) for command in typed}
    assert len(typed) > 15
    assert "sent       3" in said["campaign status"].out
    assert (newsletter.folder / "preview.html").is_file()


def test_what_the_tutorial_says_of_a_file_is_in_it() -> None:
    vocabulary = (folder("examples") / "topics.toml").read_text("utf-8")
    for words in re.findall(r"\[(\"[^]]+)\]", "\n".join(_block("[mri]"))):
        assert words in vocabulary


def _block(beginning: str) -> list[str]:
    """Return the indented lines from the one that begins so to the end of its block."""
    lines = TUTORIAL.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(f"    {beginning}"))
    last = next(number for number in range(first, len(lines)) if not lines[number].startswith("    "))
    return [line.removeprefix("    ") for line in lines[first:last]]
