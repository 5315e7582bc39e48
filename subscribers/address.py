"""One spelling per mailbox, so that one person is never two subscribers.

What makes the spelling:

- White space around the address is dropped. Nothing else is mended: a guess would write to somebody else.
- The domain is lower-cased and kept in its ASCII form (IDNA 2008, RFC 5891: `münchen.de` is `xn--mnchen-3ya.de`),
  which is what every transport takes and what goes over the wire. `shown` gives the readable form.
- The part before the @ is lower-cased too. RFC 5321 (2.4) lets a host tell `Ann` from `ann`, and asks it not to; no
  large one does. Telling them apart would mail a person twice, and bring back somebody who left, whenever a
  file spells them with a capital. What it costs, one of two mailboxes of a host that ignores that advice, is less.
- Dots and `+tags` stay: what they mean is the host's business, and differs from host to host.
- A local part beyond ASCII (RFC 6531) is kept in Unicode's composed form (NFC). Mail to it needs SMTPUTF8, which Amazon
  SES does not speak: nobody comes to a list with one (`mailable`), and who has one can be found, and leave.

Whether a domain exists is not asked: the answer changes, and a bounce tells.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from subscribers.errors import InvalidAddress, Unreachable
from subscribers.sentences import Sentence

MAX_LENGTH = 254
"""RFC 5321, 4.5.3.1.3: a path has 256 octets, two of them the angle brackets."""

UNREACHABLE = Sentence(
    "It has letters beyond ASCII before the @, and Amazon SES delivers to no such address: ask for another one."
)
_PLAIN_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_MAX_LOCAL = 64


def normalised(text: str) -> str:
    """Return the one spelling of the address in `text`.

    Raises InvalidAddress with the reason; the message does not hold the address, so that no log ever does.
    """
    stripped = text.strip()
    local, at, domain = stripped.rpartition("@")
    lowered = local.lower()
    if at and len(stripped) <= MAX_LENGTH and len(lowered) <= _MAX_LOCAL and _PLAIN_LOCAL.fullmatch(lowered):
        address = f"{lowered}@{_domain(domain)}"  # nearly all addresses, five times as fast
        return address if len(address) <= MAX_LENGTH else _fitting(address)
    return _of(_validated(stripped))


def mailable(address: str) -> str:
    """Return a normalised address that mail can be sent to. Raises Unreachable for one beyond ASCII before the @."""
    if not address.isascii():
        raise Unreachable(UNREACHABLE)
    return address


def shown(address: str) -> str:
    """Return a normalised address as people read it: the domain in its own script."""
    if "@xn--" not in address and ".xn--" not in address:
        return address
    return validate_email(address, check_deliverability=False).normalized


@lru_cache(maxsize=16_384)
def _domain(domain: str) -> str:
    return _validated(f"a@{domain}").ascii_domain


def _of(found: ValidatedEmail) -> str:
    local = unicodedata.normalize("NFC", found.local_part.lower())
    return _fitting(f"{local}@{found.ascii_domain}")


def _fitting(address: str) -> str:
    if len(address.encode()) > MAX_LENGTH:
        raise InvalidAddress(Sentence("The address is longer than {most} characters.", most=MAX_LENGTH))
    return address


def _validated(text: str) -> ValidatedEmail:
    if not text:
        raise InvalidAddress(Sentence("The address is empty."))
    try:
        return validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise InvalidAddress(_sentence(str(error))) from None  # the original would show the address in a traceback


_OTHER_LANGUAGES = (
    (r"There can't be anything after|A display name", Sentence("There is more than one address in it.")),
    (
        r"There must be something|must have an @-sign|at-sign|commercial at",
        Sentence("Something is missing: an address is written like name@example.org."),
    ),
    (r"too long|so many characters", Sentence("It is longer than addresses can be.")),
    (r"cannot (start|have)|two periods", Sentence("It has full stops or hyphens where none can be.")),
    (r"^The part after the @-sign", Sentence("What stands after the @ is no name that mail can be sent to.")),
    (r"characters?\b", Sentence("It has characters that no address can have.")),
    (r"", Sentence("It is no address that mail can be sent to.")),
)
"""How the library's sentences are known, and what they say to who reads no English, in fewer words."""


def _sentence(english: str) -> Sentence:
    """Return what the library says."""
    form = next(form for pattern, form in _OTHER_LANGUAGES if re.search(pattern, english))
    return Sentence.worded(english, form)
