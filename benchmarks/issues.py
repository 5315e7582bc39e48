"""An issue for the benchmarks: a file in the editors' layout, read and compiled as `newsletter issue add` would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.issues.document import parse_document
from newsletter.issues.model import Issue
from newsletter.rendering.edition import Edition, compile_edition
from newsletter.resources import folder
from subscribers.publication import Publication

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT = folder("examples") / "2026-03-13.fr.txt"


def read(path: Path) -> tuple[Issue, str]:
    """Return the issue in `path` and its language."""
    parsed = parse_document(path.read_bytes(), name=path.name)
    language = parsed.document.language
    return Issue(date=parsed.date, documents={language: parsed.document}), language


def publication(language: str) -> Publication:
    """Return a list that this issue could go out to."""
    return Publication(
        id=7,
        slug="imaging",
        name="L’imagerie en clair",
        sender_name="L’imagerie en clair",
        sender_email="letter@news.example.org",
        languages=(language,),
        postal_address="L’imagerie en clair\n1 rue Imaginaire\n00000 Nulle-Part",
    )


def compiled(path: Path) -> Edition:
    """Return the whole edition of the issue in `path`, for readers of its own language."""
    issue, language = read(path)
    return compile_edition(issue, publication(language), content_language=language, language=language)
