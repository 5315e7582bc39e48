"""Addresses that are valid and still give pause: of a role, of a throw-away host, with a slip of the pen. Pure.

None of it is certain, so none of it is mended: a guess would write to somebody else. What follows is the policy of
whoever brings the file: accept in silence, flag (take the row and say so), or reject the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from disposable_email_domains import blocklist

from subscribers.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence


class Policy(StrEnum):
    """What to do about a doubt."""

    ACCEPT = "accept"
    FLAG = "flag"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """What to do about each."""

    role: Policy = Policy.FLAG
    disposable: Policy = Policy.FLAG
    typo: Policy = Policy.FLAG


class Doubt(NamedTuple):
    """One of them."""

    kind: str
    """A field of `Policies`."""
    reason: str


class Doubts:
    """Looks at addresses, which are normalised; what is true of a domain is found out once."""

    def __init__(self, policies: Policies) -> None:
        self._roles = policies.role is not Policy.ACCEPT
        self._kinds = {
            kind for kind in ("disposable", "typo") if getattr(policies, kind) is not Policy.ACCEPT
        }  # what is accepted is not looked for
        self._of_domain = lru_cache(65_536)(self._about_domain)

    def about(self, address: str) -> Sequence[Doubt]:
        """Return what gives pause."""
        local, _, domain = address.rpartition("@")
        found = self._of_domain(domain) if self._kinds else ()
        if self._roles and local.partition("+")[0] in _ROLES:
            role = Sentence("{mailbox} is the address of a role, read by several or by nobody", mailbox=f"{local}@")
            return Doubt("role", role), *found
        return found

    def _about_domain(self, domain: str) -> tuple[Doubt, ...]:
        found = []
        if "disposable" in self._kinds and _is_disposable(domain):
            thrown_away = Sentence("{domain} gives out addresses that are thrown away", domain=domain)
            found.append(Doubt("disposable", thrown_away))
        meant = _meant(domain) if "typo" in self._kinds else None
        if meant:
            found.append(Doubt("typo", Sentence("{domain} looks like a slip of {meant}", domain=domain, meant=meant)))
        return tuple(found)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ROLES = _words("""
    abuse accounting accounts accueil admin administration administrator all anfrage billing bonjour booking bounce
    bounces buchhaltung buero bureau careers commercial compta comptabilite comunicacion contact contacto contato
    daemon devnull direction dns empfang enquiries everyone facturation feedback finance ftp hallo hello help helpdesk
    hostmaster hr info informatik information inquiries it jobs kontakt kundenservice legal list listserv mail
    mailer-daemon majordomo marketing media news newsletter noc no-reply nobody noreply office ops orders owner
    postmaster press presse privacy recepcion reception registrar rezeption root sales secretaria secretariat security
    sekretariat service servizio spam ssladmin staff subscribe support sysadmin team tech undisclosed-recipients
    unsubscribe usenet uucp vente ventes verkauf vertrieb webmaster www zentrale
""")
"""RFC 2142, and what people set up in several languages."""

_WELL_KNOWN = _words("""
    gmail.com googlemail.com yahoo.com yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.ca yahoo.in yahoo.co.uk yahoo.co.jp
    yahoo.co.in yahoo.com.br hotmail.com hotmail.fr hotmail.de hotmail.it hotmail.es hotmail.be hotmail.ca hotmail.ch
    hotmail.co.uk outlook.com outlook.fr outlook.de outlook.it outlook.es outlook.be outlook.pt icloud.com
    protonmail.com protonmail.ch proton.me orange.fr wanadoo.fr laposte.net bluewin.ch t-online.de freenet.de
    libero.it virgilio.it telenet.be skynet.be comcast.net verizon.net btinternet.com yandex.ru rambler.ru
""")
"""Hosts of many people whose names are long enough that a slip of them is hardly another host's name."""
_OTHERS = _words("""
    email.com mail.com ymail.com fmail.com cloud.com orange.com yahoo.com.au yahoo.com.mx rocketmail.com grange.fr
    proton.ch protonmail.com outlook.co.id outlook.in hotmail.nl hotmail.se hotmail.no hotmail.dk hotmail.gr
    hotmail.cl outlook.dk outlook.jp outlook.at outlook.ie outlook.sa outlook.cz outlook.hu yahoo.at yahoo.be yahoo.se
    yahoo.no yahoo.dk yahoo.nl yahoo.pl yahoo.ro yahoo.gr yahoo.ie yahoo.cn hotmail.at hotmail.pt hotmail.rs
    yandex.com yandex.by yandex.kz yandex.ua telnet.be
""")
"""Real hosts whose names are one letter away from one of those."""


def _is_disposable(domain: str) -> bool:
    labels = domain.split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def _meant(domain: str) -> str | None:
    """Return the well-known host that is one slip away: a letter more, less, another, or two that changed places."""
    if domain in _WELL_KNOWN or domain in _OTHERS:
        return None
    close = [each for each in _WELL_KNOWN if abs(len(each) - len(domain)) <= 1 and _one_slip(domain, each)]
    return min(close) if close else None


def _one_slip(written: str, meant: str) -> bool:
    """Return whether the optimal string alignment distance of the two is 1."""
    if len(written) > len(meant):
        written, meant = meant, written
    at = next((place for place, (a, b) in enumerate(zip(written, meant, strict=False)) if a != b), len(written))
    if len(written) < len(meant):
        return written[at:] == meant[at + 1 :]
    swapped = written[at + 1 : at + 2] + written[at : at + 1] + written[at + 2 :]
    return written[at + 1 :] == meant[at + 1 :] or swapped == meant[at:]
