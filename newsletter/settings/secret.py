"""What links are signed with: what is set, or a secret that is made once and kept beside the database."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from newsletter.errors import FixConfiguration
from newsletter.settings.variables import PREFIX

if TYPE_CHECKING:
    from pathlib import Path

    from newsletter.settings import Settings


def secrets_of(settings: Settings, database_file: Path | None) -> tuple[str, ...]:
    """Return the secrets that links are signed with, the current one first.

    Without `NEWSLETTER_SECRET_KEY`, the embedded form keeps one of its own beside `database_file`, made at the first
    call and readable by its owner alone. Raises FixConfiguration where there is neither.
    """
    if settings.secret_key:
        return settings.secret_key
    if database_file is None:
        raise FixConfiguration(
            f"{PREFIX}SECRET_KEY is not set: every machine has to sign links with the same one. Make one with "
            f"`python3 -c 'import secrets; print(secrets.token_urlsafe(32))'` and keep it secret."
        )
    path = database_file.with_name(database_file.name + ".key")
    _make_once(path)
    return (path.read_text(encoding="ascii").strip(),)


def _make_once(path: Path) -> None:
    """Create the file with a new secret; where two processes try at once, the first one's stands, and whole."""
    if path.exists():
        return
    new = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(new, path)
    except FileExistsError:
        pass
    finally:
        new.unlink()
