"""`notices list` shows no address unasked, `notices send` sends what is due."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from newsletter.delivery.notices.models import Notice
from subscribers.database import open_database
from subscribers.ports import NoticeKind
from tests.factories.desk import make_desk

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Newsletter


def test_from_nothing_to_sent(newsletter: Newsletter) -> None:
    assert "ever asked for" in newsletter("notices", "list").out
    assert newsletter("notices", "list", "--json").json == {"states": {}, "notices": []}
    database = open_database(os.environ["NEWSLETTER_DATABASE_URL"])
    desk = make_desk(database)
    desk.ask(NoticeKind.WELCOME, desk.person("active"))
    desk.ask(NoticeKind.WELCOME, desk.person("unsubscribed"))
    database.close()

    waiting = newsletter("notices", "list", "--json").json
    assert waiting["states"] == {"waiting": 2}
    assert waiting["notices"][0].keys() == {
        *("notice", "kind", "list", "state", "created_at", "sent_at", "next_try_at", "tries")
    }
    # asked for long ago by the clock of the factory: nobody expects them any more
    assert newsletter("notices", "send", "--json").json == {
        "sent": 0, "dropped": 2, "failed": 0, "uncertain": 0, "waiting": 0,
    }  # fmt: skip
    assert newsletter("notices", "send").out == "0 sent, 0 dropped, 0 failed, 0 uncertain, 0 waiting.\n"


def test_addresses_are_shown_to_who_asks(newsletter: Newsletter) -> None:
    database = open_database(os.environ["NEWSLETTER_DATABASE_URL"])
    desk = make_desk(database)
    desk.ask(NoticeKind.WELCOME, desk.person("unsubscribed"))
    database.close()
    newsletter("notices", "send")

    assert "@" not in newsletter("notices", "list").out
    shown = newsletter("notices", "list", "--show", "--state", "dropped").out
    assert "p1@example.org" in shown
    assert "not on the list any more" in shown
    assert newsletter("notices", "list", "--show", "--json").json["notices"][0]["email"] == "p1@example.org"
    assert newsletter("notices", "list", "--state", "sent", "--json").json["notices"] == []


def test_somebody_decides_about_those_that_are_stuck(newsletter: Newsletter) -> None:
    database = open_database(os.environ["NEWSLETTER_DATABASE_URL"])
    desk = make_desk(database)
    for _ in range(4):
        desk.ask(NoticeKind.WELCOME, desk.person("active"))
    with database.write() as session:
        for number, state in enumerate(("failed", "uncertain", "uncertain", "sent"), start=1):
            session.get_one(Notice, number).state = state

    refused = newsletter("notices", "retry", "1", "4", code=1).err
    assert "Notice 4 is sent: only one that is failed or uncertain can be sent again" in refused
    assert "no notice 9" in newsletter("notices", "drop", "2", "9", code=1).err
    newsletter("notices", "retry", code=2)
    assert newsletter("notices", "list", "--json").json["states"] == {"sent": 1, "uncertain": 2, "failed": 1}

    assert newsletter("notices", "retry", "2", "1", "--json").json == {"state": "waiting", "notices": [1, 2]}
    assert newsletter("notices", "drop", "3").out == "dropped: 3\n"
    assert newsletter("notices", "list", "--json").json["states"] == {"waiting": 2, "sent": 1, "dropped": 1}
    assert newsletter("notices", "send", "--json").json["sent"] == 2
    assert "can be dropped" in newsletter("notices", "drop", "1", code=1).err
    database.close()
