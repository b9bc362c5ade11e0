"""`wnet export`: one file that gives what the network gives, or no file."""

from dataclasses import replace

import pytest
import torch
from click.testing import CliRunner
from network_configs import TINY

from pipeline.commands.cli import main
from pipeline.settings import params
from wnet.networks import export as exporting
from wnet.networks.config import EDSRConfig
from wnet.networks.networks import build

pytestmark = pytest.mark.usefixtures("one_thread")


def saved(folder, config):
    torch.manual_seed(1)
    network = build(config)
    for name, buffer in network.named_buffers():  # running means that a training leaves
        if name.endswith("running_mean"):
            buffer.normal_(std=0.1)
    crop = params.load().recipes["sample"].crop.model_dump()
    network.save_pretrained(folder, {"crop": {"parameters": crop}})
    return network.eval()


EDSR = EDSRConfig(scale=4, width=4, blocks=1, residual_scale=1.0)


@pytest.mark.parametrize("config", [replace(TINY, global_residual="bicubic"), EDSR])
def test_the_file_gives_what_the_network_gives_for_any_batch(project, config):
    network = saved(project / "network", config)
    result = CliRunner().invoke(main, ["export", "network", "out.pt2"])
    assert result.exit_code == 0, result.output
    program = torch.export.load("out.pt2").module()
    for batch in (1, 5):
        lr = torch.rand(batch, 3, 16, 16)
        sr, parsing = program(lr)
        with torch.no_grad():
            wanted = network(lr)
        torch.testing.assert_close(sr, wanted[0], rtol=0, atol=1e-4)
        assert (parsing is None) == (wanted[1] is None)
        if parsing is not None:
            torch.testing.assert_close(parsing, wanted[1], rtol=0, atol=1e-4)


def test_a_file_that_differs_is_not_kept(tmp_path, monkeypatch):
    network = build(EDSR)
    monkeypatch.setattr(exporting, "_difference", lambda network, path, lr_side: 0.5)
    with pytest.raises(ValueError, match=r"differs from the network by 0\.5"):
        exporting.export(network, 16, tmp_path / "out.pt2", 1e-4)
    assert not list(tmp_path.iterdir())
