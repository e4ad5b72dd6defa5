"""Serve the pages with waitress: on this machine alone unless someone vouches for users."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from procmine.errors import Fault, UsageError
from procmine.text import t

if TYPE_CHECKING:
    import dash

__all__ = ["run", "serve"]

_OWN = frozenset({"127.0.0.1", "localhost", "::1"})
_THREADS = 6


def serve(app: dash.Dash, host: str = "127.0.0.1", port: int = 8050) -> None:
    """Serve `app` until it is stopped.

    Raises
    ------
    UsageError
        `host` is not this machine's own loopback address: without a mode of
        authentication the pages are shown to nobody else.
    """
    _only_here(host)
    import waitress

    try:
        waitress.serve(app.server, host=host, port=port, threads=_THREADS, ident=None)
    except OSError as error:
        raise UsageError(t("page.serve.busy", port=port), (Fault("port_busy"),)) from error


def run(
    store: Path,
    *,
    baseline: Path | None = None,
    host: str = "127.0.0.1",
    port: int = 8050,
    auth: Path | None = None,
) -> None:
    """Make the app of a store and serve it; the command line's way in.

    Raises
    ------
    UsageError
        Another address than this machine's own, or a mode of authentication.
    """
    if auth is not None:
        raise UsageError(t("page.serve.no_auth_yet"), (Fault("no_auth", "auth"),))
    _only_here(host)
    from dashboards.app import make_app

    app = make_app(Path(store), baseline=baseline)
    print(t("page.serve.ready", host=host, port=port), flush=True)  # noqa: T201 - the command's answer
    serve(app, host, port)


def _only_here(host: str) -> None:
    if host not in _OWN:
        raise UsageError(t("page.serve.only_here", host=host), (Fault("no_auth", "host"),))
