"""The verbs that show pages: demo and dashboard."""

from __future__ import annotations

import importlib
from importlib import resources
from pathlib import Path

import click

from procmine.cli.loading import default_key
from procmine.cli.verb import PATH, progress_bar, quiet_option, say, verb
from procmine.errors import Fault, StoreError
from procmine.text import t

__all__ = ["COMMANDS", "demo_delivery"]


def demo_delivery() -> Path:
    """Return the folder of the sample delivery, in a checkout or in the installed package.

    Raises
    ------
    StoreError
        The package was built without it.
    """
    inside = Path(str(resources.files("procmine"))) / "_sample_logs" / "demo"
    beside = Path(str(resources.files("procmine"))).parent / "sample_logs" / "demo"
    for folder in (beside, inside):
        if folder.is_dir():
            return folder
    raise StoreError(t("cli.demo.no_sample"), (Fault("no_sample"),))


@verb("demo")
@click.option("--port", type=int, default=8050, show_default=True, help=t("cli.option.port"))
@click.option("--no-serve", is_flag=True, help=t("cli.demo.no_serve"))
@click.option("--store", type=PATH, default=None, help=t("cli.option.store"))
@quiet_option
def demo(port: int, store: Path | None, *, no_serve: bool, quiet: bool) -> None:
    """Load the sample delivery, compute everything, serve the pages."""
    from procmine import pipeline

    target = store or Path.home() / ".procmine" / "demo"
    delivery = demo_delivery()
    with progress_bar(quiet=quiet) as progress:
        outcome = pipeline.load(delivery, "kmd", target, key=default_key(), progress=progress)
    say(t("cli.demo.ready", delivery=delivery, store=target), quiet=quiet)
    _ = outcome
    if not no_serve:
        _serve(target, None, "127.0.0.1", port, None)


@verb("dashboard")
@click.argument("store", type=PATH)
@click.option("--baseline", type=PATH, default=None, help=t("cli.option.baseline"))
@click.option("--host", default="127.0.0.1", show_default=True, help=t("cli.dashboard.host"))
@click.option("--port", type=int, default=8050, show_default=True, help=t("cli.option.port"))
@click.option("--auth", type=PATH, default=None, help=t("cli.dashboard.auth"))
@quiet_option
def dashboard(
    store: Path, baseline: Path | None, host: str, port: int, auth: Path | None, *, quiet: bool
) -> None:
    """Serve the pages of a store."""
    _ = quiet
    _serve(store, baseline, host, port, auth)


def _serve(store: Path, baseline: Path | None, host: str, port: int, auth: Path | None) -> None:
    # The pages are a package of their own above this one; it is found by name, so that
    # the layers stay one-way.
    module = importlib.import_module("dashboards.server")
    module.run(store, baseline=baseline, host=host, port=port, auth=auth)


COMMANDS = {"demo": demo, "dashboard": dashboard}
