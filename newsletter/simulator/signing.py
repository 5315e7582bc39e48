"""The key and certificate that SNS messages of this simulator are signed with. Made anew for each; nobody trusts it.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_SIGNED["UnsubscribeConfirmation"] = _SIGNED["SubscriptionConfirmation"]
_BITS = 2048
_LIFE = timedelta(days=365)


class Signer:
    """Signs messages; the key is made when the first one is."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def sign(self, message: Mapping[str, str], version: str) -> str:
        """Return the signature in Base64: PKCS #1 v1.5 over SHA-1 in version 1, over SHA-256 in version 2."""
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - wanted only where somebody subscribes
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415 - only who signs needs it

        algorithm = hashes.SHA256() if version == "2" else hashes.SHA1()  # noqa: S303 - the protocol's version 1
        return b64encode(self._key.sign(string_to_sign(message), PKCS1v15(), algorithm)).decode("ascii")

    @cached_property
    def certificate(self) -> bytes:
        """The certificate in PEM form."""
        from cryptography import x509  # noqa: PLC0415 - likewise
        from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - likewise
        from cryptography.x509.oid import NameOID  # noqa: PLC0415 - likewise

        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        built = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - _LIFE)
            .not_valid_after(self._now + _LIFE)
            .sign(self._key, hashes.SHA256())
        )
        return built.public_bytes(serialization.Encoding.PEM)

    @property
    def certificate_name(self) -> str:
        """The file name under which the certificate is served, in the form of Amazon's."""
        return f"SimpleNotificationService-{sha256(self.certificate).hexdigest()[:32]}.pem"

    @cached_property
    def _key(self) -> RSAPrivateKey:
        from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - likewise

        return rsa.generate_private_key(public_exponent=65537, key_size=_BITS)


def string_to_sign(message: Mapping[str, str]) -> bytes:
    """Return names and values that are signed, a line each, in the order of the names; no Subject if it has none."""
    names = [name for name in _SIGNED[message["Type"]] if name in message]
    return "".join(f"{name}\n{message[name]}\n" for name in names).encode()
