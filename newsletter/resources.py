"""The folders that come with the program: `alembic`, `templates`, `examples`.

In a checkout (and so in an editable install) they stand beside the package; a wheel carries them in
`newsletter/_resources`.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Return the folder of resources called `name`; raises FileNotFoundError when it was not installed."""
    for parent in (_PACKAGE / "_resources", _PACKAGE.parent):
        candidate = parent / name
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"The folder {name!r} of newsletter is missing: reinstall the package.")
