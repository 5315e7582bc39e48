"""The sample issue in French. Every study, company and person in it is fictional."""

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

TITLE = "Imagerie fictive, la semaine"

HEADINGS = {
    Kind.SUMMARY: "RÉSUMÉ EXÉCUTIF",
    Kind.ARTICLES: "RECHERCHES ÉVALUÉES PAR LES PAIRS",
    Kind.ANNOUNCEMENTS: "ANNONCES DU SECTEUR ET APPROBATIONS RÉGLEMENTAIRES",
    Kind.MEDIA: "POINTS SAILLANTS MÉDIATIQUES",
    Kind.SOCIETIES: "ACTUALITÉS DES SOCIÉTÉS SAVANTES",
    Kind.LEADERS: "LEADERS D'OPINION CLÉS ET VOIX DE LA COMMUNAUTÉ",
}

ITEMS: tuple[Item, ...] = (
    Summary(
        body="La semaine du 28 février au 6 mars 2026, inventée de bout en bout, tient en deux études : "
        "l'une lit les genoux, l'autre compte les battements — 97,5 % d'accord entre lecteurs.\n\n"
        "Le reste est affaire de patience, et d'un peu de *bon sens*."
    ),
    Article(
        title="GENOU-7 : un réseau fictif lit l'IRM du genou en 40 secondes",
        journal="Annales imaginaires de radiologie",
        date="3 mars 2026",
        authors="Dupin A, Maréchal B et al.",
        institution="Hôpital de Brumaire, France",
        body="Sur 1 204 examens tirés d'un roman, GENOU-7 retrouve 96 % des lésions méniscales.\n\n"
        "Le code est décrit dans [un dépôt fictif](https://example.org/genou-7).",
        doi="10.5555/fictif.2026.001",
        pmid="90000001",
    ),
    Article(
        title="Compter les battements : scanner cardiaque et horloge interne",
        journal="Cœur & Machine",
        date="5 mars 2026",
        authors="Lenoir C et al.",
        institution="Institut du Temps long",
        body="Une cohorte inventée de 350 personnes, suivie douze mois, montre un écart de 2,1 ± 0,4 battements.",
        doi="10.5555/fictif.2026.002",
        indexing_pending=True,
    ),
    Announcement(
        title="Scanner silencieux : double autorisation pour Pénombre",
        company="Ateliers Pénombre",
        badges=("FDA 510(k)", "Marquage CE"),
        body="Ateliers Pénombre, société imaginaire, annonce le 2 mars 2026 un scanner qui chuchote.",
        links=(Link("Communiqué d'Ateliers Pénombre, 2 mars 2026", None),),
    ),
    Announcement(
        title="Brume 3T arrive dans trois hôpitaux de papier",
        company="Brume Systèmes",
        badges=("Lancement produit",),
        body="L'appareil d'IRM Brume 3T pèse, selon ses auteurs, moins qu'un piano à queue.",
        links=(Link("Brume Systèmes — communiqué", "https://example.org/brume?piano=1&queue=2"),),
    ),
    MediaHighlight(
        title="Peut-on faire confiance à une machine qui doute ?",
        outlet="La Gazette du Pixel",
        body="La Gazette interroge quatre radiologues de fiction, qui répondent tous : « cela dépend ».",
        links=(Link("Lire l'article", None),),
    ),
    MediaHighlight(
        title="Le cœur en dix images",
        outlet="Radio Trottoir",
        body="Une émission de 20 minutes sur l'imagerie cardiaque, sans une seule image.",
        links=(Link("Lire l'article", "https://example.org/dix-images"),),
    ),
    SocietyNews(
        title="Un guide de l'IRM à l'usage des rêveurs",
        organisation="Société des Ondes lentes",
        body="La Société publie un guide de 12 pages, relu par ses 31 membres imaginaires.",
        links=(Link("Société des Ondes lentes", "https://example.org/guide"),),
    ),
    OpinionLeader(
        name="Pr Ada Quist",
        roles=("Cheffe de service, Hôpital de Brumaire", "Présidente du Cercle des Ombres"),
        occasion='Entretien donné aux "Rencontres du Gris" (Nantes, 4 mars 2026)',
        quotation=Quotation("We do not need faster scanners. We need the time to look at what they show us.", "en"),
        links=(Link("Rencontres du Gris — entretien, 4 mars 2026", None),),
    ),
    OpinionLeader(
        name="Dr Théo Marchand",
        roles=("Radiologue",),
        occasion="Carte blanche",
        quotation=Quotation("Une image n'est jamais seule : elle a une histoire, et c'est celle du patient.", "fr"),
        links=(Link("Carnets de Théo Marchand", "https://example.org/carnets"),),
    ),
)
