"""One rate and one quota for all workers of all machines, reserved in the database before each call.

`rate`, `quota`, `warmup` are the arithmetic, `gauge` is what the one row holds, `deciding` answers one request;
`rows` takes the answer to the database, and `shared` is what a worker asks.
"""
