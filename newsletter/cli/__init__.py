"""The command line: reads arguments, calls a room, prints what came of it. It decides nothing itself."""
