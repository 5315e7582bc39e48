"""The text of an event, packed for keeping: what all events have in common is not stored again. Pure.

Deflate with a preset dictionary (RFC 1950, 2.2). What was packed names its dictionary by its first byte: a dictionary
is never changed, a better one gets the next number.
"""

from __future__ import annotations

import zlib

_DICTIONARIES = {
    1: (
        '"notificationType":""sourceIp":"","callerIdentity":""subscription":{"contactList":"","newTopicPreferences":'
        '{"unsubscribeAll":true,"topicSubscriptionStatus":[{"topicName":"","subscriptionStatus":"OptOut"}]},'
        '"oldTopicPreferences":"eventType":"Rendering Failure","failure":{"templateName":"","errorMessage":"Attribute '
        "'' is not present in the rendering data.\"}"
        '"eventType":"Reject","reject":{"reason":"Bad content"}"open":{"ipAddress":"","timestamp":"2026-"click":'
        '{"ipAddress":"","link":"https://","linkTags":null,"timestamp":"2026-"userAgent":"Mozilla/5.0 (Windows NT 10.0; '
        'Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"}}"eventType":"Open",'
        '"eventType":"Click","deliveryDelay":{"timestamp":"2026-","delayType":"TransientCommunicationFailure",'
        '"expirationTime":"2026-","delayedRecipients":[{"emailAddress":"","status":"4.4.1","diagnosticCode":"smtp; 421 '
        '4.4.1 Unable to connect to remote host"}],"reportingMTA":"complaint":{"complainedRecipients":[{"emailAddress":'
        '""}],"timestamp":"2026-","feedbackId":"0100","complaintSubType":null,"userAgent":"","complaintFeedbackType":'
        '"abuse","arrivalDate":"2026-"bounce":{"bounceType":"Transient","bounceSubType":"MailboxFull","bounceType":'
        '"Permanent","bounceSubType":"General","bouncedRecipients":[{"emailAddress":"","action":"failed","status":"5.1.1",'
        '"diagnosticCode":"smtp; 550 5.1.1 user unknown"}],"timestamp":"2026-","feedbackId":"0100","reportingMTA":"dsn; '
        '"delivery":{"timestamp":"2026-","processingTimeMillis":,"recipients":["@gmail.com"],"smtpResponse":"250 2.0.0 OK '
        '","reportingMTA":".smtp-out.amazonses.com"}}{"name":"List-Unsubscribe","value":"<https://"},{"name":'
        '"List-Unsubscribe-Post","value":"List-Unsubscribe=One-Click"},{"name":"List-Id","value":"<"},{"name":'
        '"Feedback-ID","value":"},{"name":"Reply-To","value":""headers":[],"headersTruncated":false,"headers":[{"name":'
        '"From","value":"},{"name":"To","value":"},{"name":"Subject","value":"},{"name":"MIME-Version","value":"1.0"},'
        '{"name":"Content-Type","value":"multipart/alternative; boundary=\\"----=_Part_"}],"commonHeaders":{"from":["@"],'
        '"to":["@"],"messageId":"0100","subject":"","date":""eventType":"Bounce","eventType":"Complaint","eventType":'
        '"DeliveryDelay",{"eventType":"Delivery","mail":{"timestamp":"2026-{"eventType":"Send","mail":{"timestamp":"2026-'
        'T00:00:00.000Z","source":" <@>","sourceArn":"arn:aws:ses:us-east-1:eu-west-1:identity/","sendingAccountId":'
        '"123456789012","messageId":"0100-000000","destination":["@"],"headersTruncated":false,"tags":{"ses:operation":'
        '["SendRawEmail"],"ses:operation":["SendEmail"],"ses:operation":["SendBulkEmail"],"ses:configuration-set":[""],'
        '"ses:source-ip":[""],"ses:from-domain":[""],"ses:caller-identity":[""],"ses:outgoing-ip":[""],"delivery":["'
        '"]}},"send":{}}'
    ).encode(),
}
"""Pieces of events, the most frequent last: what is near is named in fewer bits."""
_NEWEST = max(_DICTIONARIES)
_RAW_DEFLATE = -15


def pack(text: str) -> bytes:
    """Return `text` in a fifth to a quarter of its bytes, where it is an event."""
    packer = zlib.compressobj(wbits=_RAW_DEFLATE, zdict=_DICTIONARIES[_NEWEST])
    return bytes([_NEWEST]) + packer.compress(text.encode("utf-8", "surrogatepass")) + packer.flush()


def unpack(packed: bytes) -> str:
    """Return what was packed."""
    unpacker = zlib.decompressobj(wbits=_RAW_DEFLATE, zdict=_DICTIONARIES[packed[0]])
    return (unpacker.decompress(packed[1:]) + unpacker.flush()).decode("utf-8", "surrogatepass")
