"""`notices list` shows no address unasked, `notices send` sends what is due."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

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
