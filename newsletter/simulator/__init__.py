"""An Amazon SES of our own on loopback, with its SQS and SNS: for development, rehearsal and tests.

Unmodified AWS clients talk to it through `AWS_ENDPOINT_URL`. Every mail goes the same way:

    protocols → faults → sending (account, templates, outcomes) → record → timeline → publishing → queues, topics

State is plain Python that is handed the time; only `server`, `webhooks` and the long polling of queues wait for
anything.
"""
