"""Addresses that a mail may lead to."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

_SCHEMES = {"http", "https", "mailto"}
_RESERVED = ":/?#[]@!$&'()*+,;=%~"


def safe_address(address: str | None) -> str | None:
    """Return an http, https or mailto address in ASCII (RFC 3986), None for anything else."""
    try:
        parts = urlsplit((address or "").strip())
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or not (parts.netloc or parts.path):
        return None
    return quote(parts.geturl(), safe=_RESERVED)


def doi_address(doi: str) -> str:
    """Return where a DOI leads (https://www.doi.org/doi-handbook/HTML/resolution.html)."""
    return "https://doi.org/" + quote(doi, safe="/:;().-_")


def pmid_address(pmid: str) -> str:
    """Return the page of a PubMed entry."""
    return f"https://pubmed.ncbi.nlm.nih.gov/{quote(pmid, safe='')}/"
