"""The outbox: every mail a file. For development, rehearsal and those who hand mail on by other means.

    <folder>/<label of the campaign>/<number of the subscriber>_<address>.eml

A file appears whole or not at all, is on the disk before it counts as accepted, and is never written over: one that is
there already was accepted before.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from newsletter.delivery.letters import letter
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.errors import StopCampaign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from newsletter.delivery.transport import Addressed, Call

_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9@.+_-]")
_LONGEST_ADDRESS = 100
"""Characters of an address that a name keeps; file systems allow 255 bytes."""


class Outbox:
    """Transport into files under a folder, which is made when it is needed."""

    max_recipients = 100

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self.name = f"outbox:{self._folder}"

    def send(self, call: Call) -> Sequence[Outcome]:
        """Write a file for each recipient; their path below the folder is the message id.

        Raises StopCampaign when the folder cannot be written to.
        """
        outcomes: list[Outcome] = []
        try:
            for addressed in call.recipients:
                outcomes.append(self._accept(call, addressed))  # noqa: PERF401 - those before a failure are kept
            for folder in {(self._folder / outcome.message_id).parent for outcome in outcomes if outcome.message_id}:
                _to_disk(folder)
        except OSError as error:
            return self._cut_short(outcomes, len(call.recipients), error)
        return outcomes

    def evidence(self, delivery_ids: Sequence[str]) -> Mapping[str, bool]:
        """Look which mails are there: known for every delivery, both ways."""
        labels = {delivery_id.rpartition(".")[0] for delivery_id in delivery_ids}
        there = {
            f"{label}.{entry.name.partition('_')[0]}"
            for label in labels
            if (self._folder / label).is_dir()
            for entry in os.scandir(self._folder / label)
        }
        return {delivery_id: delivery_id in there for delivery_id in delivery_ids}

    def close(self) -> None:
        """Do nothing: every file was closed when it was written."""

    def _accept(self, call: Call, addressed: Addressed) -> Outcome:
        message = letter(call, addressed)
        if isinstance(message, Outcome):
            return message
        path = self._path(addressed)
        _write_once(path, message)
        return Outcome(Verdict.ACCEPTED, message_id=str(path.relative_to(self._folder)))

    def _path(self, addressed: Addressed) -> Path:
        label, _, number = addressed.delivery_id.rpartition(".")
        address = _NOT_IN_NAME.sub("_", addressed.recipient.email)[:_LONGEST_ADDRESS]
        return self._folder / label / f"{number}_{address}.eml"

    def _cut_short(self, outcomes: list[Outcome], expected: int, error: OSError) -> Sequence[Outcome]:
        reason = f"The outbox {self._folder} cannot be written to: {error.strerror or error}."
        if not outcomes:
            raise StopCampaign(f"{reason} Make room or mend its rights, then resume the campaign.") from error
        return [*outcomes, *[Outcome(Verdict.UNTRIED, reason=reason)] * (expected - len(outcomes))]


def _write_once(path: Path, content: bytes) -> None:
    """Let a whole file appear at `path`, unless there is one."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(unfinished, path)  # unlike a rename it never replaces
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()


def _to_disk(folder: Path) -> None:
    """Make the names in a folder as durable as the files they name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
