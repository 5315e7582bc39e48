"""An import whose process is killed: nothing half-done, and the same command again ends as if nothing had happened.

The kills are SIGKILL, at points of the program: in a transaction that is complete but not committed, right after a
commit, and before the result file is on the disk.
"""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from newsletter.resources import folder
from subscribers.database import Database, open_database
from subscribers.importing import BATCH
from tests.acceptance.conftest import Newsletter
from tests.fakes import killed
from tests.fixtures.patience import PATIENCE

PEOPLE = BATCH + 500
THERE = ("reader.1@example.org", "reader.2@example.org", f"reader.{BATCH + 7}@example.org")
"""Known before: one each batch changes something of."""
NOBODY = 399
"""Whose row is none."""
FIRST = "email,name,topics\n" + "".join(f"{each},Before,ct\n" for each in THERE)
WRITTEN = {
    "people": "SELECT email, name, coalesce(timezone, '') FROM subscribers",
    "subscriptions": "SELECT email, status, languages, topics FROM subscriptions s JOIN subscribers p "
    "ON p.id = s.subscriber_id",
    "consents": "SELECT email, action, source FROM consents c JOIN subscribers p ON p.id = c.subscriber_id",
    "suppressions": "SELECT email, reason, detail FROM suppressions",
    "formerly": "SELECT email, name, '' FROM formerly",
}


def _file() -> str:
    lines = ["email,name,language,topics,status"]
    for n in range(PEOPLE):
        status = {3: "unsubscribed", 5: "bounced"}.get(n % 1_000, "")
        lines.append(f"Reader.{n}@Example.org,Reader {n},{('fr', 'en')[n % 2]},{('', 'mri')[n % 3 == 0]},{status}")
    lines[NOBODY + 1] = "nobody,,,,"
    return "\n".join(lines) + "\n"


def _made(where: Path, url: str) -> Newsletter:
    newsletter = Newsletter(where, {"NEWSLETTER_DATABASE_URL": url})
    newsletter("list", "create", "weekly", "--name", "Weekly", "--from", "Editors <we@example.org>",
               "--languages", "fr,en", "--topics", folder("examples") / "topics.toml")  # fmt: skip
    (where / "first.csv").write_text(FIRST, "utf-8")
    (where / "people.csv").write_text(_file(), "utf-8")
    newsletter("subscribers", "import", "first.csv")
    return newsletter


def _killed_at(newsletter: Newsletter, point: str, times: int) -> None:
    with newsletter.beside(killed.__file__, point, str(times), "subscribers", "import", "people.csv") as process:
        assert process.wait(PATIENCE) == -signal.SIGKILL, process.err


def _state(database: Database) -> dict[str, list[Any]]:
    with database.read() as session:
        return {what: sorted(map(tuple, session.execute(text(query)))) for what, query in WRITTEN.items()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What is in a database in the end where nobody was killed."""
    where = tmp_path_factory.mktemp("undisturbed")
    url = f"sqlite:///{where}/undisturbed.sqlite"
    Newsletter(where, {"NEWSLETTER_DATABASE_URL": url})("db", "upgrade")
    _made(where, url)("subscribers", "import", "people.csv", code=3)
    database = open_database(url)
    state = _state(database)
    database.close()
    return state


def test_what_was_killed_goes_on_and_ends_the_same(
    tmp_path: Path, database_url: str, database: Database, undisturbed: dict[str, list[Any]]
) -> None:
    newsletter = _made(tmp_path, database_url)
    result = tmp_path / "people.result.csv"
    before = _state(database)

    _killed_at(newsletter, "before a commit", 1)
    assert _state(database) == before  # nothing of a batch that was not committed
    _killed_at(newsletter, "after a commit", 1)
    _holds_the_first_batch(_state(database))
    _killed_at(newsletter, "before a commit", 2)
    _holds_the_first_batch(_state(database))
    _killed_at(newsletter, "before a file is on the disk", 1)
    assert not result.exists()  # it never tells of a part as if it were the whole

    report = newsletter("subscribers", "import", "people.csv", "--json", code=3).json
    assert (report["rows"], report["rejected"], report["added"]) == (PEOPLE, 1, 0)
    assert _state(database) == undisturbed
    assert len(result.read_text("utf-8").splitlines()) == PEOPLE + 1
    assert not list(tmp_path.glob(".*.part"))  # what the killed ones left is cleared away


def _holds_the_first_batch(state: dict[str, list[Any]]) -> None:
    """Hold people, subscriptions and consents to those of the first batch: all of it, and nothing beyond."""
    there = {f"reader.{n}@example.org" for n in range(BATCH) if n != NOBODY} | set(THERE)
    assert {email for email, *_ in state["people"]} == there
    assert {email for email, *_ in state["subscriptions"]} == there
    assert {email for email, *_ in state["consents"]} == there
    assert {email for email, *_ in state["suppressions"]} == {f"reader.{n}@example.org" for n in range(5, BATCH, 1_000)}


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (1, "Stopped before any row of people.csv was taken: nothing was changed."),
        (2, f"Stopped at line {BATCH + 1:,} of {PEOPLE + 1:,} of people.csv: the rows so far are in"),
    ],
)
def test_ctrl_c_says_how_far_it_came(tmp_path: Path, sqlite_url: str, times: int, said: str) -> None:
    newsletter = _made(tmp_path, sqlite_url)
    interrupted = Newsletter(tmp_path, {**newsletter.settings, "BY": "SIGINT"})
    command = ("subscribers", "import", "people.csv")
    with interrupted.beside(killed.__file__, "before a commit", str(times), *command) as process:
        assert process.wait(PATIENCE) == 130
        assert said in process.err
    assert not (tmp_path / "people.result.csv").exists()
    assert newsletter(*command, "--json", code=3).json["unchanged"] == (BATCH - 1 if times > 1 else 0)
