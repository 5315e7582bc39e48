"""The life of a subscription by pages alone: asked for, confirmed, chosen, left, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from newsletter.delivery.notices.models import Notice
from subscribers.database import Database
from subscribers.lists import ListStore
from subscribers.models import Confirmation, Consent, Subscriber, Subscription
from subscribers.publication import Policies
from subscribers.service import add
from subscribers.suppression import Reason, suppress
from tests.factories.people import NOW, make_list
from tests.fixtures.site import served
from tests.fixtures.visitor import Visitor


def state(database: Database, email: str) -> Subscription | None:
    with database.read() as session:
        query = select(Subscription).join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        return session.scalar(query.where(Subscriber.email == email))


def test_a_whole_life(database: Database) -> None:
    publication = make_list(database)
    with served(database) as site:
        ann = Visitor(site)
        assert ann.subscribe("imaging", "Ann@Example.org", topic="ct").title == "Check your inbox"
        pending = state(database, "ann@example.org")
        assert pending is not None
        assert (pending.status, pending.topics, pending.languages) == ("pending", "ct", "fr")

        link = ann.newest_confirmation()
        assert ann.get(link).title == "Encore un geste"  # the language they chose goes before the browser's
        assert ann.get(f"{link}?lang=en").title == "One more step"
        still = state(database, "ann@example.org")
        assert still is not None
        assert still.status == "pending"  # a scanner's GET confirms nothing
        done = ann.post(f"{link}?lang=en")
        assert done.title == "You are subscribed"
        assert ann.post(f"{link}?lang=en").title == "You are subscribed"  # pressed twice

        (preferences,) = (each for each in done.links if "/preferences/" in each)
        chosen = {"form": "wishes", "language": "en", "language-2": "fr", "topic.ct": "not", "topic.mri": "want"}
        saved = ann.post(preferences, {**chosen, "pause": "2026-05-01", "timezone": "Europe/Paris"})
        assert "Your choices have been saved." in saved.text
        assert "You are taking a break until May 1, 2026." in saved.text
        now = state(database, "ann@example.org")
        assert now is not None
        assert (now.languages, now.topics, now.topics_excluded) == ("en fr", "mri", "ct")
        assert now.paused_until == datetime(2026, 4, 30, 22, tzinfo=UTC)  # the first of May begins in Paris
        assert "The break is over" in ann.post(preferences, {"form": "resume"}).text

        leaving = f"/unsubscribe/{ann.token('unsubscribe', publication.id, 7, now.subscriber_id)}?lang=en"
        assert ann.get(leaving).title == "Unsubscribe from Imaging & AI?"
        assert ann.post(leaving, {"form": "leave"}).title == "You are unsubscribed"
        assert "Thank you" in ann.post(leaving, {"form": "reason", "reason": "no-time"}).text
        left = state(database, "ann@example.org")
        assert left is not None
        assert (left.status, left.left_reason, left.left_campaign) == ("unsubscribed", "no-time", 7)
        assert ann.post(leaving, {"form": "undo"}).title == "You are subscribed again"
        site.now += timedelta(days=1)
        ann.post(leaving, {"form": "leave"})
        site.now += timedelta(days=31)
        late = ann.post(leaving, {"form": "undo"})
        assert "can no longer be undone" in late.text
    gone = state(database, "ann@example.org")
    assert gone is not None
    assert gone.status == "unsubscribed"
    with database.read() as session:
        rows = session.execute(select(Consent.action, Consent.source, Consent.ip, Consent.wording)).all()
    actions = [row.action for row in rows]
    assert actions[:2] == ["requested", "confirmed"]
    assert {row.ip for row in rows} == {"203.0.113.0/24"}  # the network, never the address
    assert "Imaging & AI" in rows[0].wording
    assert rows[1].wording == "Do you want to receive Imaging & AI at a…@example.org? Yes, subscribe me"


@pytest.mark.parametrize("offered", [True, False])
def test_how_often_is_asked_where_the_list_offers_the_digest(sqlite_database: Database, *, offered: bool) -> None:
    publication = make_list(sqlite_database, policies=Policies(digest_offered=offered))
    with served(sqlite_database) as site:
        ann = Visitor(site)
        number = ann.joins(publication, "ann@example.org")
        page = f"/preferences/{ann.token('preferences', publication.id, number)}?lang=en"
        leave = f"/unsubscribe/{ann.token('unsubscribe', publication.id, 0, number)}?lang=en"
        assert ("The monthly mail is sent when the month is over" in ann.get(page).text) == offered
        assert ("One mail a month, other topics, or a break" in ann.get(leave).text) == offered
        saved = ann.post(page, {"form": "wishes", "digest": "monthly"})
        assert ("Your choices have been saved." in saved.text) == offered
        now = state(sqlite_database, "ann@example.org")
        assert now is not None
        assert now.digest == ("monthly" if offered else "weekly")
        if offered:  # withdrawn, it is asked no longer; other choices leave it as it is
            with sqlite_database.write() as session:
                ListStore(session).edit(publication.slug, policies=Policies())
            assert "The monthly mail" not in ann.get(page).text
            assert "saved" in ann.post(page, {"form": "wishes", "topic.ct": "want"}).text
            still = state(sqlite_database, "ann@example.org")
            assert still is not None
            assert (still.digest, still.topics) == ("monthly", "ct")


def test_a_new_address_is_confirmed_there_and_old_links_go_on_working(sqlite_database: Database) -> None:
    publication = make_list(sqlite_database)
    with served(sqlite_database) as site:
        ann = Visitor(site)
        number = ann.joins(publication, "ann@example.org")
        preferences = f"/preferences/{ann.token('preferences', publication.id, number)}?lang=en"
        asked = ann.post(preferences, {"form": "address", "email": "ann@new.example.org"})
        assert "Check the inbox of the new address" in asked.text
        assert state(sqlite_database, "ann@new.example.org") is None
        link = f"{ann.newest_confirmation()}?lang=en"
        assert "a…@new.example.org" in ann.get(link).text
        assert ann.post(link).title == "Your address has been changed"
        assert "a…@new.example.org" in ann.get(preferences).text
        out = f"/unsubscribe/{ann.token('unsubscribe', publication.id, 1, number)}"
        assert ann.post(out, {"List-Unsubscribe": "One-Click"}).status == 200
    moved = state(sqlite_database, "ann@new.example.org")
    assert moved is not None
    assert moved.status == "unsubscribed"


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone", "There is no such time zone."),
        ({"pause": "2020-01-01"}, "pause", "Choose a date in the future"),
        ({"pause": "soon"}, "pause", "Choose a date in the future"),
        ({"pause": "9999-12-31", "timezone": "America/Los_Angeles"}, "pause", "Choose a date in the future"),
    ],
)
def test_what_has_to_be_mended_is_said_where_it_stands_and_nothing_is_lost(
    sqlite_database: Database, fields: dict[str, str], field: str, message: str
) -> None:
    publication = make_list(sqlite_database)
    with served(sqlite_database) as site:
        ann = Visitor(site)
        number = ann.joins(publication, "ann@example.org")
        preferences = f"/preferences/{ann.token('preferences', publication.id, number)}?lang=en"
        page = ann.post(preferences, {"form": "wishes", "language": "de", "topic.ct": "want", **fields})
        assert page.status == 400
        assert f"#{field}" in page.links
        assert message in page.text
        assert '<option value="de" selected>' in page.text
        assert 'id="want-ct" name="topic.ct" value="want" checked' in page.text
    unchanged = state(sqlite_database, "ann@example.org")
    assert unchanged is not None
    assert (unchanged.languages, unchanged.topics) == ("fr", "")


@pytest.mark.parametrize(("reason", "kept"), [("", "other"), ("no-time", "no-time"), ("<script>", "other")])
def test_who_leaves_may_say_why_in_their_own_words(sqlite_database: Database, reason: str, kept: str) -> None:
    publication = make_list(sqlite_database)
    with served(sqlite_database) as site:
        ann = Visitor(site)
        number = ann.joins(publication, "ann@example.org")
        leaving = f"/unsubscribe/{ann.token('unsubscribe', publication.id, 0, number)}?lang=en"
        assert '<textarea id="words" name="words" rows="2" maxlength="300"' in ann.post(leaving, {"form": "leave"}).text
        assert "Thank you" not in ann.post(leaving, {"form": "reason", "words": "  "}).text
        thanked = ann.post(leaving, {"form": "reason", "reason": reason, "words": "<b>Too</b> many"}).text
        assert "Thank you" in thanked
        assert "many" not in thanked  # whoever has the link does not read it
    left = state(sqlite_database, "ann@example.org")
    assert left is not None
    assert (left.left_reason, left.left_words) == (kept, "<b>Too</b> many")


def test_time_zones_are_offered_without_a_script_and_still_checked(sqlite_database: Database) -> None:
    publication = make_list(sqlite_database)
    with served(sqlite_database) as site:
        ann = Visitor(site)
        number = ann.joins(publication, "ann@example.org")
        preferences = f"/preferences/{ann.token('preferences', publication.id, number)}?lang=en"
        page = ann.get(preferences)
        assert 'list="zones"' in page.text
        offered = page.text.partition('<datalist id="zones">')[2].partition("</datalist>")[0]
        assert '<option value="Europe/Paris">' in offered
        assert "<script" not in page.text
        assert ann.post(preferences, {"form": "wishes", "timezone": "europe/paris"}).status == 200  # as it is typed
    with sqlite_database.read() as session:
        assert session.query(Subscriber.timezone).all() == [("Europe/Paris",)]


def test_an_address_that_no_mail_can_be_sent_to_is_refused_where_it_is_typed(sqlite_database: Database) -> None:
    publication = make_list(sqlite_database)
    with served(sqlite_database) as site:
        ann = Visitor(site)
        assert ann.subscribe(publication.slug, "ann@münchen.de").status == 200  # a domain may have them
        page = ann.subscribe(publication.slug, "é@example.org")
        assert (page.status, "#email" in page.links) == (400, True)
        assert "letters like é or ü before the @" in page.text
        number = ann.joins(publication, "ann@xn--mnchen-3ya.de")
        preferences = f"/preferences/{ann.token('preferences', publication.id, number)}?lang=de"
        page = ann.post(preferences, {"form": "address", "email": "é@example.org"})
        assert (page.status, "vor dem @" in page.text) == (400, True)


def test_the_lists_of_a_person_lead_to_each_other_and_are_left_one_by_one(sqlite_database: Database) -> None:
    imaging = make_list(sqlite_database)
    other = make_list(sqlite_database, "other", name="Other & More")
    with served(sqlite_database) as site:
        ann = Visitor(site)
        number = ann.joins(imaging, "ann@example.org")
        assert ann.joins(other, "ann@example.org") == number
        page = ann.get(f"/preferences/{ann.token('preferences', imaging.id, number)}?lang=en")
        way = f"/preferences/{ann.token('preferences', other.id, number)}?lang=en"
        assert way in page.links
        assert "What Other" not in page.text
        assert "What <bdi>Other &amp; More</bdi> sends" in ann.get(way).text
        ann.post(f"/unsubscribe/{ann.token('unsubscribe', imaging.id, 1, number)}", {"List-Unsubscribe": "One-Click"})
        assert "not subscribed" in ann.get(way).text
        assert ann.get(way).text.count('id="pause"') == 1  # of this one they still are


def test_a_retired_topic_is_offered_to_nobody_and_kept_by_who_has_no_other(sqlite_database: Database) -> None:
    publication = make_list(sqlite_database)
    with served(sqlite_database) as site:
        ann, ben = Visitor(site), Visitor(site, "198.51.100.7")
        ann.subscribe("imaging", "ann@example.org", topic="ct")
        ann.post(ann.newest_confirmation())
        with sqlite_database.write() as session:
            lists = ListStore(session)
            topics = [replace(each, retired=each.slug == "ct") for each in lists.get("imaging").topics]
            lists.edit("imaging", topics=tuple(topics))
        assert 'value="ct"' not in ben.get("/subscribe/imaging").text
        number = ben.joins(publication, "ben@example.org")
        assert "topic.ct" not in ben.get(f"/preferences/{ben.token('preferences', publication.id, number)}").text
        preferences = f"/preferences/{ann.token('preferences', publication.id, 1)}?lang=en"
        assert "No longer offered" in ann.get(preferences).text
        ann.post(preferences, {"form": "wishes", "topic.ct": "want"})
    kept = state(sqlite_database, "ann@example.org")
    assert kept is not None
    assert kept.topics == "ct"  # "" would be everything


def test_the_same_answer_whoever_is_known(sqlite_database: Database) -> None:
    publication = make_list(sqlite_database)
    with sqlite_database.write() as session:
        from subscribers.preferences import Vocabulary

        add(session, publication, "amy@example.org", vocabulary=Vocabulary.of(publication), source="cli", now=NOW)
        suppress(session, "ben@example.org", Reason.COMPLAINT, source="test", now=NOW)
    with served(sqlite_database) as site:
        visitor = Visitor(site)
        answers = [visitor.subscribe("imaging", f"{name}@example.org") for name in ("amy", "ben", "cat", "cat")]
        visitor.subscribe("imaging", "amy@example.org")
        site.now += timedelta(minutes=6)
        left = [visitor.subscribe("imaging", "cat@example.org") for _ in range(8)]  # more than an address may get
    texts = {page.text.replace(name, "…") for page, name in zip(answers, ("amy", "ben", "cat", "cat"), strict=True)}
    assert len(texts) == 1
    assert {page.text.replace("cat", "…") for page in left} == texts
    assert {page.status for page in (*answers, *left)} == {200}
    with sqlite_database.read() as session:
        told = session.execute(
            select(Notice.kind, Subscriber.email).join(Subscriber, Subscriber.id == Notice.subscriber_id)
        )
        assert [email for kind, email in told if kind == "already-subscribed"] == ["amy@example.org"]
        assert 1 <= (session.scalar(select(func.count()).select_from(Confirmation)) or 0) <= 3


def test_an_unknown_list_an_erased_person_and_a_test_mail(sqlite_database: Database) -> None:
    publication = make_list(sqlite_database)
    with served(sqlite_database) as site:
        ann = Visitor(site)
        assert ann.get("/subscribe/nothing").status == 404
        for ids in ((publication.id, 99), (publication.id, 0), (99, 1)):
            assert ann.get(f"/preferences/{ann.token('preferences', *ids)}").status == 410
            out = f"/unsubscribe/{ann.token('unsubscribe', ids[0], 0, ids[1])}"
            assert ann.get(out).title == "You are not subscribed"
            assert ann.post(out, {"List-Unsubscribe": "One-Click"}).status == 200
        assert ann.get(f"/view/{ann.token('view', 0, 0)}").status == 410
        assert ann.get(f"/confirm/{ann.token('confirm', 99)}").status == 410


def test_an_answer_that_lasts_can_be_had_in_another_language(sqlite_database: Database) -> None:
    publication = make_list(sqlite_database)
    with served(sqlite_database) as site:
        ann = Visitor(site)
        number = ann.joins(publication, "ann@example.org")
        choices = f"/preferences/{ann.token('preferences', publication.id, number)}"
        leaving = f"/unsubscribe/{ann.token('unsubscribe', publication.id, 0, number)}"
        saved = ann.post(f"{choices}?lang=en", {"form": "wishes", "topic.ct": "want"})
        assert "?lang=de" in saved.links
        assert "?lang=de" not in ann.post(choices, {"form": "wishes", "timezone": "Mars/Olympus"}).links, (
            "what is to be mended would be lost"
        )
        left = ann.post(leaving, {"form": "leave"})
        assert (left.title, "?lang=de" in left.links) == ("You are unsubscribed", True)
        assert ann.get(f"{leaving}?lang=de").language == "de"
        assert ann.get(f"{leaving}?lang=de").title == "Sie sind abgemeldet"
        back = ann.post(leaving, {"form": "undo"})
        assert "?lang=de" not in back.links, "what its address shows is another page"
