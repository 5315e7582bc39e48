"""Amazon's side of sending: what has to be there is made (`provisioning`), and looked at (`doctor`)."""
