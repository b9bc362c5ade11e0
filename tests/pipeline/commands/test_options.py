"""The commands are consistent: the same options, texts and completions."""

import click
import pytest
from click.shell_completion import ShellComplete

from pipeline.commands.cli import main


def command(name):
    return main.get_command(click.Context(main), name)


def options(name):
    return {option.name: option for option in command(name).params}


def completed(*words):
    *before, begun = words
    found = ShellComplete(main, {}, "wnet", "_WNET_COMPLETE").get_completions(list(before), begun)
    return {item.value for item in found}


@pytest.mark.parametrize("name", ["demo", "try"])
def test_every_command_chooses_a_network_in_the_same_way(name):
    for key in ("model", "scale"):
        mine, theirs = options(name)[key], options("upscale")[key]
        assert (mine.opts, mine.type) == (theirs.opts, theirs.type)
        assert mine.help.split("; default")[0] == theirs.help.split("; default")[0]


def test_the_network_that_is_chosen_without_an_option_is_said():
    assert options("upscale")["model"].help.endswith("; default: the only one in models/.")
    assert options("demo")["model"].help.endswith("; default: all in models/.")


def test_a_letter_is_the_same_option_in_every_command():
    letters = {}
    for name in main.list_commands(click.Context(main)):
        for option in command(name).params:
            for letter in (each for each in option.opts if len(each) == 2):
                letters.setdefault(letter, set()).add(option.name)
    assert letters.pop("-o") == {"out"}
    assert {letter: names for letter, names in letters.items() if len(names) > 1} == {}


def test_the_shell_completes_commands_options_and_names(project):
    for name in ("sample-x4", "other-x8"):
        (project / f"models/{name}/network").mkdir(parents=True)
    assert {"new", "demo", "upscale"} <= completed("")
    assert completed("ne") == {"new"}
    assert "--cropped" in completed("new", "family", "photos", "--c")
    for words in (("upscale", "a.png", "-m"), ("demo", "-m"), ("try", "x", "-m"), ("export",)):
        assert completed(*words, "sam") == {"sample-x4"}
    assert completed("rename", "o") == {"other-x8"}
    assert "wnet-small" in completed("new", "family", "photos", "--run", "wnet")
    (project / "params.yaml").write_text("nothing: 1\n")
    assert completed("new", "family", "photos", "--run", "wnet") == set()
