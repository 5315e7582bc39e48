"""Editions cut by hand, small enough to read: three sections, one item that everybody gets, all slots."""

from __future__ import annotations

from newsletter.issues.model import Kind
from newsletter.personalization.links import Links
from newsletter.personalization.message import Envelope, Recipient
from newsletter.rendering.edition import Edition, EditionItem, Fragment, Slot
from subscribers.publication import Publication
from subscribers.tokens import Signer

SECRET = "a secret of the tests, long enough to be one"

_ALWAYS: frozenset[int] = frozenset()


def item(position: int, kind: Kind, *topics: str, must_read: bool = False) -> EditionItem:
    return EditionItem(
        position=position,
        kind=kind,
        title="" if kind is Kind.SUMMARY else f"Étude {position} : un essai inventé",
        topics=frozenset(topics),
        must_read=must_read,
    )


def edition(**changes: object) -> Edition:
    values: dict[str, object] = {
        "content_language": "fr",
        "language": "fr",
        "direction": "ltr",
        "subject": "La semaine de l\u2019imagerie\u00a0: du 9 au 15 mars 2026",
        "items": (
            item(0, Kind.SUMMARY),
            item(1, Kind.ARTICLES, "mri"),
            item(2, Kind.ARTICLES, "ct", "cardiac"),
            item(3, Kind.ARTICLES, "regulation", must_read=True),
            item(4, Kind.MEDIA),
            item(5, Kind.MEDIA, "mri"),
        ),
        "html": (
            Fragment(_ALWAYS, ("<!doctype html><html lang=fr><body><div>", Slot("preheader"), "</div>\n<p>")),
            Fragment(
                _ALWAYS, (Slot("greeting"), "</p><p>", Slot("count.articles"), ", ", Slot("count.media"), "</p>\n")
            ),
            Fragment(frozenset({0}), ("<p>Cette semaine, l\u2019essentiel.</p>",)),
            Fragment(frozenset({1, 2, 3}), ("<h2>Recherches</h2>",)),
            *(Fragment(frozenset({n}), (f"<p>Étude {n} = un « essai » inventé</p>" * 3,)) for n in (1, 2, 3)),
            Fragment(frozenset({4, 5}), ("<table><tbody>\n",)),
            *(Fragment(frozenset({n}), (f"<tr><td>Revue {n} \t\n</td></tr>",)) for n in (4, 5)),
            Fragment(frozenset({4, 5}), ("</tbody></table>",)),
            Fragment(
                _ALWAYS,
                ('<a href="', Slot("view_url"), '">voir</a> <a href="', Slot("preferences_url"), '">choisir</a>'),
            ),
            Fragment(_ALWAYS, (Slot("email"), ' <a href="', Slot("unsubscribe_url"), '">partir</a></body></html>')),
        ),
        "text": (
            Fragment(_ALWAYS, (Slot("greeting"), "\n\n", Slot("count.articles"), ", ", Slot("count.media"), "\n")),
            *(Fragment(frozenset({n}), (f"{n}. Étude — inventée\n",)) for n in range(6)),
            Fragment(_ALWAYS, ("\nVoir : ", Slot("view_url"), "\nChoisir : ", Slot("preferences_url"))),
            Fragment(_ALWAYS, ("\nPartir : ", Slot("unsubscribe_url"), "\n", Slot("email"))),
        ),
        "counts": {
            "articles": ("aucun article", "1 article", "2 articles", "3 articles"),
            "media": ("aucun écho", "1 écho", "2 échos"),
        },
        "greeting": "Bonjour,",
        "greeting_named": "Bonjour {name},",
    }
    return Edition(**{**values, **changes})  # type: ignore[arg-type]  # by name, as it takes them


def publication(**changes: object) -> Publication:
    values: dict[str, object] = {
        "id": 7,
        "slug": "imagerie",
        "name": "L\u2019imagerie en clair",
        "sender_name": "L\u2019imagerie en clair",
        "sender_email": "lettre@news.example.org",
        "languages": ("fr", "en"),
    }
    return Publication(**{**values, **changes})  # type: ignore[arg-type]  # by name, as it takes them


def envelope(*, public_url: str = "https://news.example.org", campaign_id: int = 12, **changes: object) -> Envelope:
    links = Links(public_url=public_url, signer=Signer(SECRET), list_id=7, campaign_id=campaign_id)
    return Envelope(publication=publication(**changes), links=links, campaign_ref=f"c{campaign_id}")


def recipient(**changes: object) -> Recipient:
    values: dict[str, object] = {"subscriber_id": 123456, "email": "claire@example.org", "name": "Zoë Lefèvre"}
    return Recipient(**{**values, **changes})  # type: ignore[arg-type]  # by name, as it takes them
