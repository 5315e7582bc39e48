"""The folders that come with the program: `alembic`, `templates`, `examples`.

A wheel carries them in `newsletter/_resources`; in a checkout, and so in an editable install, they stand beside the
package.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_resources"


def folder(name: str) -> Path:
    """Return the folder of resources called `name`; raises FileNotFoundError when it was not installed."""
    # never beside an installed package: there, `alembic` is the library
    found = (_INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent) / name
    if not found.is_dir():
        raise FileNotFoundError(f"The folder {name!r} of newsletter is missing: reinstall the package.")
    return found
