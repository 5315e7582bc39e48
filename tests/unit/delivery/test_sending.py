"""A campaign from its beginning to its end, when nothing goes wrong and when something does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsletter.delivery.lifecycle import State
from tests.factories.campaigns import make_stage
from tests.fakes.transports import CountingTransport

if TYPE_CHECKING:
    from subscribers.database import Database


def test_everybody_who_may_get_mail_gets_one_and_the_books_name_the_others(database: Database) -> None:
    stage, transport = make_stage(database, 200), CountingTransport()
    campaign = stage.begin()
    told: list[tuple[int, int]] = []

    books = stage.sender(transport).run(campaign, lambda done, planned: told.append((done, planned)))

    assert books.state is State.SENT
    assert books.balanced
    assert (books.planned, books.sent, books.pending, books.failed, books.uncertain) == (198, 186, 0, 0, 0)
    assert books.skipped == {"paused": 2, "suppressed": 4, "unsubscribed": 6}
    assert set(transport.world.accepted.values()) == {1}
    assert len(transport.world.accepted) == books.sent
    assert told[-1] == (198, 198)
