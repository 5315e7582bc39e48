"""A page for one person at this machine: what the columns of a file are about, and what would become of its rows.

There are no accounts on the public web, and this is none of it: `newsletter subscribers import --map-in-browser` serves
it on loopback for as long as the command runs. `server` runs it, `app` lets in who may, `pages` shows and takes forms.
"""
