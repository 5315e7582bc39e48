"""The real executable in a folder of its own, as a person or a script runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest


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

    def __call__(self, *arguments: str | Path, code: int = 0, **settings: str) -> Ran:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSLETTER_", "AWS_"))}
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "newsletter", *map(str, arguments)],
            cwd=self.folder,
            env={**kept, **self.settings, **settings},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert done.returncode == code, f"exit code {done.returncode} of {arguments}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def newsletter(tmp_path: Path) -> Newsletter:
    return Newsletter(tmp_path)
