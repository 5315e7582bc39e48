"""Values as the drivers store them, for those who go past SQLAlchemy."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Dialect
    from sqlalchemy.orm import DeclarativeBase

    Row = Sequence[Any]
    Converter = Callable[[Any], Any]


def as_stored(
    rows: Sequence[Row], model: type[DeclarativeBase], columns: Sequence[str], dialect: Dialect
) -> Iterator[Row]:
    """Yield `rows` as the driver stores them; what stands in many of them (the time) is converted once."""
    converters = _converters(model, columns, dialect)
    if not converters or not rows:
        return iter(rows)
    values = list(zip(*rows, strict=True))  # column by column, which is three times as fast as row by row
    for position, convert in converters:
        known = {value: convert(value) for value in set(values[position])}
        values[position] = tuple(known[value] for value in values[position])
    return zip(*values, strict=True)


def without_constants(
    columns: Sequence[str], rows: Iterator[Row]
) -> tuple[Sequence[str], Iterator[Row], Mapping[str, Any]]:
    """Return the columns that differ from row to row, the rows of those, and the others with their one value.

    A value handed to SQLite once, and not a thousand times, is a quarter of the time of rows that hardly differ.
    """
    values = dict(zip(columns, zip(*rows, strict=True), strict=True))
    same = {name: each[0] for name, each in values.items() if each.count(each[0]) == len(each) > 1}
    differ = [name for name in columns if name not in same] or list(columns[:1])
    kept = zip(*(values[name] for name in differ), strict=True)
    return differ, kept, {name: value for name, value in same.items() if name not in differ}


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
