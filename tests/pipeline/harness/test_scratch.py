"""Unfinished work is found again, finished work gets its name atomically, without races."""

import multiprocessing

from waiting import HANG, aside, until

from pipeline.harness import scratch


def killed(stage="crop", item="a", inputs=(), record=None):
    """Enter a workspace, leave a piece of work there if there is none, and be killed."""
    try:
        with scratch.workspace(stage, item, inputs, record or {}) as folder:
            found = (folder / "piece").exists()
            (folder / "piece").write_text("done")
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        return folder, found


def test_a_killed_stage_finds_its_work_again(project):
    (project / "input").write_text("x")
    same = {"inputs": [project / "input"], "record": {"x": 1}}
    assert not killed(**same)[1]
    assert not killed(**same | {"record": {"x": 2}})[1]
    assert killed(**same)[1]
    with scratch.workspace("crop", "a", [project / "input"], {"x": 1}) as folder:
        assert (folder / "piece").read_text() == "done"
    assert not [path for path in (project / ".scratch").iterdir() if path.is_dir()]


def test_a_changed_input_starts_afresh(project):
    source = project / "input"
    source.mkdir()
    (source / "a").write_text("one")
    folders = []
    for text in ("one", "three"):
        (source / "a").write_text(text)
        with scratch.workspace("crop", "a", [source], {}) as folder:
            folders.append(folder.name)
    assert folders[0] != folders[1]


def test_items_whose_names_begin_alike_keep_their_work(project):
    kept, _ = killed(item="a-b")
    with scratch.workspace("crop", "a", [], {}):
        pass
    assert kept.is_dir()


def test_publishing_replaces_a_folder_and_a_file(project):
    for attempt in ("first", "second"):
        made = project / "made"
        made.mkdir(exist_ok=True)
        (made / "first").unlink(missing_ok=True)
        (made / attempt).write_text(attempt)
        scratch.publish(made, project / "data/out")
        assert [path.name for path in (project / "data/out").iterdir()] == [attempt]
        scratch.write_text(project / "metrics/a.json", attempt)
        assert (project / "metrics/a.json").read_text() == attempt
    assert [path.name for path in (project / "metrics").iterdir()] == ["a.json"]


def _hold(root, entered, leave, leaving):
    import os

    os.chdir(root)
    with scratch.workspace("crop", "a", [], {}):
        entered.set()
        leave.wait()
        leaving.set()


def test_a_second_process_waits_for_the_first(project, said):
    context = multiprocessing.get_context("spawn")
    entered, leave, leaving = (context.Event() for _ in range(3))
    other = context.Process(target=_hold, args=(project, entered, leave, leaving), daemon=True)
    other.start()
    assert entered.wait(HANG)

    def second():
        with scratch.workspace("crop", "a", [], {"other": "parameters"}):
            return leaving.is_set()

    waiting = aside(second)
    until(lambda: said or waiting.done())
    assert said == ["crop-a runs in another process; waiting for its end"]
    leave.set()
    assert waiting.result(HANG), "entered while the first was there"
    other.join(HANG)
    assert other.exitcode == 0
