"""Every notebook runs from top to bottom, stores no output and shows what it promises."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
PERSON = re.compile(r"(?<![\w.])\d{6}-?\d{4}(?![\w.])")


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_stores_no_output(file: Path) -> None:
    """What a notebook shows is made when it is run; none of it lies in the repository."""
    notebook = nbformat.read(file, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert not any(cell.outputs or cell.execution_count for cell in code)


def test_the_first_notebook_is_ten_cells_and_runs() -> None:
    """Ten cells: account, cases, two pictures; nothing to share, no personal number."""
    file = FOLDER / "01_fra_udtraek_til_log.ipynb"
    notebook = nbformat.read(file, as_version=4)
    assert len(notebook.cells) == 10
    client = NotebookClient(
        notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}
    )
    client.execute()
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    shown = [o.data for o in outputs if "data" in o]
    assert any("image/svg+xml" in data for data in shown)
    plots = [data["text/html"] for data in shown if "plotly" in str(data.get("text/html", ""))]
    assert plots
    assert all('"showSendToCloud": false' in plot for plot in plots[-1:])
    text = " ".join(str(data.get("text/plain", "")) for data in shown)
    assert "beholdt" in text
    assert not PERSON.search(text)
    assert not [o for o in outputs if o.output_type == "stream" and o.name == "stderr"]
