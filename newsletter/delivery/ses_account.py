"""Amazon SES says how much the account may send: GetAccount. It only reads, so the SDK may try again.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

import boto3
from botocore import exceptions as boto
from botocore.config import Config

from newsletter.delivery.account import AccountState, AccountUnavailable

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "NotAuthorized"})
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=5, read_timeout=10, max_pool_connections=1
)


class SesAccount:
    """Implements `delivery.account.Account`."""

    def __init__(self) -> None:
        self._session = boto3.session.Session()

    def look(self) -> AccountState:
        """Ask SES. Raises AccountUnavailable."""
        try:
            # a client for each question: they are a minute apart, and nobody has to close it later
            with closing(self._session.client("sesv2", config=_CONFIG)) as client:
                return _state(client.get_account())
        except boto.ClientError as error:
            raise AccountUnavailable(_said(error)) from error
        except boto.BotoCoreError as error:
            raise AccountUnavailable(f"Amazon SES cannot be asked for the account: {error}.") from error


def _state(answer: dict[str, Any]) -> AccountState:
    try:
        quota = answer["SendQuota"]
        return AccountState(
            max_rate=float(quota["MaxSendRate"]),
            quota=int(quota["Max24HourSend"]),
            sent=int(quota["SentLast24Hours"]),
            production=bool(answer.get("ProductionAccessEnabled", False)),
            sending_enabled=bool(answer.get("SendingEnabled", True)),
            enforcement=str(answer.get("EnforcementStatus", "")),
        )
    except KeyError as error:
        raise AccountUnavailable(f"Amazon SES's answer about the account lacks {error}.") from error


def _said(error: boto.ClientError) -> str:
    said = error.response.get("Error", {})
    code = str(said.get("Code", ""))
    hint = " Allow the action ses:GetAccount to these credentials." if code in _DENIED else ""
    return f"Amazon SES refuses to say: {code}: {said.get('Message', '')}.{hint}"
