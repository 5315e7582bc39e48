"""The record of what was accepted: who got how many mails, and every mail as it was handed over.

One line of JSON for each call is written, with one system call, before the sender gets an answer; contents that many
calls share (the inline template of an edition) are written once. Memory keeps the addresses, tags and outcomes; all
else is read back from the file. With a path the record survives the simulator, also when it is killed; without one it
is an unnamed temporary file.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
from collections import Counter
from dataclasses import asdict
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from newsletter.errors import FixConfiguration
from newsletter.simulator.accepted import Call, Mail
from newsletter.simulator.errors import limit_exceeded
from newsletter.simulator.outcomes import DELIVERED
from newsletter.simulator.outcomes import read as read_fate
from newsletter.simulator.templates import Content

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from newsletter.simulator.accepted import Entry, Pairs, Shared
    from newsletter.simulator.options import Options

_ID = re.compile(r"[0-9a-f]{16}-([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-([0-9a-f]{12})-0{6}")
_CALLS_READ_BACK = 256
_CONTENTS_KEYED = 64


class Record:
    """Everything accepted since the start, or since the file began."""

    def __init__(self, options: Options, started: float, path: Path | None = None) -> None:
        self._options = options
        self._salt = blake2b(f"{options.seed}/{started}".encode(), digest_size=6).hexdigest()
        self._file = _opened(path)
        self._end = 0
        self._contents: dict[str, tuple[int, int]] = {}
        self.calls: list[Call] = []
        self.mails_accepted = 0
        self._by_recipient: dict[str, list[Mail]] = {}
        self._read_back = lru_cache(maxsize=_CALLS_READ_BACK)(self._line)
        self._load()

    def content(self, content: Content) -> str:
        """Return the key under which `content` is recorded; write it down if it is new."""
        key = _content_key(content)
        if key not in self._contents:
            self._contents[key] = self._write({"content": key, **asdict(content)})
        return key

    def check_room(self, mails: int) -> None:
        """Raise LimitExceededException if `mails` more cannot be recorded: what is accepted is recorded, or refused."""
        if self.mails_accepted + mails > self._options.max_mails or self._end > self._options.max_record_bytes:
            raise limit_exceeded(
                f"The simulator has recorded {self.mails_accepted} mails in {self._end} bytes, which is its limit; "
                "start it anew, or with higher limits."
            )

    def accept(self, shared: Shared, entries: Sequence[Entry], now: float) -> Call:
        """Write a call down and return it with its mails."""
        number = len(self.calls) + 1
        prefix = f"0100{int(now * 1000):012x}-{number:08x}-{self._salt[:4]}-{self._salt[4:8]}-{self._salt[8:]}-"
        line = _call_line(shared, entries, {"call": number, "time": now, "prefix": prefix})
        return self._index(line, entries, *self._write(line))

    def find(self, message_id: str) -> Mail | None:
        """Return the mail of that id, if there is one."""
        found = _ID.fullmatch(message_id)
        if found is None:
            return None
        number, index = (int(group, 16) for group in found.groups())
        mails = self.calls[number - 1].mails if 0 < number <= len(self.calls) else ()
        mail = next((mail for mail in mails if mail.index == index), None)
        return mail if mail is not None and mail.id == message_id else None

    def to(self, recipient: str) -> list[Mail]:
        """Return the mails accepted for a recipient, oldest first."""
        return self._by_recipient.get(recipient, [])

    def counts(self) -> Counter[str]:
        """Return how many mails were accepted for each recipient, by bare address as it was written."""
        return Counter({recipient: len(mails) for recipient, mails in self._by_recipient.items()})

    @property
    def recipients(self) -> int:
        """How many different recipients have got a mail."""
        return len(self._by_recipient)

    def mails(self) -> Iterator[Mail]:
        """Return all mails, oldest first."""
        return (mail for call in self.calls for mail in call.mails)

    def details(self, mail: Mail) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what the record says of the mail's call and of the mail itself, as JSON."""
        call = self._read_back(mail.call.offset, mail.call.size)
        return call, next(entry for entry in call["mails"] if entry["index"] == mail.index)

    def content_of(self, key: str) -> Content:
        """Return the content recorded under `key`."""
        line = dict(self._read_back(*self._contents[key]))
        del line["content"]
        return Content(**line)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _index(self, line: dict[str, Any], entries: Iterable[Entry] | None, offset: int, size: int) -> Call:
        call = Call(
            number=line["call"],
            time=line["time"],
            prefix=line["prefix"],
            operation=line["operation"],
            source=line["source"],
            configuration_set=line["configuration_set"],
            tags=_pairs(line["tags"]),
            kind=line["kind"],
            offset=offset,
            size=size,
        )
        if entries is None:
            call.mails = tuple(_read_mail(call, mail) for mail in line["mails"])
        else:
            call.mails = tuple(Mail(call, i, e.recipients, e.tags, e.fates) for i, e in enumerate(entries))
        self.calls.append(call)
        for mail in call.mails:
            self.mails_accepted += 1
            for recipient in mail.recipients:
                self._by_recipient.setdefault(recipient, []).append(mail)
        return call

    def _write(self, line: dict[str, Any]) -> tuple[int, int]:
        """Append a line; return where it is and how long."""
        written = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        offset = self._end
        os.pwrite(self._file.fileno(), written, offset)
        self._end += len(written)
        return offset, len(written)

    def _line(self, offset: int, size: int) -> dict[str, Any]:
        line: dict[str, Any] = json.loads(os.pread(self._file.fileno(), size, offset))
        return line

    def _load(self) -> None:
        """Take up what the file holds, except a last line cut off by a crash: its call was never answered."""
        self._file.seek(0)
        for written in self._file:
            if not written.endswith(b"\n"):
                break
            line, place = json.loads(written), (self._end, len(written))
            if "content" in line and "subject" in line:
                self._contents[line["content"]] = place
            else:
                self._index(line, None, *place)
            self._end += len(written)
        self._file.truncate(self._end)


