"""The editors' real issues, which are not part of the repository.

They are looked for in the directory that NEWSLETTER_REAL_ISSUES names, else in `shared/issues` beside the checkout.
A test that needs one says so when it is not there.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "issues"


def real_issue(name: str = "2026-05-22.fr.txt") -> Path:
    """Return the path of a real issue; without it, skip by name what was to be tested."""
    path = Path(os.environ.get("NEWSLETTER_REAL_ISSUES", _BESIDE)) / name
    if not path.is_file():
        pytest.skip(f"the real issue {path} is not here (set NEWSLETTER_REAL_ISSUES): NOT tested on it")
    return path
