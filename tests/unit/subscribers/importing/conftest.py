"""A list, and files that are imported into it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

from subscribers.importing import ImportReport, import_subscribers
from subscribers.preferences import Vocabulary
from subscribers.repository import consents, find, memberships
from tests.factories.people import NOW, make_list

if TYPE_CHECKING:
    from pathlib import Path

    from subscribers.database import Database
    from subscribers.publication import Publication
    from subscribers.repository import Member


class Office:
    """A list, a folder, and files that are imported."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.publication: Publication = make_list(database)
        self.folder = folder

    def bring(self, content: str | bytes, name: str = "people.csv", **more: Any) -> ImportReport:  # noqa: ANN401 - the verb's own
        file = self.folder / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        vocabulary = Vocabulary.of(self.publication)
        details = {"vocabulary": vocabulary, "result": self.folder / "result.csv", "now": NOW, **more}
        return import_subscribers(self.database, self.publication, file, **details)

    def result(self) -> list[dict[str, str]]:
        with (self.folder / "result.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def member(self, address: str) -> Member:
        with self.database.read() as session:
            (member,) = memberships(session, address)
        return member

    def log(self, address: str) -> list[tuple[str, str, str]]:
        with self.database.read() as session:
            person = find(session, address)
            assert person is not None
            return [(line.action, line.source, line.detail) for line in consents(session, person.id)]


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path)


def sums(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.rows, report.added, report.updated, report.unchanged, report.rejected
