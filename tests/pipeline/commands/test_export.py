"""`wnet export`: one file that gives what the network gives, or no file."""

import pytest
import torch
from click.testing import CliRunner
from network_configs import TINY, changed

from pipeline.commands.cli import main
from pipeline.harness.record import MADE_BY, write_record
from pipeline.settings import params
from wnet.networks import export as exporting
from wnet.networks.by_name import build, config_of

pytestmark = pytest.mark.usefixtures("one_thread")


def saved(folder, name, config):
    torch.manual_seed(1)
    network = build(name, config, 4)
    for name, buffer in network.named_buffers():  # running means that a training leaves
        if name.endswith("running_mean"):
            buffer.normal_(std=0.1)
    crop = params.load().recipes["sample"].crop.model_dump(mode="json")
    network.save_pretrained(folder)
    write_record(folder / MADE_BY, {"faces": crop})
    return network.eval()


EDSR = config_of("edsr")(width=4, blocks=1, residual_scale=1.0)


@pytest.mark.parametrize(
    ("name", "config"), [("wnet", changed(TINY, global_residual="bicubic")), ("edsr", EDSR)]
)
def test_the_file_gives_what_the_network_gives_for_any_batch(project, name, config):
    network = saved(project / "network", name, config)
    result = CliRunner().invoke(main, ["export", "network", "out.pt2"])
    assert result.exit_code == 0, result.output
    program = torch.export.load("out.pt2").module()
    for batch in (1, 5):
        lr = torch.rand(batch, 3, 16, 16)
        with torch.no_grad():
            wanted = network(lr)
        torch.testing.assert_close(program(lr), wanted, rtol=0, atol=1e-4)


def test_a_file_that_differs_is_not_kept(tmp_path, monkeypatch):
    network = build("edsr", EDSR, 4)
    monkeypatch.setattr(exporting, "_difference", lambda network, path, lr_side: 0.5)
    with pytest.raises(ValueError, match=r"differs from the network by 0\.5"):
        exporting.export(network, 16, tmp_path / "out.pt2", 1e-4)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_there_is_replaced_only_where_that_is_said(project):
    saved(project / "network", "edsr", EDSR)
    (project / "mine.pt2").write_text("somebody's own")
    result = CliRunner().invoke(main, ["export", "network", "mine.pt2"])
    assert result.exit_code == 1
    assert "mine.pt2: is there already; choose another name, or give --overwrite" in result.output
    assert (project / "mine.pt2").read_text() == "somebody's own"
    for options in (["mine.pt2", "--overwrite"], ["no/such/folder/out.pt2"]):
        result = CliRunner().invoke(main, ["export", "network", *options])
        assert result.exit_code == 0, result.output
        torch.export.load(options[0])
    assert sorted(path.name for path in project.glob("*.pt2")) == ["mine.pt2"]


def test_a_folder_that_is_not_there_is_made(project):
    saved(project / "network", "edsr", EDSR)
    result = CliRunner().invoke(main, ["export", "network", "new/deep/out.pt2"])
    assert result.exit_code == 0, result.output
    assert (project / "new/deep/out.pt2").is_file()
    result = CliRunner().invoke(main, ["export", "network", "network/config.json/out.pt2"])
    assert result.exit_code == 1
    assert result.output == "Error: network/config.json: File exists\n"
