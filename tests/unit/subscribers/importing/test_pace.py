"""The reading of a file in another process: it says the same, and its end is told."""

from __future__ import annotations

import os
import pickle
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import pytest

from subscribers import importing
from subscribers.errors import Refused
from subscribers.importing.pace import ahead, apart, aside
from subscribers.importing.rows import Batch, Rows
from subscribers.importing.source import Instructions, open_source
from subscribers.preferences import Vocabulary
from subscribers.publication import Topic
from tests.factories.people import NOW
from tests.unit.subscribers.importing.conftest import sums

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.subscribers.importing.conftest import Office

FILE = """\
email,name,status,tags,since
ann@example.org,Ann,active,CT;golf,2024-05-01
no address,Bob,,,
info@example.org,Office,unsubscribed,,
ann@example.org,Ann again,bounced,,
carl@example.org,Carl,who knows,golf,
"dora@example.org,Dora,,,
eve@example.org,Ève,pending,sailing,
"""


def rows(folder: Path) -> Rows:
    path = folder / "people.csv"
    path.write_text(FILE, encoding="utf-8")
    said = Instructions()
    topics = [Topic("ct", labels={"fr": "Scanner", "en": "CT"})]
    vocabulary = Vocabulary(topics=frozenset({"ct"}), languages=frozenset({"fr"}))
    return Rows(file=open_source(path, said), topics=topics, vocabulary=vocabulary, said=said, now=NOW, size=3)


def test_another_process_reads_what_this_one_reads(tmp_path: Path) -> None:
    here = list(ahead(rows(tmp_path).batches()))
    assert [len(batch.items) for batch in here] == [3, 3, 1]
    assert [dict(batch.strange) for batch in here] == [{"golf": 1}, {}, {"sailing": 1}]
    assert list(apart(rows(tmp_path).batches)) == here


def test_a_batch_of_rejected_rows_alone_survives_the_way(tmp_path: Path) -> None:
    (first, *_) = rows(tmp_path).batches()
    rejected = Batch([first.items[1]])
    assert pickle.loads(pickle.dumps(rejected)) == rejected  # noqa: S301 - our own


def test_a_long_file_ends_as_a_short_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    there = sums(office.bring(FILE, dry_run=True)), office.result()
    monkeypatch.setattr(importing, "_LONG", 0)
    assert (sums(office.bring(FILE, dry_run=True)), office.result()) == there


def _damaged() -> Iterator[int]:
    yield 1
    raise Refused("The file is damaged.")


def test_what_is_refused_there_is_refused_here() -> None:
    items = apart(_damaged)
    assert next(items) == 1
    with pytest.raises(Refused, match="is damaged"):
        next(items)


def test_a_process_that_dies_is_told_with_what_to_do() -> None:
    with pytest.raises(Refused, match="once more"):
        list(apart(partial(map, os._exit, [1])))  # nothing is made


def test_it_ends_with_whoever_wanted_it(tmp_path: Path) -> None:
    with closing(apart(rows(tmp_path).batches)) as batches:
        next(batches)
    assert list(batches) == []


def test_what_is_done_aside_is_done_in_turn_and_in_the_end() -> None:
    done: list[int] = []
    with aside(done.append) as do:
        for number in range(5):
            do(number)
            assert done == list(range(number)) or done == list(range(number + 1))
    assert done == list(range(5))


def test_what_fails_aside_is_told_by_the_next_call_or_in_the_end() -> None:
    def divide(number: int) -> float:
        return 1 / number

    def once_more() -> None:
        with aside(divide) as do:
            do(0)
            do(1)

    def the_last() -> None:
        with aside(divide) as do:
            do(0)

    for whole in (once_more, the_last):
        with pytest.raises(ZeroDivisionError):
            whole()
