"""`suppression sync` says what it does, and refuses where AWS is out of reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.simulator import client

if TYPE_CHECKING:
    from newsletter.simulator.client import SimulatorClient
    from tests.unit.cli.conftest import Newsletter


def test_it_plans_and_does(newsletter: Newsletter, simulator: SimulatorClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ses = client("sesv2", simulator)
    ses.put_suppressed_destination(EmailAddress="a@there.example", Reason="BOUNCE")
    newsletter("suppression", "add", "b@here.example", "--reason", "complaint")
    for name, value in simulator.environment.items():
        monkeypatch.setenv(name, value)
    planned = newsletter("suppression", "sync", "--plan", "--rate", "100", "--json").json
    done = newsletter("suppression", "sync", "--rate", "100", "--json").json
    assert (planned.pop("plan"), done.pop("plan")) == (True, False)
    assert planned == done
    assert (done["imported"], done["put"]) == (1, 1)
    newsletter("suppression", "remove", "a@there.example")
    left = newsletter("suppression", "sync", "--rate", "100", code=3)
    assert "--delete" in left.err
    assert "taken off" in newsletter("suppression", "sync", "--delete", "--rate", "100").out


def test_without_region_or_credentials_it_says_what_to_do(
    newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "AWS_DEFAULT_REGION" in newsletter("suppression", "sync", code=1).err
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    refused = newsletter("suppression", "sync", code=1)
    assert "AWS_ACCESS_KEY_ID" in refused.err
