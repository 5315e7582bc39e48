"""The sample issue in English. Every study, company and person in it is fictional."""

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

TITLE = "Fictional imaging, the week"

HEADINGS = {
    Kind.SUMMARY: "EXECUTIVE SUMMARY",
    Kind.ARTICLES: "PEER-REVIEWED RESEARCH",
    Kind.ANNOUNCEMENTS: "INDUSTRY ANNOUNCEMENTS AND REGULATORY APPROVALS",
    Kind.MEDIA: "MEDIA HIGHLIGHTS",
    Kind.SOCIETIES: "NEWS FROM LEARNED SOCIETIES",
    Kind.LEADERS: "KEY OPINION LEADERS AND COMMUNITY VOICES",
}

ITEMS: tuple[Item, ...] = (
    Summary(
        body="The week of 28 February to 6 March 2026, invented from end to end, comes down to two studies: "
        "one reads knees, the other counts beats — 97.5% agreement between readers.\n\n"
        "The rest is a matter of patience, and of some *common sense*."
    ),
    Article(
        title="GENOU-7: a fictional network reads knee MRI in 40 seconds",
        journal="Imaginary Annals of Radiology",
        date="3 March 2026",
        authors="Dupin A, Maréchal B et al.",
        institution="Brumaire Hospital, France",
        body="On 1,204 examinations taken from a novel, GENOU-7 finds 96% of meniscal lesions.\n\n"
        "The code is described in [a fictional repository](https://example.org/genou-7).",
        doi="10.5555/fictif.2026.001",
        pmid="90000001",
    ),
    Article(
        title="Counting beats: cardiac CT and the inner clock",
        journal="Heart & Machine",
        date="5 March 2026",
        authors="Lenoir C et al.",
        institution="Institute of Long Time",
        body="An invented cohort of 350 people, followed for twelve months, differs by 2.1 ± 0.4 beats.",
        doi="10.5555/fictif.2026.002",
        indexing_pending=True,
    ),
    Announcement(
        title="A silent CT: two approvals for Pénombre",
        company="Ateliers Pénombre",
        badges=("FDA 510(k)", "CE mark"),
        body="Ateliers Pénombre, an imaginary company, announced a whispering scanner on 2 March 2026.",
        links=(Link("Ateliers Pénombre press release, 2 March 2026", None),),
    ),
    Announcement(
        title="Brume 3T comes to three paper hospitals",
        company="Brume Systems",
        badges=("Product launch",),
        body="The Brume 3T MRI weighs, its makers say, less than a grand piano.",
        links=(Link("Brume Systems — press release", "https://example.org/brume?piano=1&queue=2"),),
    ),
    MediaHighlight(
        title="Can one trust a machine that doubts?",
        outlet="The Pixel Gazette",
        body='The Gazette asks four fictional radiologists, who all answer: "that depends".',
        links=(Link("Read the article", None),),
    ),
    MediaHighlight(
        title="The heart in ten pictures",
        outlet="Pavement Radio",
        body="A programme of 20 minutes on cardiac imaging, without a single picture.",
        links=(Link("Read the article", "https://example.org/dix-images"),),
    ),
    SocietyNews(
        title="A guide to MRI for dreamers",
        organisation="Society of Slow Waves",
        body="The Society publishes a guide of 12 pages, read by its 31 imaginary members.",
        links=(Link("Society of Slow Waves", "https://example.org/guide"),),
    ),
    OpinionLeader(
        name="Prof Ada Quist",
        roles=("Head of department, Brumaire Hospital", "President of the Circle of Shadows"),
        occasion='Interview at the "Meeting of Greys" (Nantes, 4 March 2026)',
        quotation=Quotation("We do not need faster scanners. We need the time to look at what they show us.", "en"),
        links=(Link("Meeting of Greys — interview, 4 March 2026", None),),
    ),
    OpinionLeader(
        name="Dr Théo Marchand",
        roles=("Radiologist",),
        occasion="Guest column",
        quotation=Quotation("Une image n'est jamais seule : elle a une histoire, et c'est celle du patient.", "fr"),
        links=(Link("Théo Marchand's notebooks", "https://example.org/carnets"),),
    ),
)
