"""Reading snippets of the layout, without the rest of an issue around them."""

from __future__ import annotations

from newsletter.issues.document import Parsed, parse_document
from newsletter.issues.model import Item, Kind

WEEK = "La semaine du 28 février au 6 mars 2026 est inventée."
HEADINGS = {
    Kind.SUMMARY: "0. RÉSUMÉ EXÉCUTIF",
    Kind.ARTICLES: "1. RECHERCHES ÉVALUÉES PAR LES PAIRS",
    Kind.ANNOUNCEMENTS: "2. ANNONCES DU SECTEUR ET APPROBATIONS RÉGLEMENTAIRES",
    Kind.MEDIA: "3. POINTS SAILLANTS MÉDIATIQUES",
    Kind.SOCIETIES: "4. ACTUALITÉS DES SOCIÉTÉS SAVANTES",
    Kind.LEADERS: "5. LEADERS D'OPINION CLÉS ET VOIX DE LA COMMUNAUTÉ",
}


def parse(text: str, name: str = "issue.fr.txt") -> Parsed:
    return parse_document(f"{WEEK}\n\n{text}".encode(), name=name)


def items(kind: Kind, text: str, glued: str = "") -> tuple[Item, ...]:
    return parse(f"{HEADINGS[kind]}{glued}\n\n{text}").document.sections[0].items


def codes(kind: Kind, text: str) -> list[str]:
    return [finding.code for finding in parse(f"{HEADINGS[kind]}\n\n{text}").warnings]
