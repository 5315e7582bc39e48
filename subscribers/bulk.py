"""Many rows at once, as fast as a database takes them: COPY and arrays on PostgreSQL, few long statements on SQLite.

Both go past SQLAlchemy, to the driver (docs/decisions/import-in-batches.md).
"""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ARRAY, String, Text, any_, bindparam, func, inspect, literal, select, text

from subscribers.stored import as_stored, without_constants

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Dialect, Select, TableValuedAlias
    from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

    Row = Sequence[Any]
    Rows = list[Row]

_AT_ONCE = 1_000
"""Rows in one statement of SQLite: it takes 32,766 parameters."""
_PAGES = 32 * 1024
"""KiB of a SQLite database that an importing connection keeps in memory."""
_LOGGED = 16_000
"""Pages (of 4 KiB) of SQLite's log after which they go into the database. The index of addresses is in no order: its
pages change with every batch, and have to go there once for many of them (by default after 1,000)."""
_BY_INDEX = "; ".join(
    f"SET LOCAL {way} TO off" for way in ("enable_hashjoin", "enable_mergejoin", "enable_seqscan", "enable_bitmapscan")
)
_NONE: Mapping[str, Any] = {}


def insert_rows(
    session: Session,
    model: type[DeclarativeBase],
    columns: Sequence[str],
    rows: Sequence[Row],
    same: Mapping[str, Any] = _NONE,
) -> None:
    """Insert `rows` (values in the order of `columns`) in the session's transaction; no defaults are filled in.

    `same`: columns whose value is the same in every row. Raises the driver's own IntegrityError.
    """
    if not rows:
        return
    connection = session.connection()
    dialect, table = connection.dialect, model.__tablename__
    names, constants = ", ".join((*columns, *same)), list(_stored(same, model, dialect).values())
    stored = as_stored(rows, model, columns, dialect)
    cursor = connection.connection.cursor()
    if dialect.name == "postgresql":
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in stored:
                copy.write_row((*row, *constants))
    else:
        ours, stored, also = without_constants(columns, stored)
        names, constants = ", ".join((*ours, *also, *same)), [*also.values(), *constants]
        for part in _parts(stored):
            values = _values(len(part), len(ours), len(constants), len(constants))
            statement = f"INSERT INTO {table} ({names}) VALUES {values}"  # noqa: S608 - our own names, nobody's input
            cursor.execute(statement, [*constants, *chain.from_iterable(part)])
    cursor.close()


def update_rows(
    session: Session,
    model: type[DeclarativeBase],
    columns: Sequence[str],
    keys: Sequence[str],
    rows: Sequence[Row],
    *,
    same: Mapping[str, Any] = _NONE,
    where: Mapping[str, Any] = _NONE,
) -> None:
    """Set `columns` where `keys` are so, row by row: values in the order of `columns`, then of `keys`.

    `same`: columns that are set to the same value in every row. `where`: keys that have the same value in every row.
    """
    if not rows:
        return
    connection = session.connection()
    dialect, names = connection.dialect, (*columns, *keys)
    differ, stored, also = without_constants(names, as_stored(rows, model, names, dialect))
    sets = {**_stored(same, model, dialect), **{name: also[name] for name in columns if name in also}}
    asks = {**_stored(where, model, dialect), **{name: also[name] for name in keys if name in also}}
    columns, keys = ([name for name in each if name in differ] for each in (columns, keys))
    change = _Change(model.__tablename__, columns, keys, tuple(sets), tuple(asks))
    cursor = connection.connection.cursor()
    if dialect.name == "postgresql":
        source = f"{_unnested(model, differ, dialect)} AS new({', '.join(differ)})"
        # in the order of the statement: what is set, the rows, what is asked for
        parameters = [*sets.values(), *_by_column(stored), *asks.values()]
        cursor.execute(change.statement(source, "new.{name}", "%s"), parameters)
    else:
        constants = (*sets.values(), *asks.values())
        for part in _parts(stored):
            source = f"(VALUES {_values(len(part), len(differ), 0, len(constants))}) AS new"
            statement = change.statement(source, "new.column{place}", "?{place}")
            cursor.execute(statement, [*constants, *chain.from_iterable(part)])
    cursor.close()


