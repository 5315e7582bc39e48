"""The real program in a folder of its own, as a person or a script runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.forked import Forked
from tests.fixtures.patience import PATIENCE


@dataclass(frozen=True)
class Ran:
    """What one command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever was printed
        """The one object on standard output; anything else there is an error."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Newsletter:
    """`newsletter` in `folder`, with no setting but those given."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    interpreted: bool = False
    """Whether each command begins with an interpreter of its own, as the one of a person does."""

    def __call__(self, *arguments: str | Path, code: int = 0, **settings: str) -> Ran:
        command = ["-m", "newsletter", *map(str, arguments)]
        ran = (self._interpreted if self.interpreted else self._forked)(command, settings)
        assert ran.code == code, f"exit code {ran.code} of {arguments}\n{ran.out}\n{ran.err}"
        assert "Traceback" not in ran.err, ran.err
        return ran

    def beside(self, *arguments: str) -> Forked:
        """Start Python with these arguments, and do not wait for its end."""
        return Forked(*arguments, folder=self.folder, environment=self.environment())

    def environment(self, **settings: str) -> dict[str, str]:
        """Return that of a process: what is this machine's, and the settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSLETTER_", "AWS_"))}
        return {**kept, **self.settings, **settings}

    def _forked(self, command: list[str], settings: dict[str, str]) -> Ran:
        with Forked(*command, folder=self.folder, environment=self.environment(**settings)) as process:
            try:
                return Ran(process.wait(PATIENCE), process.out, process.err)
            except subprocess.TimeoutExpired:
                process.kill()
                raise

    def _interpreted(self, command: list[str], settings: dict[str, str]) -> Ran:
        done = subprocess.run(
            [sys.executable, "-W", "error", *command],
            cwd=self.folder,
            env=self.environment(**settings),
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def newsletter(tmp_path: Path) -> Newsletter:
    return Newsletter(tmp_path)
