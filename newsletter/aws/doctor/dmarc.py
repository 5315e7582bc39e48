"""DMARC: which policy is in force for a domain, and which domains count as aligned with it (RFC 9989). Pure.

The organization's domain is found by walking up the DNS, without a list of public suffixes. Receivers that still go by
such a list (RFC 7489) align also with a domain above that has no record of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Ask = Callable[[str], Sequence[str]]
    """Returns the TXT records of a name."""

POLICIES = ("none", "quarantine", "reject")
_VERSION = "v=dmarc1"
_MOST_LABELS = 8
_BELOW_MOST = 7
"""RFC 9989, 4.10: a name of eight labels or more is cut to seven after the first question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dmarc:
    """The record of one domain."""

    domain: str
    tags: Mapping[str, str]

    @property
    def policy(self) -> str:
        """What receivers are asked to do with mail of this domain that fails; empty where that is not said."""
        asked = self.tags.get("p", "").lower()
        return asked if asked in POLICIES else ""

    @property
    def strict_dkim(self) -> bool:
        """Whether the signing domain has to be the very same."""
        return self.tags.get("adkim", "r").lower() == "s"

    @property
    def strict_spf(self) -> bool:
        """Whether the MAIL FROM domain has to be the very same."""
        return self.tags.get("aspf", "r").lower() == "s"

    @property
    def public_suffix(self) -> str:
        """`y` for a domain that others register names under, `n` for one of an organization, else `u`."""
        return self.tags.get("psd", "u").lower()


def records(texts: Sequence[str]) -> Sequence[str]:
    """Return those of the TXT records that are DMARC's; more than one counts as none."""
    return [text for text in texts if text.replace(" ", "").lower().startswith(_VERSION)]


def read(domain: str, texts: Sequence[str]) -> Dmarc | None:
    """Return the record of `domain`; None where there is none, or several."""
    found = records(texts)
    if len(found) != 1:
        return None
    pairs = (part.partition("=") for part in found[0].split(";"))
    return Dmarc(domain=domain, tags={name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()})


def walk(domain: str, ask: Ask) -> list[Dmarc]:
    """Return the records of `domain` and of those above it, the nearest first."""
    found = []
    for each in _upwards(domain):
        record = read(each, ask(f"_dmarc.{each}"))
        if record is not None:
            found.append(record)
            if record.public_suffix in {"y", "n"}:
                break
    return found


def in_force(domain: str, found: Sequence[Dmarc]) -> Dmarc | None:
    """Return the record that receivers go by for mail from `domain`: its own, else that of its organization."""
    by_domain = {each.domain: each for each in found}
    return by_domain.get(domain) or by_domain.get(organization(domain, found))


def organization(domain: str, found: Sequence[Dmarc]) -> str:
    """Return the domain of the organization that `domain` belongs to; itself where nobody says otherwise."""
    for each in found:
        if each.public_suffix == "n":
            return each.domain
        if each.public_suffix == "y" and each.domain != domain:
            below = domain.removesuffix(f".{each.domain}").rpartition(".")[2]
            return f"{below}.{each.domain}"
    return found[-1].domain if found else domain


def aligned(author: str, other: str, ask: Ask, *, strict: bool) -> bool:
    """Say whether `other` speaks for the From domain `author`."""
    if author == other or strict:
        return author == other
    return organization(author, walk(author, ask)) == organization(other, walk(other, ask))


def _upwards(domain: str) -> Iterator[str]:
    labels = domain.split(".")
    yield domain
    labels = labels[-_BELOW_MOST:] if len(labels) >= _MOST_LABELS else labels[1:]
    for start in range(len(labels)):
        yield ".".join(labels[start:])
