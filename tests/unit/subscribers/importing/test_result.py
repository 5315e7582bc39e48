"""The file that says what became of every row."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from subscribers.formulas import neutralised
from subscribers.importing.result import Line, result_file
from subscribers.lifecycle import Fate

TEXTS = st.one_of(
    st.sampled_from(
        ["", "ann@example.org", "=1+1", "'=1", "-x@example.org", 'a"b', "a,b", "a\nb", "a\rb", "'", "\t@", "é"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
LINES = st.lists(st.builds(Line, st.integers(1, 99), TEXTS, st.sampled_from(list(Fate)), TEXTS), max_size=4)


@given(batches=st.lists(LINES, max_size=3))
@example(batches=[[Line(2, "ann@example.org", Fate.ADDED, "")], [Line(3, "=1+1", Fate.REJECTED, "email: no, not one")]])
def test_whatever_stands_in_it_is_read_back_and_no_spreadsheet_runs_it(batches: list[list[Line]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "result.csv"
        with result_file(path) as write:
            for lines in batches:
                write(lines)
        with path.open(encoding="utf-8", newline="") as file:
            found = file.read()
    rows = [
        Line._fields,
        *((str(n), neutralised(email), fate.value, reason) for b in batches for n, email, fate, reason in b),
    ]
    assert list(csv.reader(io.StringIO(found, newline=""))) == [list(row) for row in rows]
