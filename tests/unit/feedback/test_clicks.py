"""Clicks and opens are counted for everybody together, once each, those of machines apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from newsletter.feedback.links import common_link
from newsletter.feedback.models import NO_CAMPAIGN, ClickCount, FeedbackEvent
from newsletter.feedback.reporting.clicks import titles_of
from newsletter.feedback.reporting.report import report
from newsletter.personalization.links import Links
from subscribers.tokens import Signer, is_token
from tests.factories.issues import sample_issue
from tests.unit.feedback.conftest import Sent, everything

SIGNER = Signer("s" * 32)
LINK = "https://journal.example/paper?id=7"


def _counted(sent: Sent) -> dict[tuple[int, str, int], int]:
    with sent.database.read() as session:
        rows = session.scalars(select(ClickCount))
        return {(row.campaign_id, row.link, row.automated): row.clicks for row in rows}


def test_a_click_counts_once_however_often_it_is_told(sent: Sent) -> None:
    told = [
        sent.event("Click", 1, link=LINK),
        sent.event("Click", 1, link=LINK, after=5),
        sent.event("Click", 2, link=LINK),
        sent.event("Click", 2, link=LINK, after=9, isAutomated=True),
        sent.event("Click", 2, link="https://other.example/"),
    ]
    sent.take(*told)
    sent.take(*told[2:], *told)
    campaign = sent.campaign
    assert _counted(sent) == {
        (campaign, LINK, 0): 3,
        (campaign, LINK, 1): 1,
        (campaign, "https://other.example/", 0): 1,
    }


def test_nobody_is_kept_with_a_click(sent: Sent) -> None:
    sent.take(sent.event("Click", 1, link=LINK), sent.event("Open", 2))
    with sent.database.read() as session:
        rows = session.execute(select(FeedbackEvent.subscriber_id, FeedbackEvent.body)).all()
    assert [tuple(row) for row in rows] == [(None, None)] * 2
    assert "person-" not in str(everything(sent.database, [ClickCount]))


def test_links_of_single_readers_are_one_link(sent: Sent) -> None:
    links = Links("https://news.example/weekly", SIGNER, list_id=1, campaign_id=sent.campaign)
    sent.take(*(sent.event("Click", n, link=links.urls(n)["unsubscribe_url"]) for n in (1, 2, 3)))
    assert _counted(sent) == {(sent.campaign, "https://news.example/weekly/unsubscribe/…", 0): 3}


def test_what_belongs_to_no_campaign_is_counted_apart(sent: Sent) -> None:
    sent.take(sent.event("Click", 1, link=LINK, delivery_id=None))
    assert _counted(sent) == {(NO_CAMPAIGN, LINK, 0): 1}


def test_the_report_has_links_with_their_items_and_opens(sent: Sent) -> None:
    issue = sample_issue()
    sent.tell_content(issue)
    link, title = next(iter(titles_of(issue).items()))
    sent.take(
        sent.event("Click", 1, link="https://elsewhere.example/"),
        *(sent.event("Click", n, link=link) for n in (1, 2)),
        sent.event("Click", 3, link=link, isAutomated=True),
        sent.event("Open", 1),
        sent.event("Open", 2, isAutomated=True),
        sent.event("Open", 3, isAutomated=True),
    )
    found = report(sent.database, "latest").as_json()
    assert found["links"] == [
        {"link": link, "item": title, "clicks": 2, "by_machine": 1},
        {"link": "https://elsewhere.example/", "item": None, "clicks": 1, "by_machine": 0},
    ]
    assert found["opens"] == {"opened": 1, "by_machine": 2}
    assert found["total"]["unheard"] == 6, "who opens a mail is not kept, so it proves no delivery"


@pytest.mark.parametrize(
    "link",
    [
        "https://blog.example/view/how-we-came-to-see-it-this-way-after-all",
        "https://blog.example/unsubscribe/",
        "https://blog.example/view/a?b=c",
        "",
        LINK,
    ],
)
def test_links_of_others_stay_as_they_are(link: str) -> None:
    assert common_link(link) == link


@given(ids=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=4))
def test_a_token_looks_like_one_and_its_pieces_do_not(ids: list[int]) -> None:
    token = SIGNER.sign("view", *ids)
    assert is_token(token)
    assert not is_token(token[:-4])
    assert not is_token(token + "AAAA")
