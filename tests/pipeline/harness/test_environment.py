"""What the environment may say of where and how fast a stage runs."""

import pytest

from pipeline.harness import environment


def test_torchrun_s_arguments_are_for_the_process_that_it_has_not_started(monkeypatch):
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
        ("WNET_COMPILE", "yes", environment.compiled),
        ("WNET_MEMORY", "1 GB", lambda: environment.memory("cpu")),
        ("WNET_WORKERS", "0", environment.workers),
    ],
)
def test_what_cannot_be_read_is_named(monkeypatch, name, value, ask):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=f"{name}={value}"):
        ask()


def test_compilation_is_off_unless_asked_for(monkeypatch):
    assert environment.compiled() is False
    monkeypatch.setenv("WNET_COMPILE", "1")
    assert environment.compiled() is True
