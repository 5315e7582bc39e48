"""The words of the layout in each language that can be read. A language is added here and nowhere else.

Names of months are Babel's. What is compared is compared without case and accents, and with any kind of apostrophe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.issues.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language's words."""

    headings: Mapping[Kind, tuple[str, ...]]
    """Headings of the sections, without their number; the usual wording first."""
    hints: Mapping[Kind, tuple[str, ...]]
    """Beginnings of words that tell the kind of a section whose heading is worded otherwise."""
    labels: Mapping[Kind, tuple[str, ...]]
    """What stands before an item's number."""
    sources: tuple[str, ...]
    """What stands before the colon of a source line."""
    pending: tuple[str, ...]
    """Beginnings of words that say a PMID is not there yet."""
    read_more: tuple[str, ...]
    """A media item's link, whole."""
    week: tuple[str, ...]
    """What an issue's period is announced by."""
    until: tuple[str, ...]
    """What stands between the two days of a period, besides a dash."""
    frequent: str
    """Very frequent words, by which a quotation's language is told; best those the other languages do not have."""


WORDS: Mapping[str, Words] = {
    "fr": Words(
        headings={
            Kind.SUMMARY: ("Résumé exécutif", "Résumé", "Synthèse", "Sommaire exécutif"),
            Kind.ARTICLES: ("Recherches évaluées par les pairs", "Recherche évaluée par les pairs", "Articles"),
            Kind.ANNOUNCEMENTS: ("Annonces du secteur et approbations réglementaires", "Annonces du secteur"),
            Kind.MEDIA: ("Points saillants médiatiques", "Revue de presse", "Dans les médias"),
            Kind.SOCIETIES: ("Actualités des sociétés savantes", "Sociétés savantes"),
            Kind.LEADERS: ("Leaders d'opinion clés et voix de la communauté", "Leaders d'opinion"),
        },
        hints={
            Kind.SUMMARY: ("résumé", "synthèse", "exécutif"),
            Kind.ARTICLES: ("recherche", "pairs", "publication", "étude", "scientifique"),
            Kind.ANNOUNCEMENTS: ("annonce", "réglementaire", "approbation", "autorisation", "secteur", "industrie"),
            Kind.MEDIA: ("médi", "presse"),
            Kind.SOCIETIES: ("société", "savante", "congrès"),
            Kind.LEADERS: ("leader", "opinion", "voix", "communauté"),
        },
        labels={
            Kind.ARTICLES: ("Article",),
            Kind.ANNOUNCEMENTS: ("Annonce",),
            Kind.MEDIA: ("Média",),
            Kind.SOCIETIES: ("Actualité",),
            Kind.LEADERS: ("Leader d'opinion", "Leader"),
        },
        sources=("Source officielle", "Sources officielles", "Source", "Sources"),
        pending=("attente", "à venir", "en cours", "pas encore", "non encore"),
        read_more=("Lire l'article", "Lire la suite", "Lire l'article complet", "En savoir plus"),
        week=("semaine", "période"),
        until=("au", "à"),
        frequent="le les des une est et ne pas nous vous dans pour qui que avec sur ce cette ses aux du sont l d c n s",
    ),
    "en": Words(
        headings={
            Kind.SUMMARY: ("Executive summary", "Summary"),
            Kind.ARTICLES: ("Peer-reviewed research", "Peer-reviewed studies", "Peer-reviewed articles", "Articles"),
            Kind.ANNOUNCEMENTS: (
                "Industry announcements and regulatory approvals",
                "Sector announcements and regulatory approvals",
                "Industry announcements",
            ),
            Kind.MEDIA: ("Media highlights", "Media coverage", "In the media"),
            Kind.SOCIETIES: (
                "News from learned societies",
                "Learned society news",
                "Learned societies news",
                "News from scientific societies",
                "Society news",
            ),
            Kind.LEADERS: ("Key opinion leaders and community voices", "Key opinion leaders", "Opinion leaders"),
        },
        hints={
            Kind.SUMMARY: ("summary", "executive"),
            Kind.ARTICLES: ("research", "peer", "stud", "publication", "scientific"),
            Kind.ANNOUNCEMENTS: ("announcement", "regulat", "approval", "clearance", "industry", "sector"),
            Kind.MEDIA: ("media", "press"),
            Kind.SOCIETIES: ("societ", "learned", "congress"),
            Kind.LEADERS: ("leader", "opinion", "voice", "communit"),
        },
        labels={
            Kind.ARTICLES: ("Article",),
            Kind.ANNOUNCEMENTS: ("Announcement",),
            Kind.MEDIA: ("Media highlight", "Media"),
            Kind.SOCIETIES: ("News", "Society news", "Society update", "Update"),
            Kind.LEADERS: ("Opinion leader", "Key opinion leader", "Leader"),
        },
        sources=("Official source", "Official sources", "Source", "Sources"),
        pending=("pending", "await", "not yet", "in progress", "forthcoming"),
        read_more=("Read the article", "Read article", "Read more", "Read the full article"),
        week=("week", "period"),
        until=("to", "through", "until", "till"),
        frequent="the of and is are was not we you to in that it this which with for they have will be by from has",
    ),
    "de": Words(
        headings={
            Kind.SUMMARY: ("Zusammenfassung", "Überblick", "Kurzfassung"),
            Kind.ARTICLES: ("Begutachtete Forschung", "Begutachtete Studien", "Artikel"),
            Kind.ANNOUNCEMENTS: ("Branchenmeldungen und Zulassungen", "Branchenmeldungen"),
            Kind.MEDIA: ("Aus den Medien", "Medienschau", "Pressespiegel"),
            Kind.SOCIETIES: (
                "Neues aus den Fachgesellschaften",
                "Neuigkeiten aus den Fachgesellschaften",
                "Fachgesellschaften",
            ),
            Kind.LEADERS: ("Meinungsbildende Stimmen", "Meinungsführer und Stimmen der Gemeinschaft", "Meinungsführer"),
        },
        hints={
            Kind.SUMMARY: ("zusammenfassung", "überblick", "kurzfassung"),
            Kind.ARTICLES: ("forschung", "begutachtet", "studie", "wissenschaft"),
            Kind.ANNOUNCEMENTS: ("branche", "zulassung", "meldung", "ankündigung", "regulator", "industrie"),
            Kind.MEDIA: ("medien", "presse"),
            Kind.SOCIETIES: ("fachgesellschaft", "gesellschaft", "kongress"),
            Kind.LEADERS: ("meinung", "stimme", "gemeinschaft"),
        },
        labels={
            Kind.ARTICLES: ("Artikel",),
            Kind.ANNOUNCEMENTS: ("Meldung", "Ankündigung"),
            Kind.MEDIA: ("Medien", "Medienbericht"),
            Kind.SOCIETIES: ("Nachricht", "Neuigkeit", "Neues"),
            Kind.LEADERS: ("Stimme", "Meinungsführer", "Meinungsführerin"),
        },
        sources=("Offizielle Quelle", "Offizielle Quellen", "Quelle", "Quellen"),
        pending=("ausstehend", "ausständig", "steht aus", "steht noch aus", "noch nicht", "in bearbeitung"),
        read_more=("Artikel lesen", "Zum Artikel", "Weiterlesen", "Mehr lesen"),
        week=("Woche", "Zeitraum", "KW"),
        until=("bis", "bis zum"),
        frequent="der die das und ist nicht wir sie ein eine den dem des mit von zu auf für sich auch wird bei sind",
    ),
}
