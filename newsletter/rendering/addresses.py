"""Addresses that a mail may lead to."""

from __future__ import annotations

from urllib.parse import SplitResult, quote, urlsplit

_PAGES = {"http", "https"}
_RESERVED = ":/?#[]@!$&'()*+,;=%~"


def safe_address(address: str | None) -> str | None:
    """Return an http, https or mailto address in ASCII (RFC 3986), None for anything else."""
    try:
        parts = urlsplit((address or "").strip())
        if parts.scheme in _PAGES and parts.hostname:
            return quote(_with_ascii_host(parts).geturl(), safe=_RESERVED)
        if parts.scheme == "mailto" and "@" in parts.path:
            return quote(parts.geturl(), safe=_RESERVED)
    except ValueError:  # no address, a port that is none, a host that no name can be (UnicodeError is one too)
        pass
    return None


def doi_address(doi: str) -> str:
    """Return where a DOI leads (https://www.doi.org/doi-handbook/HTML/resolution.html)."""
    return "https://doi.org/" + quote(doi, safe="/:;().-_", errors="replace")


def pmid_address(pmid: str) -> str:
    """Return the page of a PubMed entry."""
    return f"https://pubmed.ncbi.nlm.nih.gov/{quote(pmid, safe='', errors='replace')}/"


def _with_ascii_host(parts: SplitResult) -> SplitResult:
    if parts.netloc.isascii():
        return parts
    host = (parts.hostname or "").encode("idna").decode("ascii")
    return parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host)
