"""What became of a campaign, counted: by language, variant, mailbox provider and day."""
