"""What becomes of a mail: decided by the recipient's address and the seed alone, whatever the order. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from newsletter.simulator.addresses import scenario
from newsletter.simulator.errors import bad_request

if TYPE_CHECKING:
    from newsletter.simulator.chance import Chance
    from newsletter.simulator.options import Options


@dataclass(frozen=True, slots=True)
class Bounce:
    """A kind of bounce with what the receiving server says to it.

    https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html#event-publishing-retrieving-sns-contents-bounce-types
    """

    type: str
    subtype: str
    status: str
    diagnostic: str

    @property
    def name(self) -> str:
        """For example `Permanent/General`."""
        return f"{self.type}/{self.subtype}"

    @property
    def is_hard(self) -> bool:
        """Whether the address is given up."""
        return self.type == "Permanent"


_BOUNCES = (
    Bounce("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown"),
    Bounce("Permanent", "NoEmail", "5.1.2", "smtp; 550 5.1.2 no such mailbox here"),
    Bounce("Permanent", "Suppressed", "5.1.1", "Amazon SES has suppressed sending to this address because it has a "
           "recent history of bouncing as an invalid address."),
    Bounce("Permanent", "OnAccountSuppressionList", "5.1.1", "Amazon SES did not send the message to this address "
           "because it is on the suppression list for your account."),
    Bounce("Permanent", "UnsubscribedRecipient", "5.1.1", "The recipient is unsubscribed from the contact list."),
    Bounce("Transient", "General", "4.4.7", "smtp; 554 4.4.7 Message expired: unable to deliver in 840 minutes."),
    Bounce("Transient", "MailboxFull", "4.2.2", "smtp; 452 4.2.2 The mailbox is over its quota"),
    Bounce("Transient", "MessageTooLarge", "5.3.4", "smtp; 552 5.3.4 Message size exceeds the limit"),
    Bounce("Transient", "ContentRejected", "5.7.1", "smtp; 554 5.7.1 Message refused for its content"),
    Bounce("Transient", "AttachmentRejected", "5.7.0", "smtp; 552 5.7.0 Attachment of a blocked kind"),
    Bounce("Undetermined", "Undetermined", "5.0.0", "smtp; 550 Requested action not taken"),
)  # fmt: skip
BOUNCES = {bounce.name: bounce for bounce in _BOUNCES}
ON_ACCOUNT_LIST = BOUNCES["Permanent/OnAccountSuppressionList"]
_HARD = (*[BOUNCES["Permanent/General"]] * 4, BOUNCES["Permanent/NoEmail"])
_SOFT = (*[BOUNCES["Transient/MailboxFull"]] * 3, BOUNCES["Transient/General"])
COMPLAINTS = frozenset({"abuse", "auth-failure", "fraud", "not-spam", "other", "virus"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of a mail at one recipient. Delivered, unless one of the first three says otherwise."""

    bounce: Bounce | None = None
    rejected: bool = False
    """SES found a virus: no delivery is tried."""
    missing: str = ""
    """What the Rendering Failure event will say."""
    delayed: bool = False
    complaint: str = ""
    """The feedback type of a complaint (`abuse`, …), `suppressed` for an address that is on the account's list."""
    auto_reply: bool = False
    """Delivered, and an out-of-office reply comes back, which SES shows as a transient bounce."""
    opened: bool = False
    clicked: bool = False

    @property
    def attempted(self) -> bool:
        """Whether SES says Send: it was rendered and found clean."""
        return not self.missing and not self.rejected

    @property
    def delivered(self) -> bool:
        """Whether it reached the mailbox."""
        return self.attempted and self.bounce is None and self.complaint != "suppressed"

    def as_json(self) -> dict[str, Any]:
        """Return what is true of it, in a form `read` takes."""
        said: dict[str, Any] = {"delivered": True} if self.delivered else {}
        if self.bounce:
            said["bounce"] = self.bounce.name
        names = ("rejected", "missing", "delayed", "complaint", "auto_reply", "opened", "clicked")
        return said | {name: value for name in names if (value := getattr(self, name))}


DELIVERED = Fate()
"""What becomes of most mails; always this object."""
SUPPRESSED = {"BOUNCE": Fate(bounce=ON_ACCOUNT_LIST), "COMPLAINT": Fate(complaint="suppressed")}
REJECTED = Fate(rejected=True)
_SCENARIOS = {
    "success": DELIVERED,
    "bounce": Fate(bounce=BOUNCES["Permanent/General"]),
    "ooto": Fate(auto_reply=True),
    "complaint": Fate(complaint="abuse"),
    "suppressionlist": Fate(bounce=BOUNCES["Permanent/Suppressed"]),
}


def fate_of(address: str, options: Options, chance: Chance) -> Fate:
    """Return what becomes of a clean mail to a bare address that is on no list."""
    wanted = scenario(address)
    if wanted is not None:
        return _SCENARIOS.get(wanted, DELIVERED)
    if options.all_is_well:
        return DELIVERED
    ending, kind, complaint, delay = chance.draws(address.lower())
    delayed = delay < options.delays
    if ending < options.hard_bounces:
        return _fate(bounce=_HARD[int(kind * len(_HARD))], delayed=delayed)
    if ending < options.hard_bounces + options.soft_bounces:
        return _fate(bounce=_SOFT[int(kind * len(_SOFT))], delayed=delayed)
    complains = complaint < options.complaints
    opened = clicked = False
    if options.opens or options.clicks:
        opens, clicks, *_ = chance.draws("reading", address.lower())
        clicked = clicks < options.clicks
        opened = clicked or opens < options.opens
    if not (delayed or complains or opened):
        return DELIVERED
    return _fate(delayed=delayed, complaint="abuse" if complains else "", opened=opened, clicked=clicked)


def read(described: dict[str, Any]) -> Fate:
    """Return the fate that `Fate.as_json` or the control API describes."""
    known = {"delivered", "bounce", "rejected", "missing", "delayed", "complaint", "auto_reply", "opened", "clicked"}
    if unknown := set(described) - known:
        raise bad_request(f"A fate says {', '.join(sorted(known))}; not {', '.join(sorted(unknown))}.")
    said = {name: value for name, value in described.items() if name not in {"delivered", "bounce"}}
    if described.get("complaint", "abuse") not in {*COMPLAINTS, "suppressed"}:
        raise bad_request(f"A complaint is one of {', '.join(sorted(COMPLAINTS))}.")
    bounce = described.get("bounce")
    if bounce is not None and bounce not in BOUNCES:
        raise bad_request(f"A bounce is one of {', '.join(BOUNCES)}; not {bounce}.")
    return _fate(bounce=BOUNCES[bounce] if bounce else None, **said)


@lru_cache(maxsize=4096)
def _fate(**said: Any) -> Fate:  # noqa: ANN401 - the fields of Fate
    """Return one object for equal fates: a million recipients share a few."""
    fate = Fate(**said)
    return DELIVERED if fate == DELIVERED else fate
