"""Make the Dash app of a store; importing this does no work and loads nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import dash

__all__ = ["make_app"]


def make_app(store_or_published: Path, *, baseline: Path | None = None) -> dash.Dash:
    """Make the app of a store (analyst's mode).

    Parameters
    ----------
    store_or_published
        Folder of a store.
    baseline
        A sealed baseline, for the page that compares with it.

    Raises
    ------
    StoreError
        There is no store, or it is damaged.

    References
    ----------
    Spec ui.md, sections 1 to 5.
    """
    import dash

    from dashboards import callbacks, export, security, shell
    from dashboards.source import Source

    source = Source(store_or_published, baseline)
    app = dash.Dash(
        "dashboards",
        title=shell.title(),
        update_title=None,  # type: ignore[arg-type]  # no title while waiting; typed too narrowly
        serve_locally=True,
        suppress_callback_exceptions=True,
        enable_mcp=False,
        index_string=shell.index_string(),
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.layout = lambda: shell.layout(source)
    callbacks.register(app, source)
    export.register(app.server, source)
    security.protect(app)
    return app
