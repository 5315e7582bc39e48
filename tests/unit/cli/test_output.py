from __future__ import annotations

import json

import pytest

from newsletter.cli.output import harmless, print_json, table


def test_a_table_aligns_words_to_the_left_and_numbers_to_the_right() -> None:
    assert table(["who", "items"], [("Zoë", 7), ("Anke Vogel", 12)]) == [
        "who         items",
        "──────────  ─────",
        "Zoë             7",
        "Anke Vogel     12",
    ]


def test_a_table_measures_what_a_terminal_shows() -> None:
    combining, wide = "e\u0301", "日本"
    assert table(["a", "b"], [(combining, "|"), (wide, "|")])[2:] == [f"{combining}     |", f"{wide}  |"]


def test_a_table_without_rows_is_its_headings() -> None:
    assert table(["who"], []) == ["who", "───"]


def test_content_cannot_steer_the_terminal() -> None:
    assert harmless("a\x1b[2Jb\rc\x07\x9b1m d\té") == "a[2Jbc1m d\té"


@pytest.mark.parametrize("value", ["é — «»", "ليلى", "\udc80", 'a "quote" and a\nline'])
def test_json_is_utf8_and_comes_back(value: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    print_json({"value": value})
    assert json.loads(capfdbinary.readouterr().out.decode("utf-8")) == {"value": value}
