"""Joined fragments are what compiling the same choice of items would give: the reason why compiling once is enough."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.issues.document import parse_document
from newsletter.issues.model import Issue
from newsletter.personalization.message import preview_html, preview_text, write_message
from newsletter.personalization.prepare import prepare
from newsletter.rendering.edition import Edition, compile_edition, compile_selection
from tests.factories.digests import digest
from tests.factories.editions import envelope, publication, recipient
from tests.factories.issues import sample_issue
from tests.fixtures.thoroughness import examples
from tests.real_issue import real_issue
from tests.unit.personalization.mail import body

ISSUE = sample_issue("fr", "en", "de", "ar")
MONTH = digest(0, 1)
PAIRS = (("fr", "fr"), ("en", "en"), ("fr", "ar"), ("ar", "ar"))
MONDAY = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
positions = st.frozensets(st.integers(0, 9))


@cache
def whole(content_language: str, language: str) -> Edition:
    return compile_edition(ISSUE, publication(), content_language=content_language, language=language)


@given(chosen=positions)
@settings(max_examples=examples(20))
@pytest.mark.parametrize(("content_language", "language"), PAIRS)
def test_a_joined_choice_equals_a_fresh_compile_of_it(
    content_language: str, language: str, chosen: frozenset[int]
) -> None:
    fresh = compile_selection(ISSUE, publication(), chosen, content_language=content_language, language=language)
    joined = prepare(whole(content_language, language), chosen, envelope())
    compiled = prepare(fresh, chosen, envelope())
    assert preview_html(joined, recipient()) == preview_html(compiled, recipient())
    assert preview_text(joined, recipient()) == preview_text(compiled, recipient())


@cache
def month(content_language: str, language: str) -> Edition:
    return compile_edition(MONTH, publication(), content_language=content_language, language=language)


@given(chosen=st.frozensets(st.integers(0, len(MONTH.origins) - 1)))
@settings(max_examples=examples(10))
@pytest.mark.parametrize(("content_language", "language"), [("fr", "fr"), ("en", "ar")])
def test_so_it_is_with_a_digest(content_language: str, language: str, chosen: frozenset[int]) -> None:
    fresh = compile_selection(MONTH, publication(), chosen, content_language=content_language, language=language)
    joined = prepare(month(content_language, language), chosen, envelope())
    compiled = prepare(fresh, chosen, envelope())
    assert preview_html(joined, recipient()) == preview_html(compiled, recipient())
    assert preview_text(joined, recipient()) == preview_text(compiled, recipient())


@given(chosen=positions, name=st.sampled_from(["", "Zoë Lefèvre", "O'Malley & Co"]))
@pytest.mark.parametrize(("content_language", "language"), PAIRS)
def test_what_a_mail_program_reads_is_the_compiled_mail(
    content_language: str, language: str, chosen: frozenset[int], name: str
) -> None:
    prepared, someone = prepare(whole(content_language, language), chosen, envelope()), recipient(name=name)
    raw = write_message(prepared, someone, delivery_id="c12.s1", date=MONDAY)
    assert body(raw, "html") == preview_html(prepared, someone)
    assert body(raw, "plain") == preview_text(prepared, someone)
    assert all(len(line) <= 76 for line in raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))


def test_the_editors_real_issue_is_joined_as_it_would_be_compiled() -> None:
    file = real_issue()
    parsed = parse_document(file.read_bytes(), name=file.name)
    issue, to = Issue(date=parsed.date, documents={"fr": parsed.document}), publication()
    edition = compile_edition(issue, to, content_language="fr", language="fr")
    dice = random.Random(5)
    for _ in range(20):
        chosen = dice.sample(range(len(edition.items)), k=dice.randint(0, len(edition.items)))
        fresh = compile_selection(issue, to, chosen, content_language="fr", language="fr")
        joined, compiled = prepare(edition, chosen, envelope()), prepare(fresh, chosen, envelope())
        raw = write_message(joined, recipient(), delivery_id="c12.s1", date=MONDAY)
        assert body(raw, "html") == preview_html(compiled, recipient())
        assert body(raw, "plain") == preview_text(compiled, recipient())
