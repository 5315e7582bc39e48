"""How long a worker waits after a call that went badly, and when it asks a person."""

from __future__ import annotations

import pytest

from newsletter.delivery.patience import Limits, Patience
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.errors import StopCampaign

ACCEPTED = Outcome(Verdict.ACCEPTED)
REJECTED = Outcome(Verdict.REJECTED, reason="550 no such user")
UNTRIED = Outcome(Verdict.UNTRIED, reason="429 slow down")
UNCERTAIN = Outcome(Verdict.UNCERTAIN, reason="read time-out")
RETRY = Outcome(Verdict.RETRY, reason="450 mailbox busy")


def patience(random: float = 1.0, **limits: float) -> Patience:
    return Patience(Limits(**limits), lambda: random)  # type: ignore[arg-type]  # limits are numbers of both kinds


def test_there_is_no_delay_while_mail_is_accepted_or_refused_for_its_own_sake() -> None:
    watch = patience()
    assert [watch.observe([ACCEPTED, REJECTED, RETRY]), watch.observe([REJECTED]), watch.observe([RETRY])] == [0, 0, 0]


def test_delays_double_up_to_the_longest_and_begin_anew_after_an_acceptance() -> None:
    watch = patience(first_delay=1, longest_delay=6)
    assert [watch.observe([UNTRIED]) for _ in range(5)] == [1, 2, 4, 6, 6]
    assert watch.observe([ACCEPTED]) == 0
    assert watch.observe([UNTRIED]) == 1


def test_a_call_cut_short_waits_a_little_and_counts_as_a_success() -> None:
    watch = patience(first_delay=1, calls_refused=2)
    assert [watch.observe([ACCEPTED, UNTRIED]) for _ in range(5)] == [1, 1, 1, 1, 1]


def test_workers_that_were_refused_together_come_back_apart() -> None:
    assert patience(random=0.0).observe([UNTRIED]) == 0.5
    assert patience(random=0.5).observe([UNTRIED]) == 0.75


def test_it_gives_up_when_nothing_is_accepted_for_long() -> None:
    watch = patience(calls_refused=3)
    watch.observe([UNTRIED])
    watch.observe([UNTRIED])
    with pytest.raises(StopCampaign, match=r"Nothing was accepted in 3 calls in a row; the last answer: 429 slow down"):
        watch.observe([UNTRIED])


def test_it_gives_up_early_when_calls_end_without_an_answer() -> None:
    watch = patience(calls_uncertain=2)
    watch.observe([UNCERTAIN])
    with pytest.raises(StopCampaign, match="2 calls in a row ended without an answer; the last: read time-out"):
        watch.observe([UNCERTAIN])


def test_what_was_accepted_in_a_call_begins_the_count_anew() -> None:
    watch = patience(calls_uncertain=2)
    watch.observe([ACCEPTED, UNCERTAIN])
    watch.observe([ACCEPTED, UNCERTAIN])


def test_it_gives_up_when_everybody_is_refused() -> None:
    watch = patience(recipients_rejected=5)
    watch.observe([REJECTED] * 4)
    watch.observe([ACCEPTED] + [REJECTED] * 4)
    watch.observe([REJECTED] * 4)
    with pytest.raises(StopCampaign, match="recipients in a row were refused; the last answer: 550 no such user"):
        watch.observe([REJECTED])


def test_recipients_are_put_off_longer_every_time_and_not_for_ever() -> None:
    watch = patience(first_put_off=30, rounds=3)
    assert [watch.put_off(rounds) for rounds in range(3)] == [30, 60, 120]
    assert [watch.may_put_off(rounds) for rounds in range(5)] == [True, True, True, False, False]
