"""Labels of event types: each process calls them by its own names."""

from __future__ import annotations

from procmine.config import load_config


def test_a_process_calls_a_step_by_its_own_name() -> None:
    """One type stands in several catalogues; the process's own goes first."""
    config = load_config()
    own = [config.label("afgoerelse_truffet", name) for name in ("sanktion", "rehabilitering")]
    assert own == ["Afgørelse om sanktion truffet", "Afgørelse truffet"]
    assert config.label("samtale_afholdt", "sanktion") == config.label("samtale_afholdt")
    assert config.label("findes_ikke", "sanktion") == "findes_ikke"
