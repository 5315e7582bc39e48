"""Several senders at once, in threads of their own, on PostgreSQL: each mail is one sender's."""

from __future__ import annotations

from threading import Barrier, Thread

from newsletter.delivery.notices.sending import Counts
from subscribers.database import Database
from subscribers.ports import NoticeKind
from tests.factories.desk import make_desk
from tests.fakes.transports import CountingTransport, World
from tests.fixtures.patience import PATIENCE


def test_two_at_once_share_the_mails(postgresql_database: Database) -> None:
    desk = make_desk(postgresql_database)
    for _ in range(20):
        desk.ask(NoticeKind.CONFIRM, desk.person())
    world, counts, together = World(), list[Counts](), Barrier(2, timeout=PATIENCE)
    transports = [CountingTransport(world), CountingTransport(world)]

    def run(transport: CountingTransport) -> None:
        sender = desk.sender(transport)
        together.wait()
        counts.append(sender.send_due())

    threads = [Thread(target=run, args=(transport,)) for transport in transports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sum(count.sent for count in counts) == 20
    assert all(transport.calls for transport in transports), "one of them did it all"
    assert len({delivery_id.rpartition(".")[2] for delivery_id in world.accepted}) == 20
    assert set(world.accepted.values()) == {1}
    assert set(desk.states()) == {"sent"}
