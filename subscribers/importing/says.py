"""What a file says of where somebody stands, in the words of many tools. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from subscribers.errors import Refused
from subscribers.importing.fields import plain
from subscribers.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping


class Says(StrEnum):
    """What a row can say. In the order of what wins where several cells of it say something."""

    COMPLAINED = "complained"
    """They called a mail spam."""
    BLOCKED = "blocked"
    """Somebody there decided that they get no mail."""
    BOUNCED = "bounced"
    """Their address does not exist, or takes no mail for good."""
    UNSUBSCRIBED = "unsubscribed"
    PENDING = "pending"
    """They asked, and have not confirmed."""
    ACTIVE = "active"


_WORDS: Mapping[Says, str] = {
    Says.ACTIVE: (
        "active, subscribed, subscriber, confirmed, enabled, regular, opted in, "
        "actif, active, abonné, abonnée, inscrit, inscrite, confirmé, confirmée, aktiv, angemeldet, abonniert, "
        "bestätigt, attivo, iscritto, activo, suscrito, ativo, inscrito, actief, ingeschreven"
    ),
    Says.UNSUBSCRIBED: (
        "unsubscribed, opted out, opt-out, removed by user, disabled, inactive, "
        "désabonné, désabonnée, désinscrit, désinscrite, inactif, abgemeldet, inaktiv, disiscritto, annullato, "
        "dado de baja, baja, cancelado, uitgeschreven"
    ),
    Says.BOUNCED: (
        "bounced, bounce, hard bounce, hard bounced, cleaned, undeliverable, invalid, "
        "rebond, en erreur, unzustellbar, rimbalzato, rebotado"
    ),
    Says.COMPLAINED: "complained, complaint, spam, marked as spam, spam complaint, abuse, plainte, beschwerde",
    Says.PENDING: (
        "pending, unconfirmed, unactivated, not confirmed, awaiting confirmation, "
        "en attente, non confirmé, non confirmée, ausstehend, unbestätigt, in attesa, pendiente, pendente"
    ),
    Says.BLOCKED: "blocked, blocklisted, blacklisted, blacklist, suppressed, banned, bloqué, bloquée, gesperrt",
}
WORDS: Mapping[str, Says] = {plain(word): says for says, words in _WORDS.items() for word in words.split(", ")}
"""By the plain word."""

_ORDER = {says: place for place, says in enumerate(Says)}


def understood(cell: str, words: Mapping[str, Says]) -> Says | None:
    """Return what a status cell says; None where it says nothing. Raises Refused for a word that is not known."""
    word = plain(cell)
    if not word:
        return words.get("")
    says = words.get(word) or WORDS.get(word)
    if says is None:
        known = ", ".join(reversed(Says))
        raise Refused(Sentence("“{word}” is no status that is known: write {known}.", word=cell.strip(), known=known))
    return says


def strongest(*said: Says | None) -> Says | None:
    """Return what wins: whoever left in one column and is active in another has left."""
    return min((each for each in said if each is not None), key=_ORDER.__getitem__, default=None)
