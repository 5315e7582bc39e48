"""Statements that are run with every call: compiled once, then handed to the driver as they are.

What SQLAlchemy does around a statement (its cache key, its context, its result) takes several times as long as SQLite
needs to run one of a single row. Values and columns are converted by their types here too, and the driver's errors are
SQLAlchemy's: whoever waits for a database that is away need not know which way was taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Dialect, Executable
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.types import TypeEngine

    Converter = Callable[[Any], Any]


class Ready:
    """One statement, for any database. Its parameters are the `bindparam`s in it, by name."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement

    def change(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Run it in the connection's transaction, which begins if it did not; return how many rows it found."""
        cursor = self._run(connection, _form(self, connection.dialect), values)
        found: int = cursor.rowcount
        cursor.close()
        return found

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run it likewise and return all its rows."""
        form = _form(self, connection.dialect)
        cursor = self._run(connection, form, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        converters = form.converters(cursor.description)
        cursor.close()
        return [_read(row, converters) for row in found] if converters else found

    def compiled(self, dialect: Dialect) -> _Form:
        """Return it as that database takes it."""
        compiled: SQLCompiler = self._statement.compile(dialect=dialect)  # type: ignore[attr-defined]  # every statement has it
        binds: dict[str, Any] = dict(compiled._bind_processors)  # noqa: SLF001 - nothing public has them by name
        same = {name: _converted(value, binds.get(name)) for name, value in compiled.params.items()}
        order = tuple(compiled.positiontup or ()) if compiled.positional else None
        columns = compiled._result_columns or ()  # noqa: SLF001 - likewise
        return _Form(str(compiled), order, same, binds, dialect, [column.type for column in columns])

    @staticmethod
    def _run(connection: Connection, form: _Form, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the driver's
        cursor = connection.connection.cursor()
        named = {**form.same, **{name: _converted(value, form.binds.get(name)) for name, value in values.items()}}
        given: Any = named if form.order is None else [named[name] for name in form.order]
        run(connection, cursor.execute, form.sql, given)
        return cursor


@dataclass
class _Form:
    """A statement as one database takes it."""

    sql: str
    order: tuple[str, ...] | None
    """Of the parameters, where they have no names there."""
    same: Mapping[str, Any]
    """What parameters are that nobody gives."""
    binds: Mapping[str, Converter]
    dialect: Dialect
    columns: Sequence[TypeEngine[Any]]
    _converters: Sequence[tuple[int, Converter]] | None = None

    def converters(self, description: Sequence[Any]) -> Sequence[tuple[int, Converter]]:
        """Return (place, function) of the columns that the driver does not return as Python has them.

        `description` is the cursor's: the driver's own type of a column has a say in it, and is known only then.
        """
        if self._converters is None:
            found = [
                each.dialect_impl(self.dialect).result_processor(self.dialect, described[1])
                for each, described in zip(self.columns, description, strict=True)
            ]
            self._converters = [(at, convert) for at, convert in enumerate(found) if convert is not None]
        return self._converters


def _read(row: tuple[Any, ...], converters: Sequence[tuple[int, Converter]]) -> tuple[Any, ...]:
    read = list(row)
    for at, convert in converters:
        read[at] = convert(read[at])
    return tuple(read)


def run(
    connection: Connection, action: Callable[..., object], sql: str, values: Sequence[Any] | Mapping[str, Any]
) -> None:
    """Have the driver run a statement (`action`: `execute` or `executemany` of a cursor) of the connection's.

    Raises what SQLAlchemy raises, and gives a connection up that is broken.
    """
    dialect = connection.dialect
    errors = dialect.loaded_dbapi.Error
    if not connection.in_transaction():
        connection.begin()  # as SQLAlchemy does: SQLite would commit at once
    try:
        action(sql, values)
    except errors as error:
        driver: Any = connection.connection
        broken = dialect.is_disconnect(error, driver, None)
        if broken:
            connection.invalidate(error)
        raise DBAPIError.instance(
            sql, None, error, errors, hide_parameters=True, connection_invalidated=broken, dialect=dialect
        ) from error


@lru_cache(maxsize=256)
def _form(ready: Ready, dialect: Dialect) -> _Form:
    return ready.compiled(dialect)


def _converted(value: Any, convert: Converter | None) -> Any:  # noqa: ANN401 - of any column
    return value if convert is None else convert(value)