def _opened(path: Path | None) -> BinaryIO:
    if path is None:
        return tempfile.TemporaryFile()
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise FixConfiguration(f"{path} is the record of a simulator that is running; give another one.") from error
    return file


def _call_line(shared: Shared, entries: Sequence[Entry], head: dict[str, Any]) -> dict[str, Any]:
    """Return the line of a call. What is empty is left out of its mails: there are many."""
    return head | {
        "operation": shared.operation,
        "kind": shared.kind,
        "source": shared.source,
        "reply_to": shared.reply_to,
        "configuration_set": shared.configuration_set,
        "tags": shared.tags,
        "content": shared.content,
        "raw": shared.raw,
        "data": shared.data,
        "headers": shared.headers,
        "attachments": shared.attachments,
        "mails": [_mail(index, entry) for index, entry in enumerate(entries)],
    }


def _mail(index: int, entry: Entry) -> dict[str, Any]:
    said = {
        "to": entry.to,
        "cc": entry.cc,
        "bcc": entry.bcc,
        "data": entry.data,
        "headers": entry.headers,
    }
    line = {"index": index, "recipients": entry.recipients, "tags": entry.tags}
    if any(fate is not DELIVERED for fate in entry.fates):
        line["fates"] = [fate.as_json() for fate in entry.fates]
    return line | {name: value for name, value in said.items() if value}


def _read_mail(call: Call, line: dict[str, Any]) -> Mail:
    recipients = tuple(line["recipients"])
    fates = tuple(map(read_fate, line["fates"])) if "fates" in line else (DELIVERED,) * len(recipients)
    return Mail(call, line["index"], recipients, _pairs(line["tags"]), fates)


@lru_cache(maxsize=_CONTENTS_KEYED)
def _content_key(content: Content) -> str:
    digest = blake2b(digest_size=16)
    for part in (content.subject, content.text, content.html, content.name, str(content.stored)):
        digest.update(part.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _pairs(pairs: Iterable[Iterable[str]]) -> Pairs:
    return tuple((name, value) for name, value in pairs)