def merge_rows(
    session: Session,
    model: type[DeclarativeBase],
    columns: Sequence[str],
    rows: Sequence[Row],
    *,
    sets: Mapping[str, str] = _NONE,
    returning: str | None = None,
) -> Sequence[Any]:
    """Insert `rows` (values in the order of `columns`); where the primary key is there already, leave what is there.

    `sets`: what is changed there instead: SQL by column, of the row that is there (the table's name) and of the
    new one (`excluded`); then no two of `rows` may have the same key. Return the column `returning` of the rows that
    were written, in no order. Rows are locked in their order.
    """
    if not rows:
        return []
    connection = session.connection()
    dialect, table = connection.dialect, inspect(model).local_table
    keys = ", ".join(column.name for column in table.primary_key)
    change = ", ".join(f"{name} = {value}" for name, value in sets.items())
    end = f" ON CONFLICT ({keys}) DO {f'UPDATE SET {change}' if sets else 'NOTHING'}"
    end += f" RETURNING {returning}" if returning else ""
    start = f"INSERT INTO {model.__tablename__} ({', '.join(columns)})"
    stored = as_stored(rows, model, columns, dialect)
    cursor = connection.connection.cursor()
    written: list[Any] = []
    if dialect.name == "postgresql":
        source = _unnested(model, columns, dialect)
        cursor.execute(f"{start} SELECT * FROM {source}{end}", _by_column(stored))  # noqa: S608 - our own names
        written += cursor.fetchall() if returning else ()
    else:
        for part in _parts(stored):
            values = f" VALUES {_values(len(part), len(columns), 0, 0)}"
            cursor.execute(f"{start}{values}{end}", list(chain.from_iterable(part)))
            written += cursor.fetchall() if returning else ()
    cursor.close()
    return [row[0] for row in written]


def among(
    session: Session, column: InstrumentedAttribute[str] | InstrumentedAttribute[int], values: Collection[str | int]
) -> ColumnElement[bool]:
    """Return the condition that `column` is one of thousands of `values`, handed over as one parameter."""
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(literal(list(values), ARRAY(column.type)))
    return column.in_(select(func.json_each(json.dumps(list(values))).table_valued("value").c.value))


def among_given(
    dialect: str, column: InstrumentedAttribute[str] | InstrumentedAttribute[int], parameter: str
) -> ColumnElement[bool]:
    """Return the same condition for a statement that is built once; the parameter is a list, for SQLite in JSON."""
    if dialect == "postgresql":
        return column == any_(bindparam(parameter, type_=ARRAY(column.type)))
    return column.in_(select(func.json_each(bindparam(parameter)).table_valued("value").c.value))


def rows_of(session: Session, values: Sequence[str]) -> TableValuedAlias:
    """Return thousands of `values`, handed over as one parameter, as a table to select from, with a column `value`.

    Rows that are joined to it are found by their index one after the other, in the order of `values`.
    """
    if session.get_bind().dialect.name == "postgresql":
        return func.unnest(literal(values, ARRAY(Text))).table_valued("value", name="given").render_derived()
    return func.json_each(json.dumps(values)).table_valued("value", name="given")


def look_up(session: Session, query: Select[*tuple[Any, ...]]) -> Rows:
    """Return all rows of `query` as the driver has them: texts and numbers alone are the same by either way.

    For ten thousand rows of nine columns SQLAlchemy takes longer than SQLite needs to find them.
    """
    connection = session.connection()
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    parameters: Any = compiled.params
    if compiled.positional:
        parameters = [parameters[name] for name in compiled.positiontup or ()]
    cursor = connection.connection.cursor()
    cursor.execute(str(compiled), parameters)
    rows = cursor.fetchall()
    cursor.close()
    return list(rows)


