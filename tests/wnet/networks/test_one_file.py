"""A network's code as one file: the same network, with only torch and safetensors."""

import subprocess
import sys
from importlib import import_module

import pytest
import torch
from narrow_networks import narrow
from safetensors.torch import load_file, save_file

from wnet.networks.by_name import class_of, names
from wnet.networks.one_file import one_file

ALONE = """
import sys
sys.path = [place for place in sys.path if place != ""]
sys.modules |= dict.fromkeys(("wnet", "pipeline", "drawn", "pydantic", "PIL", "click", "dvc"))
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
import torch
from safetensors.torch import load_file, save_file

for folder in map(Path, sys.argv[1:]):
    spec = spec_from_file_location("modeling", folder / "modeling.py")
    modeling = module_from_spec(spec)
    sys.modules["modeling"] = modeling  # as `import modeling` does
    spec.loader.exec_module(modeling)
    network = modeling.NETWORK.from_pretrained(folder)
    with torch.no_grad():
        made = network(load_file(folder / "lr.safetensors")["lr"])
    save_file({name: maps.contiguous() for name, maps in made.items()}, folder / "made.safetensors")
"""


@pytest.mark.usefixtures("one_thread")
def test_every_folder_loads_without_this_project_and_gives_the_same(tmp_path):
    wanted = {}
    for name in names():
        network, folder = narrow(name, 8), tmp_path / name
        smallest, step = network.config.lr_sides(8)
        lr = torch.rand(1, 3, smallest, smallest + step)
        network.save_pretrained(folder)
        (folder / "modeling.py").write_text(one_file(type(network)), encoding="utf-8")
        save_file({"lr": lr}, folder / "lr.safetensors")
        with torch.no_grad():
            wanted[folder] = network(lr)
    command = [sys.executable, "-c", ALONE, *map(str, wanted)]
    environment = {"OMP_NUM_THREADS": "1", "PATH": ""}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    for folder, maps in wanted.items():
        made = load_file(folder / "made.safetensors")
        assert made.keys() == maps.keys()
        for name, values in maps.items():
            torch.testing.assert_close(made[name], values, rtol=0, atol=1e-6)


def test_one_name_for_two_things_is_refused(monkeypatch):
    module = import_module("wnet.networks.one_file")
    both = ("wnet.networks.hourglass", "wnet.networks.sparnet.network")
    monkeypatch.setattr(module, "_needed", lambda start: dict.fromkeys(both))
    with pytest.raises(ValueError, match=r"Hourglass is both in wnet\.networks\.hourglass and"):
        one_file(class_of("sparnet"))
