"""What a campaign stands under while somebody watches over it: a first wave that goes before the rest, and alarms."""
