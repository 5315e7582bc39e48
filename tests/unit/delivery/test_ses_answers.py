"""Every answer of SES, and every status of an entry, has one meaning."""

from __future__ import annotations

import pytest

from newsletter.delivery.ses_answers import Answer, Judged, entry_outcomes, outcome_of, settled, troubled
from newsletter.delivery.transport import Outcome, Verdict
from newsletter.errors import StopCampaign

ACCEPTED, REJECTED, RETRY, UNTRIED = Verdict.ACCEPTED, Verdict.REJECTED, Verdict.RETRY, Verdict.UNTRIED
THROTTLED, QUOTA, UNCERTAIN = Verdict.THROTTLED, Verdict.QUOTA, Verdict.UNCERTAIN

# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_BulkEmailEntryResult.html, with texts from there or seen
STATUSES = {
    "MESSAGE_REJECTED": ("The message was rejected.", REJECTED),
    "INVALID_PARAMETER": ("A parameter is invalid.", REJECTED),
    "TRANSIENT_FAILURE": ("Temporary failure. Please try again later.", RETRY),
    "FAILED": ("Unknown error occurred. Please try again later", RETRY),
    "ACCOUNT_THROTTLED": ("Maximum sending rate exceeded.", THROTTLED),
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": ("Daily message quota exceeded.", QUOTA),
    "ACCOUNT_SUSPENDED": ("The account has been shut down.", None),
    "ACCOUNT_SENDING_PAUSED": ("Email sending is disabled for the account.", None),
    "CONFIGURATION_SET_SENDING_PAUSED": ("Email sending is disabled for the configuration set.", None),
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": ("The sender's email address or domain is not verified.", None),
    "CONFIGURATION_SET_NOT_FOUND": ("The configuration set does not exist.", None),
    "TEMPLATE_NOT_FOUND": ("The template does not exist.", None),
    "INVALID_SENDING_POOL_NAME": ("The dedicated IP pool does not exist.", None),
}
"""None: the campaign stops."""


# Real answers and documented ones: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Answer(429, "TooManyRequestsException", "Maximum sending rate exceeded."), THROTTLED),
        (Answer(429, "SomethingNew", ""), THROTTLED),
        (Answer(400, "ThrottlingException", "Rate exceeded"), THROTTLED),
        (Answer(400, "LimitExceededException", "Maximum sending rate exceeded."), THROTTLED),
        (Answer(429, "TooManyRequestsException", "Daily message quota exceeded."), QUOTA),
        (Answer(400, "LimitExceededException", "Daily message quota exceeded."), QUOTA),
        (Answer(400, "ThrottlingException", "Daily message quota exceeded."), QUOTA),
        (Answer(400, "MessageRejected", "Bad content"), REJECTED),
        (Answer(400, "BadRequestException", "Missing final '@domain'"), REJECTED),
        (Answer(413, "RequestEntityTooLargeException", ""), REJECTED),
        (Answer(500, "InternalServiceErrorException", ""), UNCERTAIN),
        (Answer(500, "InternalFailure", "Maximum sending rate exceeded."), UNCERTAIN),
        (Answer(503, "ServiceUnavailable", ""), UNCERTAIN),
        (Answer(504, "504", "Gateway Timeout"), UNCERTAIN),
        (Answer(408, "RequestTimeoutException", ""), UNCERTAIN),
        (Answer(301, "301", "Moved Permanently"), UNCERTAIN),
    ],
)
def test_every_answer_about_a_mail_has_its_meaning(answer: Answer, verdict: Verdict) -> None:
    outcome = outcome_of(answer)
    assert outcome.verdict is verdict
    assert outcome.reason == str(answer)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(400, "AccountSuspendedException", ""),
        Answer(400, "SendingPausedException", "Email sending is disabled for the account."),
        Answer(400, "MailFromDomainNotVerifiedException", ""),
        Answer(404, "NotFoundException", "Configuration set <weekly> does not exist."),
        Answer(400, "LimitExceededException", ""),
        Answer(400, "MessageRejected", "Email address is not verified. The following identities failed the check…"),
        Answer(403, "AccessDeniedException", "User: … is not authorized to perform: ses:SendBulkEmail"),
        Answer(403, "ExpiredTokenException", "The security token included in the request is expired"),
        Answer(403, "InvalidSignatureException", "Signature expired: …"),
        Answer(403, "SignatureDoesNotMatch", ""),
        Answer(403, "UnrecognizedClientException", "The security token included in the request is invalid."),
    ],
)
def test_every_answer_about_the_account_stops_the_campaign_and_is_quoted(answer: Answer) -> None:
    with pytest.raises(StopCampaign) as stop:
        outcome_of(answer)
    assert str(answer) in str(stop.value)


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_of_an_entry_has_its_meaning(status: str) -> None:
    text, verdict = STATUSES[status]
    (judged,) = entry_outcomes([{"Status": status, "Error": text}], 1)
    if verdict is None:
        assert isinstance(judged, StopCampaign)
        assert f"({status}: {text})" in str(judged)
    else:
        assert judged == Outcome(verdict, reason=f"{status}: {text}")


