"""The notebook docs/tutorial.ipynb, executed from the first cell to the last on a small sample."""

import json

import pytest
from PIL import Image
from small_project import ROOT, SMALL, Project

NOTEBOOK = ROOT / "docs/tutorial.ipynb"


def test_it_has_no_outputs_and_is_python():
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


@pytest.mark.slow
def test_it_goes_from_installation_to_an_enlarged_picture(tmp_path):
    reason = "not installed: pip install '.[notebook]'"
    nbclient = pytest.importorskip("nbclient", reason=reason)
    nbformat = pytest.importorskip("nbformat", reason=reason)
    pytest.importorskip("ipykernel", reason=reason)
    project = Project(tmp_path / "project")
    project.edit(SMALL)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    resources = {"metadata": {"path": str(project.folder)}}
    with pytest.MonkeyPatch.context() as patch:
        for key, value in project.environment.items():
            patch.setenv(key, value)
        nbclient.NotebookClient(notebook, timeout=1200, resources=resources).execute()
    said = "".join(
        output.get("text", "") or output["data"].get("text/plain", "")
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    )
    assert "bicubic" in said
    assert "1 face of 1 picture" in said
    assert "(torch.Size([1, 3, 64, 64]), torch.Size([1, 3, 16, 16]))" in said
    width, height = Image.open(project.folder / "enlarged/small.png").size
    assert width > 3 * 320 > height
    shown = [out for cell in notebook.cells for out in cell.get("outputs", ()) if "data" in out]
    assert sum("image/png" in out["data"] for out in shown) == 2
