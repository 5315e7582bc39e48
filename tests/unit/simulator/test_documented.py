"""docs/simulator.md names everything there is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from newsletter.simulator.faults import KINDS, Fault
from newsletter.simulator.options import Options
from newsletter.simulator.protocols import control, ses, sns, sqs

PAGE = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")
OPERATIONS = {
    *(route[2] for route in ses.ROUTES),
    *sqs.OPERATIONS,
    "ReceiveMessage",
    *sns.ACTIONS,
}
CONTROL = {
    f"{method} {path}".replace("(?P<id>[^/]+)", "ID")
    .replace("(?P<number>[0-9]+)", "N")
    .replace("(?P<name>[^/]+)", "NAME")
    for method, path, _ in control.ROUTES
}


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_operations(operation: str) -> None:
    assert operation in PAGE


@pytest.mark.parametrize("option", [field.name for field in dataclasses.fields(Options)])
def test_options(option: str) -> None:
    assert f"`{option}`" in PAGE


@pytest.mark.parametrize("word", [*KINDS, *(field.name for field in dataclasses.fields(Fault)[1:])])
def test_faults(word: str) -> None:
    assert f"`{word}" in PAGE


@pytest.mark.parametrize("request_line", sorted(CONTROL))
def test_control(request_line: str) -> None:
    assert f"`{request_line}" in PAGE
