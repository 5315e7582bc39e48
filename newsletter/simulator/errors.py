"""What AWS answers instead of doing it: a status, a code that clients turn into an exception, a sentence.

Codes and statuses of SES: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendBulkEmail.html#API_SendBulkEmail_Errors
and https://docs.aws.amazon.com/ses/latest/APIReference-V2/CommonErrors.html
"""

from __future__ import annotations

from http import HTTPStatus


class ServiceError(Exception):
    """A refusal in AWS's words; each protocol writes it in its own form."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def bad_request(message: str) -> ServiceError:
    """Say that the request itself is wrong."""
    return ServiceError(HTTPStatus.BAD_REQUEST, "BadRequestException", message)


def invalid_next_token(message: str) -> ServiceError:
    """Say that a list cannot be gone on with: of SES's lists, the one of suppressed addresses alone has this class."""
    return ServiceError(HTTPStatus.BAD_REQUEST, "InvalidNextTokenException", message)


def not_found(message: str) -> ServiceError:
    """Say that what the request names does not exist."""
    return ServiceError(HTTPStatus.NOT_FOUND, "NotFoundException", message)


def already_exists(message: str) -> ServiceError:
    """Say that the name is taken."""
    return ServiceError(HTTPStatus.BAD_REQUEST, "AlreadyExistsException", message)


def limit_exceeded(message: str) -> ServiceError:
    """Say that there are too many of these, or that the simulator's own bounds are reached."""
    return ServiceError(HTTPStatus.BAD_REQUEST, "LimitExceededException", message)


def rejected(message: str) -> ServiceError:
    """Say that SES will not send this message."""
    return ServiceError(HTTPStatus.BAD_REQUEST, "MessageRejected", message)


def throttled() -> ServiceError:
    """Say that it goes too fast, as SES says it on the wire (seen in 2025)."""
    return ServiceError(HTTPStatus.TOO_MANY_REQUESTS, "TooManyRequestsException", "Maximum sending rate exceeded.")


def quota_exceeded() -> ServiceError:
    """Say that nothing is left of the 24-hour quota. The text is SES's; which class carries it is not documented."""
    return ServiceError(HTTPStatus.TOO_MANY_REQUESTS, "TooManyRequestsException", "Daily message quota exceeded.")


def suspended() -> ServiceError:
    """Say that SES has shut the account down."""
    return ServiceError(
        HTTPStatus.BAD_REQUEST,
        "AccountSuspendedException",
        "The message can't be sent because the account's ability to send email has been permanently restricted.",
    )


def paused(whose: str = "the account") -> ServiceError:
    """Say that sending is switched off, for the account or for a configuration set."""
    return ServiceError(
        HTTPStatus.BAD_REQUEST,
        "SendingPausedException",
        f"The message can't be sent because {whose}'s ability to send email is currently paused.",
    )


def mail_from_not_verified(domain: str) -> ServiceError:
    """Say that the custom MAIL FROM domain lacks its MX record, where the identity refuses mail then."""
    return ServiceError(
        HTTPStatus.BAD_REQUEST, "MailFromDomainNotVerifiedException", f"MAIL FROM domain {domain} is not verified."
    )


def internal_failure() -> ServiceError:
    """Say that something broke on the other side."""
    return ServiceError(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "InternalFailure",
        "The request processing has failed because of an unknown error, exception or failure.",
    )


def unavailable() -> ServiceError:
    """Say that the service is away for a moment."""
    return ServiceError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "ServiceUnavailable",
        "The request has failed due to a temporary failure of the server.",
    )


def too_large(message: str) -> ServiceError:
    """Say that the request is bigger than SES reads."""
    return ServiceError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RequestEntityTooLargeException", message)


def not_simulated(operation: str) -> ServiceError:
    """Say that AWS has the operation and this simulator has not."""
    return ServiceError(
        HTTPStatus.NOT_FOUND, "UnknownOperationException", f"{operation} is not simulated; see docs/simulator.md."
    )
