"""RFC 8058, section by section: what a mail program may post, and what it is to be answered."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from subscribers.database import Database
from subscribers.models import Subscription
from tests.factories.people import Choice, make_list, make_people
from tests.fixtures.site import Site, served
from tests.fixtures.visitor import FORM, Visitor

MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
    {"Content-Type": "multipart/form-data; boundary=b"},
)
URLENCODED = (b"List-Unsubscribe=One-Click", FORM)


def status(database: Database) -> str | None:
    with database.read() as session:
        return session.scalar(select(Subscription.status))


def link(site: Site) -> str:
    return f"/unsubscribe/{site.newsletter.signer().sign('unsubscribe', 1, 7, 1)}"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        URLENCODED,  # section 3.2: either encoding
        MULTIPART,
        (b"List-Unsubscribe=One-Click", {}),
        (b"", {}),
        (b"\xff\xfe nonsense", {"Content-Type": "application/octet-stream"}),
        (b"List-Unsubscribe=One-Click", {**FORM, "Origin": "https://mail.example.net", "Sec-Fetch-Site": "cross-site"}),
    ],
)
def test_a_post_unsubscribes_at_once(sqlite_database: Database, body: bytes, headers: dict[str, str]) -> None:
    make_people(sqlite_database, make_list(sqlite_database), 1, [Choice()])
    with served(sqlite_database) as site:
        for _ in range(2):  # a second time is no error
            answer, got, _ = site.asked(link(site), body, headers)
            assert answer == 200  # 3.1: no redirect
            assert "set-cookie" not in got
            assert status(sqlite_database) == "unsubscribed"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_unsubscribes_nobody(sqlite_database: Database, method: str) -> None:
    make_people(sqlite_database, make_list(sqlite_database), 1, [Choice()])
    with served(sqlite_database) as site:
        assert site.get(link(site), method)[0] == 200
    assert status(sqlite_database) == "active"


def test_a_link_that_was_forged_does_nothing(sqlite_database: Database) -> None:
    make_people(sqlite_database, make_list(sqlite_database), 1, [Choice()])
    with served(sqlite_database) as site:
        good = link(site)
        other = f"/unsubscribe/{site.newsletter.signer().sign('preferences', 1, 1)}"
        for path in (f"{good[:-1]}{'A' if good[-1] != 'A' else 'B'}", good[:-4], other, "/unsubscribe/doctor"):
            assert site.post(path, *URLENCODED)[0] == 404
    assert status(sqlite_database) == "active"


def test_links_outlive_a_change_of_the_secret(sqlite_database: Database) -> None:
    make_people(sqlite_database, make_list(sqlite_database), 1, [Choice()])
    with served(sqlite_database, secret_key=("old" * 20,)) as site:
        old = link(site)
    with served(sqlite_database, secret_key=("new" * 20,)) as site:
        assert site.post(old, *URLENCODED)[0] == 404
    with served(sqlite_database, secret_key=("new" * 20, "old" * 20)) as site:
        assert site.post(old, *URLENCODED)[0] == 200
    assert status(sqlite_database) == "unsubscribed"


def test_leaving_is_never_too_much(sqlite_database: Database) -> None:
    """A mailbox provider presses the button for everybody it has, from few machines."""
    make_people(sqlite_database, make_list(sqlite_database), 1, [Choice()])
    with served(sqlite_database) as site:
        provider = Visitor(site)
        assert {provider.post(link(site), {"List-Unsubscribe": "One-Click"}).status for _ in range(150)} == {200}
