"""What SES says afterwards: `events` reads it, `sqs` fetches it, `apply` writes it down and does what follows."""
