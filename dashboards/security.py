"""Headers that keep the pages to themselves, and the check of who is asked (ui.md section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, abort, request

if TYPE_CHECKING:
    from collections.abc import Sequence

    import dash

__all__ = ["LOOPBACK", "protect"]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_LARGEST_REQUEST = 1_000_000


def protect(app: dash.Dash, hosts: frozenset[str] = LOOPBACK) -> None:
    """Refuse requests for other hosts, and send the protecting headers with each answer.

    A page of another site could otherwise reach this one through a name of its own that
    points at this machine (DNS rebinding).

    Parameters
    ----------
    app
        The app, with all its callbacks: their inline parts are allowed by hash.
    hosts
        Names by which it may be addressed, without port.
    """
    policy = _policy(app.csp_hashes())
    app.server.config["MAX_CONTENT_LENGTH"] = _LARGEST_REQUEST

    def only_known_hosts() -> None:
        if _name(request.host) not in hosts:
            abort(421)

    def headers(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = policy
        answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Frame-Options"] = "DENY"
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if answer.mimetype in {"text/html", "application/json", "text/csv"}:
            answer.headers["Cache-Control"] = "no-store"
        return answer

    app.server.before_request(only_known_hosts)
    app.server.after_request(headers)


def _policy(hashes: Sequence[str]) -> str:
    scripts = " ".join(("'self'", *hashes))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _name(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()
