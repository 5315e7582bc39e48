"""Links, and the lines that say where an item comes from: source, DOI, PMID."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING
from urllib.parse import quote

from newsletter.issues.identifiers import bare_doi, is_address
from newsletter.issues.layout import labels
from newsletter.issues.layout.markup import linked, plain, resolved
from newsletter.issues.model import Link

if TYPE_CHECKING:
    from newsletter.issues.findings import Notes
    from newsletter.issues.lines import Paragraph

_LINK = re.compile(r"(?<!\\)\[((?:\\.|[^\\\[\]]|\[[^\[\]]*\])*)\]\(\s*<?((?:[^()<>\s]|\([^()\s]*\))*)>?\s*\)")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]+)>")
_BARE = re.compile(r"https?://[^\s<>\[\]]+[^\s<>\[\].,;:!?)'\"»”]")
_ANY_LINK = re.compile(rf"{_LINK.pattern}|{_AUTOLINK.pattern}|({_BARE.pattern})")
_BETWEEN = re.compile(r"[\s;,.|·•+&/–—-]*|\s*(?:et|and|und)\s*")
_IDENTIFIER = re.compile(r"(?:\*\*)?\b(DOI|PMID)\b(?:\*\*)?\s*:\s*(?:\*\*)?", re.IGNORECASE)
_PMID = re.compile(r"\d{1,9}\b")
_NAMES_OF_PLACES = ("https://doi.org/", "doi.org/", "pubmed", "doi")
_MISSING = frozenset(["", "#"])


@dataclass(slots=True)
class References:
    """What the reference lines of an item say."""

    links: tuple[Link, ...] = ()
    doi: str | None = None
    pmid: str | None = None
    indexing_pending: bool = False


def read_references(found: Paragraph, into: References, notes: Notes) -> None:
    """Read a paragraph for which `labels.begins_reference` is true into `into`."""
    source = linked(found.source)
    start = labels.source_line().match(source)
    identifiers = list(_IDENTIFIER.finditer(source))
    if start:
        end = identifiers[0].start() if identifiers else len(source)
        into.links += read_links(source[start.end() : end], found.number, notes)
    for here, following in zip_longest(identifiers, identifiers[1:]):
        value = source[here.end() : following.start() if following else len(source)].strip(" |;·•,")
        read = _read_doi if here[1].upper() == "DOI" else _read_pmid
        read(value, found.number, into, notes)


def read_links(source: str, line: int, notes: Notes) -> tuple[Link, ...]:
    """Return the links of a line that is made of links; words beside them are labels whose address is missing."""
    links: list[Link] = []
    at = 0
    for found in _ANY_LINK.finditer(source):
        links += _words(source[at : found.start()], line, notes)
        links.append(_link(found, line, notes))
        at = found.end()
    return (*links, *_words(source[at:], line, notes))


def only_links(source: str) -> bool:
    """Whether `source` is nothing but links."""
    return bool(_ANY_LINK.search(source)) and _BETWEEN.fullmatch(_ANY_LINK.sub("", source)) is not None


def check_body_links(body: str, line: int, notes: Notes) -> None:
    """Warn of links within a body that lead nowhere."""
    for found in _LINK.finditer(body):
        if found[2] in _MISSING:
            notes.warn(line, "missing-address", f"“{plain(found[1])}” has no address yet: it is shown without a link.")
        elif not is_address(found[2]):
            notes.warn(line, "bad-address", f"“{found[2]}” is no address that a mail can lead to.")


def _link(found: re.Match[str], line: int, notes: Notes) -> Link:
    address = resolved(found[2] if found[2] is not None else found[3] or found[4])
    label = plain(found[1]) if found[1] is not None else address.removeprefix("mailto:")
    if address in _MISSING:
        notes.warn(line, "missing-address", f"“{label}” has no address yet: it is shown without a link.")
        return Link(label, None)
    if not is_address(address):
        notes.reject(line, address, "an address that begins with https:// (or # while it is missing)")
    return Link(label or address, address)


def _words(between: str, line: int, notes: Notes) -> tuple[Link, ...]:
    """Words beside the links are kept as a label without an address."""
    if _BETWEEN.fullmatch(between):
        return ()
    label = plain(between).strip(" ;|·•")
    if not label:
        return ()
    notes.warn(line, "missing-address", f"“{label}” has no address: it is shown without a link.")
    return (Link(label, None),)


def _read_doi(value: str, line: int, into: References, notes: Notes) -> None:
    found = bare_doi(_address(value)) or bare_doi(plain(value))
    if found is None:
        notes.warn(line, "missing-doi", f"“{_label(value)}” is no DOI such as 10.1234/abcd; it is kept as words.")
        into.links += _kept("DOI", _label(value))
    elif into.doi is None:
        into.doi = found
    elif found != into.doi:
        notes.warn(line, "twice", f"The item has a second DOI, {found}; it is kept as a link.")
        into.links += (Link(f"DOI: {found}", f"https://doi.org/{quote(found, safe='/:;().-_')}"),)
    if found is not None:
        into.links += _beside(value, found, line, notes)


def _read_pmid(value: str, line: int, into: References, notes: Notes) -> None:
    label, address = _label(value), _address(value)
    in_label, in_address = _PMID.match(label), re.search(r"/(\d{1,9})/?$", address)
    found = in_label[0] if in_label else in_address[1] if in_address else None
    pending = found is None and (labels.says_pending(label) or value.endswith("](#)"))
    if pending:
        into.indexing_pending = into.pmid is None
        if not labels.says_pending(label):
            notes.warn(line, "pmid", f"“{label}” is taken to say that the PMID is not there yet.")
    elif found is None:
        notes.warn(line, "missing-pmid", f"“{label}” is no PMID; it is kept as words.")
        into.links += _kept("PMID", label)
    elif into.pmid is None:
        into.pmid, into.indexing_pending = found, False
    elif found != into.pmid:
        notes.warn(line, "twice", f"The item has a second PMID, {found}; it is kept as words.")
        into.links += _kept("PMID", found)
    if found is not None and address not in _MISSING and found not in address:
        notes.warn(line, "pmid", f"The PMID {found} leads to another page, {address}: the number is what counts.")
    if found is not None or pending:
        into.links += _beside(value, found or label, line, notes)


def _beside(value: str, found: str, line: int, notes: Notes) -> tuple[Link, ...]:
    """Keep the words of a value that are not what was found in it."""
    rest = plain(_ANY_LINK.sub(lambda link: link[1] or "", value)).replace(found, " ", 1).strip(" .,;:|·•<>")
    rest = "" if rest.lower() in {found.lower(), *_NAMES_OF_PLACES} else rest
    if rest:
        notes.warn(line, "beside", f"“{rest}” stands beside an identifier; it is kept as words.")
    return (Link(rest, None),) if rest else ()


def _kept(name: str, label: str) -> tuple[Link, ...]:
    return (Link(f"{name}: {label}", None),) if label else ()


def _label(value: str) -> str:
    """Return the words of a value: a link's label, else the value itself."""
    found = _LINK.search(value)
    return plain(found[1] if found and found[1].strip() else value).strip(" .;<>")


def _address(value: str) -> str:
    """Return the address in a value; empty when there is none."""
    found = _ANY_LINK.search(value)
    return resolved(found[2] or found[3] or found[4] or "") if found else ""
