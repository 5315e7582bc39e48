"""The life of an issue's revisions: a draft is written over until it is finalized, then it is frozen. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class State(StrEnum):
    """Of a revision."""

    DRAFT = "draft"
    FINALIZED = "finalized"


class Change(StrEnum):
    """What somebody does to an issue."""

    SAME = "same"
    """The same content comes again."""
    EDIT = "edit"
    """Another content: a text, a translation, topics, a must-read."""
    FINALIZE = "finalize"


class Effect(StrEnum):
    """What is to be written."""

    NOTHING = "nothing"
    REWRITE = "rewrite"
    """The newest revision gets the content."""
    FREEZE = "freeze"
    """The newest revision is finalized."""
    NEW_REVISION = "new revision"
    """A draft with the next number; the one before stays as it is."""


EFFECTS: Mapping[tuple[State | None, Change], Effect] = {
    (None, Change.EDIT): Effect.NEW_REVISION,
    (State.DRAFT, Change.SAME): Effect.NOTHING,
    (State.DRAFT, Change.EDIT): Effect.REWRITE,
    (State.DRAFT, Change.FINALIZE): Effect.FREEZE,
    (State.FINALIZED, Change.SAME): Effect.NOTHING,
    (State.FINALIZED, Change.EDIT): Effect.NEW_REVISION,  # a campaign may have been approved on the frozen one
    (State.FINALIZED, Change.FINALIZE): Effect.NOTHING,  # twice is once
}
"""By the state of the newest revision (None: there is none) and the change. What is missing cannot happen."""
