"""The table of the life of revisions, walked at random."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsletter.issues.lifecycle import EFFECTS, Change, Effect, State


@given(st.lists(st.sampled_from(list(Change)), max_size=12))
def test_whatever_happens_a_frozen_revision_is_never_written(changes: list[Change]) -> None:
    revisions: list[State] = []
    for change in changes:
        newest = revisions[-1] if revisions else None
        effect = EFFECTS.get((newest, change))
        if effect is None:
            assert newest is None  # there is nothing yet that could stay the same or be finalized
        elif effect is Effect.NEW_REVISION:
            assert newest is not State.DRAFT
            revisions.append(State.DRAFT)
        elif effect is Effect.REWRITE:
            assert newest is State.DRAFT
        elif effect is Effect.FREEZE:
            revisions[-1] = State.FINALIZED
        assert State.DRAFT not in revisions[:-1]


def test_every_change_of_an_issue_that_exists_has_an_effect() -> None:
    assert {(state, change) for state in State for change in Change} <= EFFECTS.keys()
