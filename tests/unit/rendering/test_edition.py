"""The edition as the next stages get it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from newsletter.errors import Refused
from newsletter.issues.document import parse_document
from newsletter.issues.model import Issue, Kind
from newsletter.rendering.edition import COUNT_SLOT_PREFIX, PREHEADER_SLOT, RECIPIENT_SLOTS, Slot, compile_edition
from newsletter.rendering.size import LARGEST, html_size, size_warning
from tests.factories.issues import sample_document, sample_issue
from tests.real_issue import real_issue
from tests.unit.rendering.samples import ISSUE, PUBLICATION, edition, html, text


def test_what_choosing_needs_to_know() -> None:
    items = edition().items
    assert [item.position for item in items] == list(range(10))
    assert [item.kind for item in items] == [kind for _, kind, _ in sample_document().items()]
    assert [set(item.topics) for item in items] == [set(item.topics) for _, _, item in sample_document().items()]
    assert [item.position for item in items if item.must_read] == [5]
    assert items[8].title


def test_slots_are_all_there_and_no_others() -> None:
    for fragments in (edition().html, edition().text):
        slots = {part.name for fragment in fragments for part in fragment.parts if isinstance(part, Slot)}
        counts = {f"{COUNT_SLOT_PREFIX}{kind}" for kind in edition().counts if kind != Kind.SUMMARY}
        assert slots - {PREHEADER_SLOT} == {*RECIPIENT_SLOTS} | counts
    assert Slot(PREHEADER_SLOT) in {part for fragment in edition().html for part in fragment.parts}


def test_a_section_s_frame_is_for_all_its_items_and_an_item_for_itself() -> None:
    found = [fragment.items for fragment in edition().html]
    assert all(frozenset({position}) in found for position in range(10))
    assert found.count(frozenset({1, 2})) >= 2
    assert found[0] == found[-1] == frozenset()


def test_labels_and_greetings_are_the_reader_s() -> None:
    french, arabic = edition("fr", "fr"), edition("fr", "ar")
    assert french.counts["articles"] == ("0 article", "1 article", "2 articles")
    assert arabic.counts["articles"][2] == "مقالان"
    assert (french.greeting, french.greeting_named) == ("Bonjour,", "Bonjour {name},")
    assert arabic.greeting_named.count("{name}") == 1
    assert (french.direction, arabic.direction) == ("ltr", "rtl")


def test_the_subject_is_the_issue_s_title_or_list_and_period() -> None:
    assert edition().subject == sample_document().title
    untitled = Issue(date=ISSUE.date, documents={"fr": replace(sample_document(), title="")})
    subject = compile_edition(untitled, PUBLICATION, content_language="fr", language="en").subject
    assert subject == "Imagerie & IA · February 28\u2009–\u2009March 6, 2026"


def test_missing_languages_are_refused_in_words() -> None:
    with pytest.raises(Refused, match="has no text in 'de': it has fr, en"):
        compile_edition(sample_issue("fr", "en"), PUBLICATION, content_language="de", language="fr")
    with pytest.raises(Refused, match="no labels in 'xx'"):
        compile_edition(ISSUE, PUBLICATION, content_language="fr", language="xx")


def test_compiling_twice_gives_the_same() -> None:
    again = compile_edition(ISSUE, PUBLICATION, content_language="fr", language="fr")
    assert again == edition()


def test_values_are_imported_without_the_compilers() -> None:
    heavy = "{'jinja2', 'mjml', 'premailer', 'babel', 'markdown_it'}"
    script = f"import sys, newsletter.rendering.edition as e; print(e.Slot and sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_large_mail_is_warned_of() -> None:
    document = sample_document()
    long = replace(document.sections[1].items[0], body="mot " * 25_000)
    sections = (document.sections[0], replace(document.sections[1], items=(long,)))
    issue = Issue(date=ISSUE.date, documents={"fr": replace(document, sections=sections)})
    large = compile_edition(issue, PUBLICATION, content_language="fr", language="fr")
    assert "Gmail" in (size_warning(html_size(large)) or "")
    assert size_warning(html_size(edition())) is None
    assert abs(html_size(edition()) - len(html(edition()).encode())) < 3000


@pytest.mark.parametrize("language", ["fr", "en", "de", "ar"])
def test_the_real_issue(language: str) -> None:
    path = real_issue()
    document = parse_document(path.read_bytes(), name=path.name).document
    issue = Issue(date=document.period.end, documents={"fr": document})
    real = compile_edition(issue, PUBLICATION, content_language="fr", language=language)
    assert html_size(real) < LARGEST * 0.8
    assert len(real.items) == 22
    assert text(real).count("https://doi.org/") == 5
    assert html(real).count("<h3") == 21
