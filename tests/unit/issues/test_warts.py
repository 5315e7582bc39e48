"""What converters do to items, wart by wart, on studies that do not exist."""

from __future__ import annotations

import pytest

from newsletter.issues.model import Announcement, Article, Kind, Link, MediaHighlight
from tests.unit.issues.reading import codes, items


def test_a_title_glued_in_bold_behind_a_badge() -> None:
    (item,) = items(Kind.ANNOUNCEMENTS, "ANNONCE 1 · Société B [Marquage CE + FDA]**Un titre**\n\nUn texte.")
    assert item == Announcement(title="Un titre", body="Un texte.", company="Société B", badges=("Marquage CE", "FDA"))


def test_badges_that_follow_on_a_line_of_their_own() -> None:
    (item,) = items(Kind.ANNOUNCEMENTS, "ANNONCE 1 · Société B\n[FDA 510(k)] [Marquage CE]\n\nUn titre\n\nUn texte.")
    assert isinstance(item, Announcement)
    assert (item.company, item.badges, item.title) == ("Société B", ("FDA 510(k)", "Marquage CE"), "Un titre")


def test_a_label_that_is_broken_within_its_badge_or_its_bold_title() -> None:
    text = "ANNONCE 1 · Société B [FDA\n510(k)]**Un\ntitre**\n\nUn texte."
    (item,) = items(Kind.ANNOUNCEMENTS, text)
    assert item == Announcement(title="Un titre", body="Un texte.", company="Société B", badges=("FDA 510(k)",))


def test_outlet_and_title_glued_to_the_heading_and_a_row_that_goes_on() -> None:
    rows = (
        "Le texte s'arrête au milieu de la phrase,\n\n"
        "\t<p>puis il continue.</p> <p>Lire l'article</p>\n"
        "Journal D\t<p>Deuxième titre</p> <p>A &lt; B &amp; C&nbsp;: vrai.</p> <p>[Lire l'article](https://example.org/d)</p>"
    )
    one, two = items(Kind.MEDIA, rows, glued="**Journal C****Premier titre**")
    assert one == MediaHighlight(
        title="Premier titre",
        body="Le texte s'arrête au milieu de la phrase, puis il continue.",
        links=(Link("Lire l'article", None),),
        outlet="Journal C",
    )
    assert two == MediaHighlight(
        title="Deuxième titre",
        body="A \\< B & C : vrai.",
        links=(Link("Lire l'article", "https://example.org/d"),),
        outlet="Journal D",
    )


@pytest.mark.parametrize(
    "row",
    [
        "Journal D\t<p>Titre</p> <p>Texte coupé\npar le convertisseur.</p>",
        "Journal D   <p>Titre</p><p>Texte coupé par le convertisseur.</p>",
        '**Journal D**\t<p class="x">**Titre**</p>\t<p>Texte coupé par le convertisseur.</p>',
        "**Journal D****Titre**\n\nTexte coupé par\nle convertisseur.",
        "**Journal D**\n\n**Titre**\n\nTexte coupé par le convertisseur.",
        "MÉDIA 1 · Journal D\n\nTitre\n\nTexte coupé par le convertisseur.",
        "Journal D\t<p>Titre</p>\n\n\t<p>Texte coupé par</p>\n\t<p>le convertisseur.</p>",
    ],
)
def test_rows_in_the_shapes_they_come_in(row: str) -> None:
    (item,) = items(Kind.MEDIA, row)
    assert isinstance(item, MediaHighlight)
    assert (item.outlet, item.title, item.body) == ("Journal D", "Titre", "Texte coupé par le convertisseur.")


def test_html_in_a_cell_becomes_markdown() -> None:
    cells = '<p>Titre <b>gras</b></p> <p>Un <em>mot</em>, CO<sub>2</sub>, <a href="https://example.org/a?b=1&amp;c=2">là</a>.</p>'
    (item,) = items(Kind.MEDIA, f"Journal\t{cells}")
    assert (item.title, item.body) == ("Titre gras", "Un *mot*, CO₂, [là](https://example.org/a?b=1&c=2).")


def test_a_missing_address_is_kept_as_a_label_and_flagged() -> None:
    text = "ANNONCE 1 · B\n\nTitre\n\nTexte, [ici](#).\n\nSource officielle : [Communiqué, 2 mars 2026](#)"
    (item,) = items(Kind.ANNOUNCEMENTS, text)
    assert item.links == (Link("Communiqué, 2 mars 2026", None),)
    assert sorted(codes(Kind.ANNOUNCEMENTS, text)) == ["missing-address", "missing-address"]


@pytest.mark.parametrize(
    ("source", "links"),
    [
        ("[A](https://a.example) ; [B](https://b.example)", ("https://a.example", "https://b.example")),
        ("<https://a.example/x>", ("https://a.example/x",)),
        ("https://a.example/x.", ("https://a.example/x",)),
        ("[A](https://a.example/(x)), 2 mars", ("https://a.example/(x)", None)),
        ('<a href="https://a.example/?x=1&amp;y=2">A</a>', ("https://a.example/?x=1&y=2",)),
        ("Communiqué papier", (None,)),
        ("[A [1]](mailto:a@example.org)", ("mailto:a@example.org",)),
    ],
)
def test_source_lines_in_the_shapes_they_come_in(source: str, links: tuple[str | None, ...]) -> None:
    (item,) = items(Kind.SOCIETIES, f"ACTUALITÉ 1 · S\n\nTitre\n\nTexte.\nSource : {source}")
    assert tuple(link.url for link in item.links) == links
    assert item.body == "Texte."