def sole_importer(session: Session) -> None:
    """Let nobody else write people or subscriptions until the commit, so that what was looked up stays so.

    SQLite's write transactions are alone anyway. PostgreSQL's lock lets readers be; it is taken in this order by all
    who write both (people, then subscriptions), so nobody waits for each other. Until the commit it finds rows by their
    indexes alone: for some thousand it would rather read whole tables, of which it knows nothing yet when they are new.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE subscribers, subscriptions IN SHARE ROW EXCLUSIVE MODE"))
        session.execute(text(_BY_INDEX))
    else:
        # pages of the index of addresses, which are in no order: by default 2 MB of them
        for pragma in (f"cache_size = -{_PAGES}", f"wal_autocheckpoint = {_LOGGED}"):
            session.connection().exec_driver_sql(f"PRAGMA {pragma}")


def reserve_subscriber_ids(session: Session, count: int) -> Sequence[int]:
    """Return `count` ascending numbers for new subscribers, given to nobody else and never again.

    Known before the rows are written, so that people, subscriptions and consents go in without a look between.
    """
    if session.get_bind().dialect.name == "postgresql":
        # its name is asked for once: in the other statement PostgreSQL would look it up for every number
        sequence = session.scalar(text("SELECT pg_get_serial_sequence('subscribers', 'id')"))
        numbers = text("SELECT array_agg(nextval(CAST(:sequence AS regclass))) FROM generate_series(1, :count)")
        return sorted(session.scalar(numbers, {"sequence": sequence, "count": count}) or ())
    # nobody else writes meanwhile, and an id that is inserted moves SQLite's own counter
    highest = session.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = 'subscribers'")) or 0
    return range(highest + 1, highest + 1 + count)


class _Change(NamedTuple):
    """An UPDATE of many rows: the columns that differ from row to row, and those that do not."""

    table: str
    columns: Sequence[str]
    keys: Sequence[str]
    same: Sequence[str]
    where: Sequence[str]

    def statement(self, source: str, new: str, constant: str) -> str:
        """Return the SQL. `new` and `constant`: how a column of `source`, and a parameter, are written."""
        values = [new.format(name=name, place=place) for place, name in enumerate((*self.columns, *self.keys), start=1)]
        constants = [constant.format(place=place) for place in range(1, len(self.same) + len(self.where) + 1)]
        sets = zip((*self.same, *self.columns), (*constants[: len(self.same)], *values), strict=False)
        asks = zip((*self.keys, *self.where), (*values[len(self.columns) :], *constants[len(self.same) :]), strict=True)
        changes = ", ".join(f"{name} = {value}" for name, value in sets)
        conditions = " AND ".join(f"{self.table}.{name} = {value}" for name, value in asks)
        return f"UPDATE {self.table} SET {changes} FROM {source} WHERE {conditions}"  # noqa: S608 - our own names


def _unnested(model: type[DeclarativeBase], columns: Sequence[str], dialect: Dialect) -> str:
    """Return PostgreSQL's rows from one array a column.

    Texts without the length that the column allows: a cast would cut them, where an assignment refuses. In binary: as
    text, psycopg would look at every letter for one to escape.
    """
    types = [inspect(model).columns[name].type for name in columns]
    kinds = ["text" if isinstance(each, String) else each.compile(dialect) for each in types]
    return f"unnest({', '.join(f'%b::{kind}[]' for kind in kinds)})"


def _stored(same: Mapping[str, Any], model: type[DeclarativeBase], dialect: Dialect) -> Mapping[str, Any]:
    (values,) = as_stored([tuple(same.values())], model, tuple(same), dialect)
    return dict(zip(same, values, strict=True))


def _by_column(rows: Iterator[Row]) -> list[Row]:
    return [list(column) for column in zip(*rows, strict=True)]


def _parts(rows: Iterator[Row]) -> Iterator[Sequence[Row]]:
    while part := list(islice(rows, _AT_ONCE)):
        yield part


@lru_cache(64)
def _values(count: int, width: int, constants: int, taken: int) -> str:
    """Return `count` rows of places for values: `width` of their own each, then the first `constants` parameters.

    `taken`: how many parameters are constants.
    """
    shared = [f"?{number}" for number in range(1, constants + 1)]
    rows = (
        ", ".join([*(f"?{taken + row * width + place}" for place in range(1, width + 1)), *shared])
        for row in range(count)
    )
    return ", ".join(f"({row})" for row in rows)
