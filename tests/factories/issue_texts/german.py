"""The sample issue in German. Every study, company and person in it is fictional."""

from __future__ import annotations

from newsletter.issues.model import (
    Announcement,
    Article,
    Item,
    Kind,
    Link,
    MediaHighlight,
    OpinionLeader,
    Quotation,
    SocietyNews,
    Summary,
)

TITLE = "Erfundene Bildgebung, die Woche"

HEADINGS = {
    Kind.SUMMARY: "ZUSAMMENFASSUNG",
    Kind.ARTICLES: "BEGUTACHTETE FORSCHUNG",
    Kind.ANNOUNCEMENTS: "BRANCHENMELDUNGEN UND ZULASSUNGEN",
    Kind.MEDIA: "AUS DEN MEDIEN",
    Kind.SOCIETIES: "NEUES AUS DEN FACHGESELLSCHAFTEN",
    Kind.LEADERS: "MEINUNGSBILDENDE STIMMEN",
}

ITEMS: tuple[Item, ...] = (
    Summary(
        body="Die Woche vom 28. Februar bis 6. März 2026, von vorn bis hinten erfunden, besteht aus zwei Studien: "
        "Die eine liest Knie, die andere zählt Schläge — 97,5 % Übereinstimmung der Befunder.\n\n"
        "Der Rest ist Geduld, und ein wenig *gesunder Menschenverstand*."
    ),
    Article(
        title="GENOU-7: Ein erfundenes Netz liest die MRT des Knies in 40 Sekunden",
        journal="Imaginäre Annalen der Radiologie",
        date="3. März 2026",
        authors="Dupin A, Maréchal B et al.",
        institution="Krankenhaus Brumaire, Frankreich",
        body="Von 1.204 Untersuchungen aus einem Roman erkennt GENOU-7 96 % der Meniskusschäden.\n\n"
        "Der Code liegt in [einem erfundenen Archiv](https://example.org/genou-7).",
        doi="10.5555/fictif.2026.001",
        pmid="90000001",
    ),
    Article(
        title="Schläge zählen: Herz-CT und innere Uhr",
        journal="Herz & Maschine",
        date="5. März 2026",
        authors="Lenoir C et al.",
        institution="Institut der langen Zeit",
        body="Eine erfundene Kohorte von 350 Personen zeigt nach zwölf Monaten 2,1 ± 0,4 Schläge Unterschied.",
        doi="10.5555/fictif.2026.002",
        indexing_pending=True,
    ),
    Announcement(
        title="Leises CT: zwei Zulassungen für Pénombre",
        company="Ateliers Pénombre",
        badges=("FDA 510(k)", "CE-Kennzeichnung"),
        body="Ateliers Pénombre, eine erfundene Firma, meldet am 2. März 2026 ein flüsterndes CT.",
        links=(Link("Mitteilung von Ateliers Pénombre, 2. März 2026", None),),
    ),
    Announcement(
        title="Brume 3T kommt in drei Krankenhäuser aus Papier",
        company="Brume Systeme",
        badges=("Produkteinführung",),
        body="Das MRT-Gerät Brume 3T wiegt, sagen die Hersteller, weniger als ein Flügel.",
        links=(Link("Brume Systeme — Mitteilung", "https://example.org/brume?piano=1&queue=2"),),
    ),
    MediaHighlight(
        title="Darf man einer Maschine trauen, die zweifelt?",
        outlet="Die Pixelzeitung",
        body="Die Pixelzeitung fragt vier erfundene Radiologen; alle antworten: „Es kommt darauf an.“",
        links=(Link("Artikel lesen", None),),
    ),
    MediaHighlight(
        title="Das Herz in zehn Bildern",
        outlet="Radio Gehsteig",
        body="Eine Sendung von 20 Minuten über die Bildgebung des Herzens, ganz ohne Bild.",
        links=(Link("Artikel lesen", "https://example.org/dix-images"),),
    ),
    SocietyNews(
        title="Ein Leitfaden der MRT für Träumende",
        organisation="Gesellschaft der langsamen Wellen",
        body="Die Gesellschaft veröffentlicht 12 Seiten, gelesen von ihren 31 erfundenen Mitgliedern.",
        links=(Link("Gesellschaft der langsamen Wellen", "https://example.org/guide"),),
    ),
    OpinionLeader(
        name="Prof. Ada Quist",
        roles=("Chefärztin, Krankenhaus Brumaire", "Präsidentin des Kreises der Schatten"),
        occasion='Gespräch bei den "Tagen in Grau" (Nantes, 4. März 2026)',
        quotation=Quotation("We do not need faster scanners. We need the time to look at what they show us.", "en"),
        links=(Link("Tage in Grau — Gespräch, 4. März 2026", None),),
    ),
    OpinionLeader(
        name="Dr. Théo Marchand",
        roles=("Radiologe",),
        occasion="Gastbeitrag",
        quotation=Quotation("Une image n'est jamais seule : elle a une histoire, et c'est celle du patient.", "fr"),
        links=(Link("Notizbücher von Théo Marchand", "https://example.org/carnets"),),
    ),
)
