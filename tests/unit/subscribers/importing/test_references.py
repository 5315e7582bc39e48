"""References that an import need not have checked: by right, where no trigger is passed over, no longer."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import NoResultFound

from subscribers.bulk import insert_rows
from subscribers.importing.references import references_known
from subscribers.models import Consent
from tests.factories.people import NOW
from tests.unit.subscribers.importing.conftest import Office, sums

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy.orm import Session

    from subscribers.database import Database

PEOPLE = "email,name,status\nann@example.org,Ann,\nbob@example.org,Bob,unsubscribed\n"
TRIGGER = """
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO noted VALUES (new.subscriber_id);
        RETURN new;
    END $$;
    CREATE TABLE noted (id bigint);
    CREATE TRIGGER note AFTER INSERT ON consents FOR EACH ROW EXECUTE FUNCTION note();
"""


@pytest.fixture
def office(postgresql_database: Database, tmp_path: Path) -> Office:
    return Office(postgresql_database, tmp_path)


@pytest.fixture
def plain(office: Office, postgresql_url: str, opened: Callable[[str], Database]) -> Database:
    """Return the same database for a role without any right that is not usual."""
    role = f"plain_{uuid.uuid4().hex}"
    with office.database.exclusive() as connection:
        for statement in (f"CREATE ROLE {role}", f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}",
                          f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}"):  # fmt: skip
            connection.exec_driver_sql(statement)
    return opened(f"{postgresql_url}&options=-crole%3D{role}")


def role_of(session: Session) -> str:
    return str(session.scalar(text("SELECT current_setting('session_replication_role')")))


def log_of_nobody(session: Session, office: Office) -> None:
    row = (office.publication.id, 4711, "subscribed", "", "", "", NOW)
    columns = ("list_id", "subscriber_id", "action", "source", "wording", "detail", "at")
    insert_rows(session, Consent, columns, [row])


def test_they_rest_within_and_no_longer(office: Office) -> None:
    with office.database.write() as session:
        with references_known(session, office.publication.id) as rests:
            assert rests
            assert role_of(session) == "replica"
        assert role_of(session) == "origin"
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            log_of_nobody(session, office)
        session.rollback()


def test_an_error_takes_it_back(office: Office) -> None:
    def fails(session: Session) -> None:
        with references_known(session, office.publication.id):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), office.database.write() as session:
        fails(session)
    with office.database.read() as session:  # most likely the same connection
        assert role_of(session) == "origin"


def test_a_list_that_is_gone_is_told(office: Office) -> None:
    with pytest.raises(NoResultFound), office.database.write() as session, references_known(session, 4711):
        pass


def test_without_the_right_all_is_checked_and_ends_the_same(office: Office, plain: Database) -> None:
    with plain.write() as session:
        with references_known(session, office.publication.id) as rests:
            assert not rests
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            log_of_nobody(session, office)
        session.rollback()
    owner, office.database = office.database, plain
    assert sums(office.bring(PEOPLE)) == (2, 2, 0, 0, 0)
    assert office.member("bob@example.org").status == "unsubscribed"
    office.database = owner
    assert sums(office.bring(PEOPLE)) == (2, 0, 0, 2, 0)


def test_the_right_can_be_given(office: Office, plain: Database) -> None:
    with plain.read() as session:
        role = session.scalar(text("SELECT current_user"))
    with office.database.exclusive() as connection:
        connection.exec_driver_sql(f"GRANT SET ON PARAMETER session_replication_role TO {role}")
    with plain.write() as session, references_known(session, office.publication.id) as rests:
        assert rests


def test_a_trigger_of_somebody_else_is_not_passed_over(office: Office) -> None:
    with office.database.exclusive() as connection:
        connection.exec_driver_sql(TRIGGER)
    assert sums(office.bring(PEOPLE)) == (2, 2, 0, 0, 0)
    with office.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM noted")) == 2


def test_a_rule_of_somebody_else_is_not_passed_over(office: Office) -> None:
    with office.database.exclusive() as connection:
        connection.exec_driver_sql("CREATE RULE nothing AS ON UPDATE TO subscribers DO ALSO NOTHING")
    with office.database.write() as session, references_known(session, office.publication.id) as rests:
        assert not rests


def test_sqlite_checks_them(sqlite_database: Database) -> None:
    with sqlite_database.write() as session, references_known(session, 1) as rests:
        assert not rests
