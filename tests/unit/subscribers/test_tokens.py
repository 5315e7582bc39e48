"""Signed links: whatever was altered, cut, or meant for something else is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.errors import InvalidToken, Refused
from subscribers.tokens import MINIMUM_SECRET, Signer

SECRETS = st.text(min_size=MINIMUM_SECRET, max_size=60).filter(lambda s: s.isprintable())
IDS = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=4)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

CURRENT, OLD, STRANGE = (
    "the current secret of these tests, 1",
    "the secret of last year, long enough",
    "somebody else's" * 3,
)


@given(secret=SECRETS, ids=IDS, purpose=st.text(max_size=20).filter(str.isprintable))
def test_what_was_signed_is_read(secret: str, ids: list[int], purpose: str) -> None:
    signer = Signer(secret)
    assert signer.read(purpose, signer.sign(purpose, *ids)) == tuple(ids)


@given(ids=IDS)
def test_a_token_stands_in_a_url_and_on_a_line_as_it_is(ids: list[int]) -> None:
    token = Signer(CURRENT).sign("unsubscribe", *ids)
    assert set(token) <= set(ALPHABET)
    assert len(token) <= 75


@given(ids=IDS, data=st.data())
def test_any_flipped_bit_is_refused(ids: list[int], data: st.DataObject) -> None:
    signer = Signer(CURRENT)
    token = signer.sign("view", *ids)
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InvalidToken):
        signer.read("view", base64.urlsafe_b64encode(raw).rstrip(b"=").decode())


@given(ids=IDS, data=st.data())
def test_any_changed_added_or_missing_character_is_refused(ids: list[int], data: st.DataObject) -> None:
    signer = Signer(CURRENT)
    token = signer.sign("view", *ids)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from([*ALPHABET, "", "=", "\n", "é", " ", "+", "/", token[at] * 2]))
    altered = token[:at] + other + token[at + 1 :]
    if altered == token:
        return
    with pytest.raises(InvalidToken):
        signer.read("view", altered)


@given(token=st.text(max_size=80))
def test_no_text_is_more_than_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        Signer(CURRENT).read("view", token)


def test_a_link_for_one_purpose_opens_no_other() -> None:
    signer = Signer(CURRENT)
    with pytest.raises(InvalidToken):
        signer.read("unsubscribe", signer.sign("view", 7, 8))


def test_ids_do_not_run_into_each_other() -> None:
    signer = Signer(CURRENT)
    assert len({signer.sign("view", *ids) for ids in [(1, 23), (12, 3), (123,), (0, 123), (1, 2, 3), (0x0117,)]}) == 6


def test_the_previous_secret_still_reads_and_no_longer_signs() -> None:
    old, rotated = Signer(OLD), Signer(CURRENT, OLD)
    assert rotated.read("view", old.sign("view", 5)) == (5,)
    assert rotated.sign("view", 5) == Signer(CURRENT).sign("view", 5)
    with pytest.raises(InvalidToken):
        Signer(CURRENT).read("view", old.sign("view", 5))


def test_secrets_whose_key_ids_collide_are_all_tried() -> None:
    by_id: dict[int, str] = {}
    for number in range(1000):
        secret = f"one of many secrets, number {number:05}"
        token = Signer(secret).sign("view", 9)
        first = by_id.setdefault(base64.urlsafe_b64decode(token + "==")[0], secret)
        if first != secret:
            break
    assert Signer(first, secret).read("view", token) == (9,)


def test_somebody_elses_secret_is_refused() -> None:
    with pytest.raises(InvalidToken):
        Signer(CURRENT, OLD).read("view", Signer(STRANGE).sign("view", 5))


def test_the_tag_is_hmac_sha256_as_the_standard_library_makes_it() -> None:
    token = Signer(CURRENT).sign("view", 7, 300)
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    payload, tag = raw[:-16], raw[-16:]
    key = hmac.digest(CURRENT.encode(), b"purpose view", hashlib.sha256)
    assert payload[1:] == b"\x02\x01\x07\x02\x01\x2c"
    assert tag == hmac.digest(key, payload, hashlib.sha256)[:16]


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(Refused, match="32 characters"):
        Signer("too short")
