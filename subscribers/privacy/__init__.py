"""What is kept of one person, told to them or erased.

`person` says who they are, `holder` how a table of theirs is looked through, `held` which tables of this package are;
`erased` is what stays of somebody who is gone.
"""
