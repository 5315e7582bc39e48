"""The export files of seven tools, as they are (tests/fixtures/exports/README.md)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from subscribers.errors import Refused
from subscribers.importing.mapping import Choices
from subscribers.importing.reading import Reading
from subscribers.importing.says import Says
from subscribers.importing.source import Instructions, Source, open_source
from subscribers.importing.tags import Tags
from subscribers.importing.wishes import Understanding, Wish
from subscribers.preferences import Vocabulary
from subscribers.publication import Topic
from tests.factories.people import NOW

EXPORTS = Path(__file__).parents[3] / "fixtures" / "exports"
TOPICS = (Topic("ct"), Topic("regulation", labels={"fr": "Réglementation"}))


def people(name: str, said: Instructions | None = None) -> tuple[Source, dict[str, Wish], Tags]:
    source = open_source(EXPORTS / name, said or Instructions())
    vocabulary = Vocabulary(topics=frozenset({"ct", "regulation"}), languages=frozenset({"fr", "en"}))
    tags = Tags(TOPICS)
    reading = Reading(
        source.columns, Understanding(vocabulary=vocabulary, tags=tags, now=NOW, everybody=source.everybody)
    )
    found = reading.read(list(source.sheet.rows(source.columns.positions)))
    wishes = [each for each in found if isinstance(each, Wish)]
    assert len(wishes) == len(found), found
    return source, {wish.email.partition("@")[0]: wish for wish in wishes}, tags


def standing(wishes: dict[str, Wish]) -> dict[str, Says | None]:
    return {who: wish.says for who, wish in wishes.items()}


def test_mailchimp_subscribed() -> None:
    source, wishes, tags = people("subscribed_email_audience_export_1a2b3c.csv")
    assert source.tool == "mailchimp"
    ann, ben = wishes["ann"], wishes["ben"]
    assert (ann.name, ann.languages, ann.topics, ann.timezone, ann.says) == (
        "Ann Bee",
        "fr",
        "ct",
        "Europe/Paris",
        None,
    )
    assert f"{ann.consented:%Y-%m-%d %H:%M}" == "2021-05-06 07:10"
    assert ann.proof == "OPTIN_TIME: 2021-05-06 07:08:09; OPTIN_IP: 192.0.2.0/24; CONFIRM_IP: 192.0.2.0/24"
    assert (ben.topics, ben.line) == ("regulation", 3)
    assert tags.unknown == {"VIP": 1}
    assert {"LEID", "NOTES", "CC", "LATITUDE"} <= set(source.columns.unread)


def test_mailchimp_unsubscribed_and_cleaned() -> None:
    _, wishes, _ = people("unsubscribed_email_audience_export_1a2b3c.csv")
    assert standing(wishes) == {"left": Says.UNSUBSCRIBED, "left.too": Says.UNSUBSCRIBED}
    assert f"{wishes['left'].left:%Y-%m-%d}" == "2020-07-23"
    assert all(wish.leaves for wish in wishes.values())
    _, wishes, _ = people("cleaned_email_audience_export_1a2b3c.csv")
    assert standing(wishes) == {"gone": Says.BOUNCED}


def test_mailchimps_contacts_that_never_subscribed_are_refused_unless_they_are_to_confirm() -> None:
    name = "nonsubscribed_email_audience_export_1a2b3c.csv"
    with pytest.raises(Refused, match="never agreed to a newsletter"):
        people(name)
    _, wishes, _ = people(name, Instructions(status=Says.PENDING))
    assert standing(wishes) == {"buyer": Says.PENDING}


def test_substack() -> None:
    source, wishes, _ = people("email_list.example.csv")
    assert source.tool == "substack"
    assert standing(wishes) == {"ann": Says.ACTIVE, "ben": Says.ACTIVE, "left": Says.UNSUBSCRIBED}
    assert f"{wishes['ann'].consented:%Y-%m-%d}" == "2021-05-06"
    source, wishes, _ = people("subscriber_details.csv")
    assert source.tool == "substack"
    assert (wishes["ann"].name, wishes["ann"].proof) == ("Ann Bee", "Subscription source (free): substack-app")
    assert standing(wishes) == {"ann": None, "ben": None}, "who ends a paid plan still reads"


def test_ghost() -> None:
    source, wishes, tags = people("members.ghost.csv")
    assert source.tool == "ghost"
    assert standing(wishes) == {"ann": Says.ACTIVE, "ben": Says.ACTIVE, "left": Says.UNSUBSCRIBED}
    assert (wishes["ann"].topics, wishes["left"].topics) == ("ct", "regulation")
    assert tags.unknown == {"VIP": 1}


def test_listmonk() -> None:
    source, wishes, _ = people("subscribers.listmonk.csv")
    assert source.tool == "listmonk"
    assert standing(wishes) == {"ann": Says.ACTIVE, "left": Says.UNSUBSCRIBED, "blocked": Says.BLOCKED}
    assert f"{wishes['ann'].consented:%Y-%m-%d %H:%M:%S}" == "2021-05-06 07:08:09"


@pytest.mark.parametrize(
    ("tab", "expected"),
    [
        ("active", {"ann": Says.ACTIVE, "ben": Says.ACTIVE}),
        ("unsubscribed", {"left": Says.UNSUBSCRIBED}),
        ("bounced", {"gone": Says.BOUNCED}),
        ("marked-as-spam", {"angry": Says.COMPLAINED}),
    ],
)
def test_sendy_says_in_the_name_of_the_file_whom_it_holds(tab: str, expected: dict[str, Says]) -> None:
    source, wishes, _ = people(f"weekly-{tab}.csv")
    assert source.tool == "sendy"
    assert standing(wishes) == expected
    assert [wish.line for wish in wishes.values()] == list(range(1, len(wishes) + 1)), "the first line is a person"


def test_sendys_file_of_all_is_refused_since_it_does_not_say_who_left() -> None:
    with pytest.raises(Refused, match="does not say who has unsubscribed"):
        people("weekly-all.csv")


def test_a_file_without_headings_that_is_nobodys_needs_some(tmp_path: Path) -> None:
    renamed = tmp_path / "people.csv"
    shutil.copy(EXPORTS / "weekly-active.csv", renamed)
    with pytest.raises(Refused, match="--headings email,name"):
        open_source(renamed, Instructions())
    source = open_source(renamed, Instructions(headings=("name", "email", "city")))
    assert [row.cells for row in source.sheet.rows(source.columns.positions)] == [
        ("Ann Bee", "ann@example.org"),
        ("", "ben@example.com"),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("members.mailman.txt", {"anne": "Anne Person", "bart": "", "zoe": "Dupont, Zoé"}),
        ("Subscribers.csv", {"ann": "", "ben": ""}),
    ],
)
def test_mailman(name: str, expected: dict[str, str]) -> None:
    source, wishes, _ = people(name, Instructions(status=Says.BOUNCED))
    assert source.sheet.written.format == "addresses"
    assert {who: wish.name for who, wish in wishes.items()} == expected
    assert set(standing(wishes).values()) == {Says.BOUNCED}, "as somebody says of `--nomail bybounces`"


def test_buttondown() -> None:
    source, wishes, tags = people("subscribers.buttondown.csv")
    assert source.tool == "buttondown"
    assert standing(wishes) == {
        "ann": Says.ACTIVE,
        "ben": Says.ACTIVE,
        "left": Says.UNSUBSCRIBED,
        "gone": Says.BOUNCED,
        "angry": Says.COMPLAINED,
        "never": Says.PENDING,
        "banned": Says.BLOCKED,
    }
    assert (wishes["ann"].topics, wishes["ann"].proof, tags.unknown) == ("ct", "ip_address: 192.0.2.0/24", {"VIP": 1})
    assert f"{wishes['left'].left:%Y-%m-%d}" == "2023-04-05"


def test_a_tool_is_not_looked_for_where_somebody_says_so() -> None:
    source, wishes, _ = people("members.ghost.csv", Instructions(choices=Choices(tool="none")))
    assert source.tool is None
    assert "subscribed_to_emails" in source.columns.unread
    assert wishes["left"].says is None
