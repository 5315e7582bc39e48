"""Whom an issue is for, by how often they want mail: a digest is for those who chose it, any other for the rest.

Where a list does not offer the digest (any more), every issue is for everybody: who had chosen it keeps it and gets
mail all the same. docs/decisions/monthly-digest.md says why the two have different books.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.issues.queries import is_digest
from subscribers.lists import ListStore
from subscribers.preferences import Digest

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from subscribers.publication import Publication

_EVERYBODY = frozenset(Digest)
_MONTHLY = frozenset({Digest.MONTHLY})


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Whom an issue goes to, and who is in its books."""

    gets: frozenset[Digest]
    in_books: frozenset[Digest]
    """Beside those who get it, those of whom it is told why not."""


def decide(*, is_digest: bool, offered: bool) -> Rhythm:
    """Return the rhythm of an issue of a list that offers the digest, or does not. Pure.

    The readers of every issue are not in the books of a digest: it is no mail that they miss.
    """
    if is_digest:
        return Rhythm(_MONTHLY, _MONTHLY) if offered else Rhythm(frozenset(), frozenset())
    return Rhythm(_EVERYBODY - _MONTHLY if offered else _EVERYBODY, _EVERYBODY)


def rhythm(session: Session, list_id: int, issue_id: int) -> Rhythm:
    """Return the rhythm of an issue that goes to that list now."""
    offered = ListStore(session).by_id(list_id).policies.digest_offered
    return decide(is_digest=is_digest(session, issue_id), offered=offered)


def nobody_text(publication: Publication, *, is_digest: bool) -> str:
    """Say why an issue goes to nobody, and what to do."""
    slug = publication.slug
    if not is_digest:
        return (
            f"Nobody on the list {slug} may get mail: bring people to it with `newsletter subscribers import FILE "
            f"--list {slug}`, then send."
        )
    if not publication.policies.digest_offered:
        return (
            f"The list {slug} does not offer a monthly digest, so it goes to nobody: `newsletter list edit {slug} "
            f"--digest` offers it."
        )
    return f"Nobody on the list {slug} gets its monthly digest: nobody who may get mail has chosen it."
