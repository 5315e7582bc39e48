"""The command line without a process for each command: a folder, an empty database, what is printed, how it ends."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from newsletter.cli.entrance import run


@dataclass(frozen=True)
class Ran:
    """What one command came to."""

    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever was printed
        """The one object on standard output; anything else there is an error."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Newsletter:
    """`newsletter` in `folder`, with the settings of the environment."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *arguments: str | Path, code: int = 0, **settings: str) -> Ran:
        """Run one command and expect its exit code."""
        with self.monkeypatch.context() as patched:
            for name, value in settings.items():
                patched.setenv(name, value)
            ended = run([str(argument) for argument in arguments])
        out, err = self.capsys.readouterr()
        assert ended == code, f"exit code {ended} of {arguments}\n{out}\n{err}"
        return Ran(out, err)


@pytest.fixture
def newsletter(
    tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Newsletter:
    """`newsletter` in an empty folder, with a database that has its tables."""
    for name in os.environ:
        if name.startswith(("NEWSLETTER_", "AWS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NEWSLETTER_DATABASE_URL", sqlite_url)
    monkeypatch.chdir(tmp_path)
    return Newsletter(tmp_path, capsys, monkeypatch)