def test_the_statuses_are_those_that_the_service_knows() -> None:
    import botocore.session

    model = botocore.session.get_session().get_service_model("sesv2").shape_for("BulkEmailStatus")
    assert {"SUCCESS", *STATUSES} == set(model.enum)


def test_who_was_accepted_has_the_id_of_their_mail() -> None:
    assert entry_outcomes([{"Status": "SUCCESS", "MessageId": "m-1"}], 1) == [Outcome(ACCEPTED, message_id="m-1")]


def test_in_the_sandbox_a_refused_recipient_is_everybodys_trouble() -> None:
    refusal = (
        "Email address is not verified. The following identities failed the check in region US-EAST-1: a@b.example"
    )
    (judged,) = entry_outcomes([{"Status": "MESSAGE_REJECTED", "Error": refusal}], 1)
    assert isinstance(judged, StopCampaign)
    assert "leave the sandbox" in str(judged)


@pytest.mark.parametrize("result", [{"Status": "SOMETHING_NEW", "Error": "is not verified"}, {"Status": ""}, {}])
def test_a_status_that_nobody_knows_leaves_the_mail_in_doubt(result: dict[str, str]) -> None:
    (judged,) = entry_outcomes([result], 1)
    assert isinstance(judged, Outcome)
    assert judged.verdict is UNCERTAIN


@pytest.mark.parametrize("results", [0, 1, 3])
def test_another_number_of_results_than_of_entries_leaves_everybody_in_doubt(results: int) -> None:
    judged = entry_outcomes([{"Status": "SUCCESS", "MessageId": "m"}] * results, 2)
    reason = f"SES answered with {results} results to 2 entries"
    assert judged == [Outcome(UNCERTAIN, reason=reason)] * 2


STOP = StopCampaign("sending is paused")


@pytest.mark.parametrize("others", [[], [UNTRIED], [THROTTLED, QUOTA], [REJECTED, RETRY]])
def test_a_stop_is_raised_where_nobody_may_have_a_mail(others: list[Verdict]) -> None:
    with pytest.raises(StopCampaign, match="sending is paused"):
        settled([*map(Outcome, others), STOP])


@pytest.mark.parametrize("other", [ACCEPTED, UNCERTAIN])
def test_where_somebody_may_have_a_mail_whoever_met_the_stop_is_untried(other: Verdict) -> None:
    first, second = settled([Outcome(other), STOP])
    assert first.verdict is other
    assert second == Outcome(UNTRIED, reason="sending is paused")


@pytest.mark.parametrize("verdict", Verdict)
def test_trouble_is_what_the_next_would_meet_too(verdict: Verdict) -> None:
    judged: list[Judged] = [Outcome(ACCEPTED), Outcome(verdict, reason="why")]
    assert troubled(judged) == (["why"] if verdict in {UNTRIED, THROTTLED, QUOTA, UNCERTAIN} else [])
    assert troubled([STOP]) == ["sending is paused"]
