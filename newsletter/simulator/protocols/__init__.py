"""How AWS is spoken to: SES v2 (REST and JSON), SQS (JSON), SNS and STS (query and XML), and our own control API."""
