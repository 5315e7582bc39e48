"""What a variant becomes in bulk is made once while it is being sent; few are kept."""

from __future__ import annotations

import pytest

from newsletter.delivery.ses_variants import KEPT, Variants
from tests.factories.calls import prepared


def test_a_variant_is_made_once_while_it_is_being_sent() -> None:
    variants, one, other = Variants(""), prepared(), prepared()
    mail = variants.bulk_mail(one)
    assert mail is not None
    assert mail.prepared is one
    assert variants.bulk_mail(other) is not mail, "equal variants are not taken for one another"
    assert variants.bulk_mail(one) is mail


def test_those_sent_longest_ago_are_let_go() -> None:
    variants, first, second = Variants(""), prepared(), prepared()
    kept, lost = variants.bulk_mail(first), variants.bulk_mail(second)
    for _ in range(KEPT - 1):
        variants.bulk_mail(prepared())
        assert variants.bulk_mail(first) is kept
    assert variants.bulk_mail(second) is not lost


def test_that_a_variant_is_unfit_is_found_out_once(caplog: pytest.LogCaptureFixture) -> None:
    variants, unfit = Variants(""), prepared(html="x" * 1_000_000)
    assert variants.bulk_mail(unfit) is None
    assert variants.bulk_mail(unfit) is None
    assert len(caplog.records) == 1
