"""What can be refused, said so that a person can mend it."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - a refusal is what it is; every subclass says of what
    """A request that cannot be carried out as it stands.

    The message says what happened, to what, and what to do next; it is shown to a person as it is.
    Nothing has been written when it is raised.
    """

    @property
    def sentence(self) -> str:
        """The message as it was given: a `sentences.Sentence`, where it can be said in other languages."""
        return str(self) if not self.args else self.args[0]


class NotFound(Refused):
    """The thing named does not exist."""


class AlreadyExists(Refused):
    """The name is taken."""


class InvalidAddress(Refused):
    """Not an address that mail can be sent to."""


class Unreachable(InvalidAddress):
    """An address that exists, and that no mail of ours can be sent to."""


class InvalidToken(Refused):
    """A signed link that was altered, is for another purpose, or was signed with an unknown key."""


class Expired(Refused):
    """A link whose time is over, or that was overtaken by what its owner did since."""


class AlreadyUsed(Refused):
    """A link that works once, and did."""


class TooMany(Refused):
    """The same was asked for too often of late; later it can be."""


class DatabaseNotReady(Refused):
    """The database has no schema, or one of another version than this program."""
