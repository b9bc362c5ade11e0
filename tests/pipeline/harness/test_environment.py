"""The environment variables that set where and how fast a stage runs."""

import pytest

from pipeline.harness import environment
from wnet.training.execution import EXECUTIONS


def test_torchruns_arguments_are_ignored_in_the_processes_it_started(monkeypatch):
    assert environment.torchrun() is None
    monkeypatch.setenv("WNET_TORCHRUN", "--nproc-per-node 2")
    assert environment.torchrun() == "--nproc-per-node 2"
    monkeypatch.setenv("RANK", "1")
    assert environment.torchrun() is None


def test_memory_is_half_of_what_is_free_or_as_given(monkeypatch):
    import psutil

    free = psutil.virtual_memory().available
    assert environment.memory("cpu") == pytest.approx(free / 2, rel=0.2)
    monkeypatch.setenv("WNET_MEMORY", "12345")
    assert environment.memory("cpu") == 12345


@pytest.mark.parametrize(
    ("name", "value", "ask"),
    [
        ("WNET_COMPILE", "yes", lambda: environment.execution("cpu", 1)),
        ("WNET_DEVICE", "gpu", environment.device),
        ("WNET_MEMORY", "1 GB", lambda: environment.memory("cpu")),
        ("WNET_WORKERS", "0", environment.workers),
    ],
)
def test_invalid_values_are_reported(monkeypatch, name, value, ask):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=f"{name}={value}"):
        ask()


@pytest.mark.parametrize(
    ("device", "processes", "execution"),
    [
        ("cuda", 1, "eager-graphs"),
        ("cuda:3", 1, "eager-graphs"),
        ("cuda", 2, "eager"),
        ("cpu", 1, "eager"),
        ("cpu", 2, "eager"),
        ("mps", 1, "eager"),
    ],
)
def test_steps_are_recorded_on_a_single_gpu_and_run_as_written_elsewhere(
    monkeypatch, device, processes, execution
):
    monkeypatch.delenv("WNET_COMPILE", raising=False)
    assert environment.execution(device, processes) == execution
    monkeypatch.setenv("WNET_COMPILE", "0")
    assert environment.execution(device, processes) == "eager"


@pytest.mark.parametrize(
    ("value", "execution"),
    [
        ("1", "compiled"),
        ("default", "compiled"),
        ("graphs", "graphs"),
        ("eager-graphs", "eager-graphs"),
    ],
)
def test_steps_are_executed_as_asked(monkeypatch, value, execution):
    monkeypatch.setenv("WNET_COMPILE", value)
    assert environment.execution("cuda", 1) == execution
    assert execution in EXECUTIONS
