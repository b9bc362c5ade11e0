"""Checks of `wnet doctor` on DVC: its remote, and the links to its cache."""

from pathlib import Path

from pipeline.commands.finding import Finding

LINKS = ("reflink", "hardlink", "symlink")  # DVC's other way is to copy


def project():
    """The project as a DVC repository, or None if it is not one."""
    from dvc.exceptions import NotDvcRepoError
    from dvc.repo import Repo

    try:
        return Repo()
    except NotDvcRepoError:
        return None


def remote(config: dict) -> Finding:
    """Whether there is a default remote, and the package that it needs."""
    from dvc.fs import get_fs_cls, get_fs_config

    name = config["core"].get("remote")
    if name is None:
        text = "none, results stay on this machine: dvc remote add --default NAME URL, docs/team.md"
        return Finding("warn", "remote", text)
    if name not in config["remote"]:
        text = f"core.remote is {name}, which does not exist: dvc remote add {name} URL"
        return Finding("problem", "remote", text)
    url = config["remote"][name]["url"]
    scheme = get_fs_cls(get_fs_config(config, name=name))
    if scheme.get_missing_deps():
        text = f"{name}, {url}: needs a package, pip install 'dvc[{scheme.protocol}]'"
        return Finding("problem", "remote", text)
    return Finding("ok", "remote", f"{name}, {url}")


def cache(repo) -> Finding:
    """The type of link by which files of the cache appear in the project."""
    from dvc.fs import generic

    store = repo.cache.local
    if not Path(store.path).exists():
        return Finding("ok", "cache", f"{store.path}, still empty")
    asked = [kind for kind in LINKS if kind in store.cache_types]
    able = generic.test_links(asked, store.fs, store.path, repo.fs, repo.root_dir)
    if not able:
        text = f"{store.path}, by copies: each file is on disk twice; docs/team.md, Cache types"
        return Finding("warn", "cache", text)
    return Finding("ok", "cache", f"{store.path}, by {able[0]}")
