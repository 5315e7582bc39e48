"""Whose mailboxes a domain's are, for the large providers: by the domain alone, the DNS is not asked. Pure.

A company's own domain whose mail Google or Microsoft keeps counts as `OTHER`: only its MX record would tell, and that
changes, costs a look-up for each domain, and is not there any more when an old campaign is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

OTHER = "other"
UNKNOWN = "unknown"
"""Of people who were erased: their address is gone."""

_COUNTRIES = [
    "com",
    "fr",
    "de",
    "it",
    "es",
    "co.uk",
    "be",
    "nl",
    "ch",
    "at",
    "ca",
    "ie",
    "pt",
    "se",
    "dk",
    "no",
    "fi",
    "pl",
    "gr",
    "cz",
    "hu",
    "ro",
    "com.au",
    "com.br",
    "com.mx",
    "com.ar",
    "com.tr",
    "com.sg",
    "com.hk",
    "com.tw",
    "com.vn",
    "com.ph",
    "com.my",
    "co.in",
    "in",
    "co.jp",
    "jp",
    "co.id",
    "co.nz",
    "co.za",
    "co.th",
    "co.kr",
    "net",
]
_EVERYWHERE = {
    "Microsoft": ("outlook", "hotmail", "live"),
    "Yahoo": ("yahoo", "aol"),
    "GMX and WEB.DE": ("gmx",),
    "Yandex": ("yandex",),
}
"""Names that a provider has under many countries."""
_DOMAINS = {
    "Gmail": "gmail.com googlemail.com",
    "Microsoft": "msn.com windowslive.com passport.com",
    "Yahoo": "ymail.com rocketmail.com myyahoo.com aim.com verizon.net sky.com att.net sbcglobal.net bellsouth.net",
    "Apple": "icloud.com me.com mac.com",
    "GMX and WEB.DE": "web.de mail.com email.de caramail.com",
    "T-Online": "t-online.de magenta.de",
    "freenet": "freenet.de",
    "Orange": "orange.fr wanadoo.fr voila.fr",
    "SFR": "sfr.fr neuf.fr cegetel.net club-internet.fr 9online.fr numericable.fr noos.fr",
    "Free": "free.fr",
    "La Poste": "laposte.net",
    "Bouygues": "bbox.fr",
    "Bluewin": "bluewin.ch",
    "Libero": "libero.it virgilio.it iol.it inwind.it blu.it giallo.it",
    "Tiscali": "tiscali.it",
    "BT": "btinternet.com btopenworld.com",
    "Comcast": "comcast.net",
    "Proton": "proton.me protonmail.com protonmail.ch pm.me",
    "Fastmail": "fastmail.com fastmail.fm",
    "Zoho": "zoho.com zohomail.com zohomail.eu",
    "Yandex": "ya.ru",
    "Mail.ru": "mail.ru inbox.ru list.ru bk.ru internet.ru",
    "QQ": "qq.com foxmail.com",
    "NetEase": "163.com 126.com yeah.net",
    "Naver": "naver.com",
}


def _families() -> dict[str, frozenset[str]]:
    families = {name: set(domains.split()) for name, domains in _DOMAINS.items()}
    for name, labels in _EVERYWHERE.items():
        families[name] |= {f"{label}.{country}" for label in labels for country in _COUNTRIES}
    return {name: frozenset(domains) for name, domains in families.items()}


FAMILIES: Mapping[str, frozenset[str]] = _families()
"""The domains of each provider."""
_PROVIDERS = {domain: name for name, domains in FAMILIES.items() for domain in domains}


def provider_of(domain: str) -> str:
    """Return whose mailboxes those of a domain are."""
    return _PROVIDERS.get(domain.lower(), OTHER)