@pytest.mark.parametrize(
    ("line", "doi", "pmid", "pending"),
    [
        (
            "DOI : <https://doi.org/10.5555/ab.1> PMID : [42](https://pubmed.ncbi.nlm.nih.gov/42/)",
            "10.5555/ab.1",
            "42",
            False,
        ),
        ("PMID : 42\nDOI : 10.5555/ab.1", "10.5555/ab.1", "42", False),
        (
            "DOI: [10.5555/ab.1](https://doi.org/10.5555%2Fab.1) | PMID: [PubMed](https://pubmed.example/42)",
            "10.5555/ab.1",
            "42",
            False,
        ),
        ("DOI : 10.5555/ab.1 PMID : [En attente d'indexation](#)", "10.5555/ab.1", None, True),
        ("**DOI :** 10.5555/ab.1\n**PMID :** à venir", "10.5555/ab.1", None, True),
        ("DOI : 10.5555/ab.1 PMID : [Bientôt](#)", "10.5555/ab.1", None, True),
        ("DOI : 10.5555/(ab)1", "10.5555/(ab)1", None, False),
    ],
)
def test_identifiers_in_the_shapes_they_come_in(line: str, doi: str, pmid: str | None, *, pending: bool) -> None:
    (item,) = items(Kind.ARTICLES, f"ARTICLE 1 · Annales · 3 mars 2026\n\nTitre\n\nA B — Institut\n\nTexte.\n\n{line}")
    assert isinstance(item, Article)
    assert (item.doi, item.pmid, item.indexing_pending, item.links) == (doi, pmid, pending, ())


def test_words_beside_an_identifier_are_kept() -> None:
    above = "ARTICLE 1 · Annales · 3 mars 2026\n\nTitre\n\nA — I\n\nTexte."
    (item,) = items(Kind.ARTICLES, f"{above}\n\nDOI : 10.5555/a (prépublication)\nPMID : inconnu")
    assert [link.label for link in item.links] == ["(prépublication)", "PMID: inconnu"]


def test_a_sentence_broken_over_two_lines_or_by_an_empty_one() -> None:
    above = "ARTICLE 1 · Annales · 3 mars 2026\n\nUn titre sur\ndeux lignes\n\nA B et al. — Institut"
    text = f"{above}\n\nUne phrase\ncoupée en\n\ndeux. Fin."
    (item,) = items(Kind.ARTICLES, text)
    assert (item.title, item.body) == ("Un titre sur deux lignes", "Une phrase coupée en deux. Fin.")
    assert "joined" in codes(Kind.ARTICLES, text)


def test_an_item_without_empty_lines() -> None:
    (item,) = items(
        Kind.ARTICLES, "ARTICLE 1 · Annales · 3 mars 2026\nUn titre\nA B — Institut\nUn texte.\nDOI : 10.5555/a"
    )
    assert isinstance(item, Article)
    assert (item.title, item.authors, item.institution, item.body) == ("Un titre", "A B", "Institut", "Un texte.")


@pytest.mark.parametrize(
    ("byline", "authors", "institution"),
    [
        ("A B, C D et al. — Institut — Pays", "A B, C D et al.", "Institut — Pays"),
        ("A B, C D et al.", "A B, C D et al.", ""),
        ("— Institut", "", "Institut"),
        ("Dupin A., Maréchal B. – Institut", "Dupin A., Maréchal B.", "Institut"),
    ],
)
def test_bylines_in_the_shapes_they_come_in(byline: str, authors: str, institution: str) -> None:
    (item,) = items(
        Kind.ARTICLES, f"ARTICLE 1 · Annales · 3 mars 2026\n\nTitre\n\n{byline}\n\nTexte — avec un tiret — long."
    )
    assert isinstance(item, Article)
    assert (item.authors, item.institution, item.body) == (authors, institution, "Texte — avec un tiret — long.")


def test_a_body_with_a_dash_is_no_byline() -> None:
    (item,) = items(
        Kind.ARTICLES, "ARTICLE 1 · Annales · 3 mars 2026\n\nTitre\n\nUne phrase — avec un tiret.\n\nUne autre."
    )
    assert isinstance(item, Article)
    assert (item.authors, item.body) == ("", "Une phrase — avec un tiret.\n\nUne autre.")


@pytest.mark.parametrize(
    ("label", "journal", "date"),
    [
        ("ARTICLE 1 · Annales · 3 mars 2026", "Annales", "3 mars 2026"),
        ("Article n° 1 • Annales (Éditeur) • mars 2026", "Annales (Éditeur)", "mars 2026"),
        ("ARTICLE 1 — Annales A·B — 3 mars 2026", "Annales A·B", "3 mars 2026"),
        ("ARTICLE 1 · **Annales** · 2026", "Annales", "2026"),
        ("ARTICLE 1 · 3 mars 2026", "", "3 mars 2026"),
        ("ARTICLE 1 · Annales", "Annales", ""),
        ("ARTICLE 1", "", ""),
    ],
)
def test_labels_in_the_shapes_they_come_in(label: str, journal: str, date: str) -> None:
    (item,) = items(Kind.ARTICLES, f"{label}\n\nTitre\n\nA — I\n\nTexte.")
    assert isinstance(item, Article)
    assert (item.journal, item.date, item.title) == (journal, date, "Titre")
