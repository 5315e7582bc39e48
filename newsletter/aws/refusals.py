"""What AWS, or the way to it, refuses: typed by what the caller must do, and every one says what to do."""

from __future__ import annotations

from newsletter.errors import FixConfiguration, Refused


class AwsRefused(Refused):
    """AWS said no; `do` is what a person can do about it."""

    def __init__(self, said: str, do: str) -> None:
        super().__init__(f"{said} {do}")
        self.said = said
        self.do = do


class NotAllowed(AwsRefused):
    """The credentials are right, and may not do this."""


class NotThere(AwsRefused):
    """What was asked for does not exist."""


class NotReached(AwsRefused):
    """Nothing answered; the same may succeed later."""


class Throttled(AwsRefused):
    """Too much was asked for in a short time."""


class TokenInvalid(AwsRefused):
    """What asks for the next page of a list is not known (any more)."""


class NoCredentials(FixConfiguration, AwsRefused):
    """Region or credentials are missing, or AWS does not take them."""
