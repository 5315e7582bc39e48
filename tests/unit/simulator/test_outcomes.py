"""What becomes of mails: the same for the same address and seed, in whatever order."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.simulator import outcomes
from newsletter.simulator.chance import Chance
from newsletter.simulator.errors import ServiceError
from newsletter.simulator.options import Options
from newsletter.simulator.outcomes import DELIVERED, Fate, fate_of

OPTIONS = Options(hard_bounces=0.03, soft_bounces=0.02, complaints=0.002, delays=0.01, opens=0.3, clicks=0.05)
PEOPLE = [f"reader{number}@{'abc'[number % 3]}.example" for number in range(20_000)]


def test_shares_come_out_about_as_asked() -> None:
    fates = [fate_of(address, OPTIONS, Chance(1)) for address in PEOPLE]
    hard = sum(fate.bounce is not None and fate.bounce.is_hard for fate in fates)
    soft = sum(fate.bounce is not None and not fate.bounce.is_hard for fate in fates)
    complaints = sum(bool(fate.complaint) for fate in fates)
    assert (hard, soft, complaints) == pytest.approx((600, 400, 38), rel=0.35)
    assert sum(fate.delayed for fate in fates) == pytest.approx(200, rel=0.3)
    assert sum(fate.opened for fate in fates) > 5 * sum(fate.clicked for fate in fates) > 0


def test_order_and_case_change_nothing_and_another_seed_does() -> None:
    chance = Chance(7)
    first = {address: fate_of(address, OPTIONS, chance) for address in PEOPLE}
    shuffled = random.Random(0).sample(PEOPLE, len(PEOPLE))
    assert {address: fate_of(address.upper(), OPTIONS, chance) for address in shuffled} == first
    assert {address: fate_of(address, OPTIONS, Chance(8)) for address in PEOPLE} != first


def test_bounces_vary_in_kind() -> None:
    kinds = Counter(fate.bounce.name for address in PEOPLE if (fate := fate_of(address, OPTIONS, Chance(1))).bounce)
    assert set(kinds) == {"Permanent/General", "Permanent/NoEmail", "Transient/General", "Transient/MailboxFull"}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("success@simulator.amazonses.com", {"delivered": True}),
        ("bounce@simulator.amazonses.com", {"bounce": "Permanent/General"}),
        ("Bounce+label1@Simulator.AmazonSES.com", {"bounce": "Permanent/General"}),
        ("ooto@simulator.amazonses.com", {"delivered": True, "auto_reply": True}),
        ("complaint+x@simulator.amazonses.com", {"delivered": True, "complaint": "abuse"}),
        ("suppressionlist@simulator.amazonses.com", {"bounce": "Permanent/Suppressed"}),
    ],
)
def test_the_mailbox_simulator_ignores_chance(address: str, expected: dict[str, object]) -> None:
    assert fate_of(address, Options(hard_bounces=1.0), Chance(0)).as_json() == expected


@given(
    st.builds(
        Fate,
        bounce=st.sampled_from([None, *outcomes.BOUNCES.values()]),
        delayed=st.booleans(),
        complaint=st.sampled_from(["", "abuse", "not-spam"]),
        auto_reply=st.booleans(),
    )
)
def test_a_fate_is_read_as_it_is_written(fate: Fate) -> None:
    assert outcomes.read(fate.as_json()) == fate


def test_delivered_is_always_the_same_object() -> None:
    assert outcomes.read({"delivered": True}) is DELIVERED
    assert fate_of("a@b.example", OPTIONS.changed(opens=0.0, clicks=0.0), Chance(1)) is DELIVERED


@pytest.mark.parametrize("wrong", [{"bounced": 1}, {"bounce": "Hard"}, {"complaint": "annoyed"}])
def test_a_fate_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ServiceError):
        outcomes.read(wrong)
