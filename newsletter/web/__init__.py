"""The pages that links in mails lead to; `app` answers requests, `server` runs it."""
