"""Many rows at once, as fast as a database takes them: COPY and arrays on PostgreSQL, one statement on SQLite.

Both go past SQLAlchemy, to the driver (docs/decisions/import-in-batches.md).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, any_, func, inspect, literal, select, text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Dialect
    from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

    Row = Sequence[Any]
    Converter = Callable[[Any], Any]


def insert_rows(session: Session, model: type[DeclarativeBase], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert `rows` (values in the order of `columns`) in the session's transaction; no defaults are filled in.

    Raises the driver's own IntegrityError.
    """
    connection = session.connection()
    cursor = connection.connection.cursor()
    stored = _as_stored(rows, model, columns, connection.dialect)
    table, names = model.__tablename__, ", ".join(columns)
    if connection.dialect.name == "postgresql":
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in stored:
                copy.write_row(row)
    else:
        places = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - our own names, not anybody's input
        cursor.executemany(statement, stored)  # type: ignore[arg-type]  # sqlite3 takes an iterator
    cursor.close()


def update_rows(
    session: Session, model: type[DeclarativeBase], columns: Sequence[str], keys: Sequence[str], rows: Sequence[Row]
) -> None:
    """Set `columns` where `keys` are so, row by row: values in the order of `columns`, then of `keys`."""
    if not rows:
        return
    connection = session.connection()
    cursor = connection.connection.cursor()
    table, names = model.__tablename__, (*columns, *keys)
    stored = _as_stored(rows, model, names, connection.dialect)
    if connection.dialect.name == "postgresql":
        types = [inspect(model).columns[name].type.compile(connection.dialect) for name in names]
        arrays = ", ".join(f"%s::{kind}[]" for kind in types)
        values = ", ".join(f"{name} = new.{name}" for name in columns)
        where = " AND ".join(f"old.{name} = new.{name}" for name in keys)
        cursor.execute(
            f"UPDATE {table} old SET {values} FROM unnest({arrays}) AS new({', '.join(names)}) WHERE {where}",  # noqa: S608 - our own names
            [list(column) for column in zip(*stored, strict=True)],
        )
    else:
        values = ", ".join(f"{name} = ?" for name in columns)
        where = " AND ".join(f"{name} = ?" for name in keys)
        statement = f"UPDATE {table} SET {values} WHERE {where}"  # noqa: S608 - our own names
        cursor.executemany(statement, stored)  # type: ignore[arg-type]  # sqlite3 takes an iterator
    cursor.close()


def among(
    session: Session, column: InstrumentedAttribute[str] | InstrumentedAttribute[int], values: Collection[str | int]
) -> ColumnElement[bool]:
    """Return the condition that `column` is one of thousands of `values`, handed over as one parameter."""
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(literal(list(values), ARRAY(column.type)))
    return column.in_(select(func.json_each(json.dumps(list(values))).table_valued("value").c.value))


def sole_importer(session: Session) -> None:
    """Let nobody else write people or subscriptions until the commit, so that what was looked up stays so.

    SQLite's write transactions are alone anyway. PostgreSQL's lock lets readers be; it is taken in this order by all
    who write both (people, then subscriptions), so nobody waits for each other.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE subscribers, subscriptions IN SHARE ROW EXCLUSIVE MODE"))


def reserve_subscriber_ids(session: Session, count: int) -> Sequence[int]:
    """Return `count` ascending numbers for new subscribers, given to nobody else and never again.

    Known before the rows are written, so that people, subscriptions and consents go in without a look between.
    """
    if session.get_bind().dialect.name == "postgresql":
        sequence = text("SELECT nextval(pg_get_serial_sequence('subscribers', 'id')) FROM generate_series(1, :count)")
        return sorted(session.scalars(sequence, {"count": count}))
    # nobody else writes meanwhile, and an id that is inserted moves SQLite's own counter
    highest = session.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = 'subscribers'")) or 0
    return range(highest + 1, highest + 1 + count)


def _as_stored(
    rows: Iterable[Row], model: type[DeclarativeBase], columns: Sequence[str], dialect: Dialect
) -> Iterator[Row]:
    """Yield `rows` as the driver stores them; what stands in many of them (the time) is converted once."""
    converters = _converters(model, columns, dialect)
    known: dict[Any, Any] = {}
    for row in rows:
        values = list(row)
        for position, convert in converters:
            value = values[position]
            if value not in known:
                known[value] = convert(value)
            values[position] = known[value]
        yield values


def _converters(
    model: type[DeclarativeBase], columns: Sequence[str], dialect: Dialect
) -> Sequence[tuple[int, Converter]]:
    """Return (position, function) of the columns that the driver does not store as they are."""
    types = [inspect(model).columns[name].type for name in columns]
    processors = [each.dialect_impl(dialect).bind_processor(dialect) for each in types]
    return [(position, _in_words(processor)) for position, processor in enumerate(processors) if processor is not None]


def _in_words(processor: Converter) -> Converter:
    """Return `processor` with instants as text: psycopg writes them ten times as fast as datetimes."""

    def convert(value: Any) -> Any:  # noqa: ANN401 - of any column
        stored = processor(value)
        return stored.isoformat() if isinstance(stored, datetime) else stored

    return convert
