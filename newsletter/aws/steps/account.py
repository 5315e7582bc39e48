"""What holds for all mail of the account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsletter.aws.steps.change import Change
from newsletter.aws.wanted import SUPPRESSED_REASONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.aws.service import Aws


@dataclass(frozen=True, slots=True)
class SuppressionList:
    """The account's suppression list, taking in who bounces and who complains."""

    title: str = "suppression list of the account"

    def look(self, aws: Aws) -> Sequence[Change]:
        """Return what is to be done about it."""
        there = aws.ask("sesv2", "get_account").get("SuppressionAttributes") or {}
        reasons = there.get("SuppressedReasons") or []
        if set(reasons) >= set(SUPPRESSED_REASONS):
            return []
        said = {**there, "SuppressedReasons": list(SUPPRESSED_REASONS)}
        return [
            Change(
                what="SuppressedReasons",
                there=", ".join(sorted(reasons)) or "none",
                wanted=", ".join(SUPPRESSED_REASONS),
                why="mail to addresses that bounced or complained ruins the reputation of the account",
                make=lambda: aws.ask("sesv2", "put_account_suppression_attributes", **said),
            )
        ]
