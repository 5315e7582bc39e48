"""The text of an event, packed for keeping: what all events have in common is not stored again. Pure.

Deflate with a preset dictionary (RFC 1950, 2.2). What was packed names its dictionary by its first byte: a dictionary
is never changed, a better one gets the next number.
"""

from __future__ import annotations

import zlib

_DICTIONARIES = {
    1: (
        b'"notificationType":""sourceIp":"","callerIdentity":""subscription":{"contactList":"",'
        b'"newTopicPreferences":{"unsubscribeAll":true,"topicSubscriptionStatus":[{"topicName":"",'
        b'"subscriptionStatus":"OptOut"}]},"oldTopicPreferences":"eventType":"Rendering Failure","failure":{'
        b'"templateName":"","errorMessage":"Attribute \'\' is not present in the rendering data."}"eventType":"R'
        b'eject","reject":{"reason":"Bad content"}"open":{"ipAddress":"","timestamp":"2026-"click":{'
        b'"ipAddress":"","link":"https://","linkTags":null,"timestamp":"2026-"userAgent":"Mozilla/5.0 (Windows'
        b' NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"}}"event'
        b'Type":"Open","eventType":"Click","deliveryDelay":{"timestamp":"2026-",'
        b'"delayType":"TransientCommunicationFailure","expirationTime":"2026-","delayedRecipients":[{'
        b'"emailAddress":"","status":"4.4.1","diagnosticCode":"smtp; 421 4.4.1 Unable to connect to remote hos'
        b't"}],"reportingMTA":"complaint":{"complainedRecipients":[{"emailAddress":""}],"timestamp":"2026-",'
        b'"feedbackId":"0100","complaintSubType":null,"userAgent":"","complaintFeedbackType":"abuse",'
        b'"arrivalDate":"2026-"bounce":{"bounceType":"Transient","bounceSubType":"MailboxFull",'
        b'"bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[{"emailAddress":"",'
        b'"action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}],'
        b'"timestamp":"2026-","feedbackId":"0100","reportingMTA":"dsn; "delivery":{"timestamp":"2026-",'
        b'"processingTimeMillis":,"recipients":["@gmail.com"],"smtpResponse":"250 2.0.0 OK ",'
        b'"reportingMTA":".smtp-out.amazonses.com"}}{"name":"List-Unsubscribe","value":"<https://"},{'
        b'"name":"List-Unsubscribe-Post","value":"List-Unsubscribe=One-Click"},{"name":"List-Id","value":"<"},'
        b'{"name":"Feedback-ID","value":"},{"name":"Reply-To","value":""headers":[],"headersTruncated":false,'
        b'"headers":[{"name":"From","value":"},{"name":"To","value":"},{"name":"Subject","value":"},{'
        b'"name":"MIME-Version","value":"1.0"},{"name":"Content-Type","value":"multipart/alternative; boundary'
        b'=\\"----=_Part_"}],"commonHeaders":{"from":["@"],"to":["@"],"messageId":"0100","subject":"",'
        b'"date":""eventType":"Bounce","eventType":"Complaint","eventType":"DeliveryDelay",{'
        b'"eventType":"Delivery","mail":{"timestamp":"2026-{"eventType":"Send","mail":{'
        b'"timestamp":"2026-T00:00:00.000Z","source":" <@>","sourceArn":"arn:aws:ses:us-east-1:eu-west-1:ident'
        b'ity/","sendingAccountId":"123456789012","messageId":"0100-000000","destination":["@"],'
        b'"headersTruncated":false,"tags":{"ses:operation":["SendRawEmail"],"ses:operation":["SendEmail"],'
        b'"ses:operation":["SendBulkEmail"],"ses:configuration-set":[""],"ses:source-ip":[""],'
        b'"ses:from-domain":[""],"ses:caller-identity":[""],"ses:outgoing-ip":[""],"delivery":[""]}},"send":{'
        b"}}"
    )
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
