"""What a campaign needs to hear about mails in doubt."""

from __future__ import annotations

from typing import Protocol


class Feedback(Protocol):
    """Takes in what the mail service says afterwards. Implemented by `feedback`; called while somebody is in doubt."""

    def listen(self) -> int:
        """Take in what is there now, without waiting for long; return how many messages that were.

        Settles by receipts, and sends again what a healthy, silent stream proves was not accepted. Waits itself, or
        says so on the log, where the stream or the database does not answer.
        """
        ...

    def stand_in(self) -> None:
        """Do the same, but only where nobody else takes in what comes back."""
        ...
