"""The frozen content is read back as it was, and equal issues are equal texts."""

from __future__ import annotations

import json

from hypothesis import given

from newsletter.issues.codec import content_hash, counts, dumps, loads, shown
from newsletter.issues.model import Issue, Kind
from tests import strategies
from tests.factories.issues import LANGUAGES, sample_document, sample_issue


@given(strategies.issues())
def test_any_issue_is_read_back(issue: Issue) -> None:
    content = dumps(issue)
    read = loads(content)
    assert read == issue
    assert list(read.documents) == list(issue.documents)
    assert dumps(read) == content
    assert len(content_hash(content)) == 64


def test_the_order_of_languages_is_content() -> None:
    assert list(loads(dumps(sample_issue("de", "fr"))).documents) == ["de", "fr"]
    assert dumps(sample_issue("de", "fr")) != dumps(sample_issue("fr", "de"))


def test_all_that_scripts_hold_on_to_is_shown() -> None:
    for language in LANGUAGES:
        document = sample_document(language)
        read = json.loads(json.dumps(shown("2026-03-06", document)))
        assert (read["issue"], read["language"], read["title"]) == ("2026-03-06", language, document.title)
        assert read["period"] == {"start": "2026-02-28", "end": "2026-03-06"}
        items = [(section["kind"], item) for section in read["sections"] for item in section["items"]]
        assert [item["position"] for _, item in items] == list(range(10))
        for kind, item in items:
            assert {"title", "body", "topics", "links", "must_read"} <= item.keys()
            assert _OWN[kind] <= item.keys()


_OWN = {
    "summary": set(),
    "articles": {"journal", "date", "authors", "institution", "doi", "pmid", "indexing_pending"},
    "announcements": {"company", "badges"},
    "media": {"outlet"},
    "societies": {"organisation"},
    "leaders": {"name", "roles", "occasion", "quotation"},
}


def test_items_as_json() -> None:
    sections = {section["kind"]: section for section in shown("x", sample_document("en"))["sections"]}
    leader = sections["leaders"]["items"][0]
    assert leader["quotation"] == {
        "text": "We do not need faster scanners. We need the time to look at what they show us.",
        "language": "en",
    }
    assert leader["links"] == [{"label": "Meeting of Greys — interview, 4 March 2026", "url": None}]
    assert sections["announcements"]["items"][0]["badges"] == ["FDA 510(k)", "CE mark"]


def test_counts_name_every_kind() -> None:
    assert counts(sample_document()) == dict(zip([kind.value for kind in Kind], (1, 2, 2, 2, 1, 2), strict=True))
