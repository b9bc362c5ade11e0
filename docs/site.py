"""The hook of mkdocs that adds pages of stages and of the API, and the files that pages link to.

README.md is the first page, so docs/index.md becomes contents.md. Any other file outside docs/ that
a page links to keeps its path; links are rewritten accordingly.
"""

import ast
import posixpath
import re
from pathlib import Path

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"(\]\()(?!\w+:|#)([^)#]+)")
PLACES = {"README.md": "index.md", "docs/index.md": "contents.md"}  # in the repository, in the site
PACKAGES = ("wnet", "drawn", "pipeline")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Name the generated pages in the navigation."""
    for section in config.nav:
        if "Stages" in section:
            section["Stages"] += [{name: f"stages/{name}.md"} for name in _stages()]
        if "API" in section:
            section["API"] += [{name: f"api/{name}.md"} for name in _packages()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages, README.md, and all files that pages link to."""
    files.remove(files.get_file_from_path("index.md"))
    pages = {f"stages/{name}.md": _stage_page(name, entry) for name, entry in _stages().items()}
    pages |= {f"api/{name}.md": _package_page(name) for name in _packages()}
    for path, content in pages.items():
        files.append(File.generated(config, path, content=content))
    known = {f"docs/{path.name}" for path in ROOT.glob("docs/*.md")} - {"docs/index.md"}
    new = ["README.md", "docs/index.md"] + [
        link for path in sorted(known) for link in _links(path) if not link.startswith("docs/")
    ]
    while new:
        path = new.pop()
        if path not in known:
            known.add(path)
            place = _place(path)
            files.append(File.generated(config, place, content=(ROOT / path).read_bytes()))
            new += [link for link in _links(path) if not link.startswith("docs/")]
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Rewrite links to the paths of their files in the site."""
    place = page.file.src_uri
    if place.startswith(("api/", "stages/")):
        return markdown
    path = next((path for path, moved in PLACES.items() if moved == place), None)
    path = path or (f"docs/{place}" if (ROOT / "docs" / place).exists() else place)
    here = posixpath.dirname(place)
    return LINK.sub(
        lambda link: link[1] + posixpath.relpath(_place(_target(path, link[2])), here), markdown
    )


def _links(path: str) -> list[str]:
    """The files of the repository that one of its pages links to, by their paths."""
    if not path.endswith(".md"):
        return []
    text = (ROOT / path).read_text(encoding="utf-8")
    return [_target(path, link) for _, link in LINK.findall(text)]


def _target(path: str, link: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), link))


def _place(path: str) -> str:
    return PLACES.get(path, path.removeprefix("docs/"))


def _stages() -> dict:
    return yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def _packages() -> list[str]:
    """The packages with modules, of the first two levels."""
    folders = [ROOT / name for name in PACKAGES]
    folders += [path.parent for folder in folders for path in sorted(folder.glob("*/__init__.py"))]
    return sorted(".".join(folder.relative_to(ROOT).parts) for folder in folders)


def _package_page(name: str) -> str:
    """The docstrings of a package, of its modules, and of packages below the second level."""
    folder = ROOT.joinpath(*name.split("."))
    below = sorted(folder.glob("*.py" if name in PACKAGES else "**/*.py"))
    parts = [path.with_suffix("").relative_to(ROOT).parts for path in below]
    modules = {".".join(part).removesuffix(".__init__"): None for part in parts}
    return "\n\n".join([f"# `{name}`", *(f"::: {module}" for module in {name: None} | modules), ""])


def _stage_page(name: str, entry: dict) -> str:
    """The page of a stage, from dvc.yaml and its docstrings."""
    stage = entry.get("do", entry)
    tree = ast.parse((ROOT / f"pipeline/{name}.py").read_text(encoding="utf-8"))
    text = ast.get_docstring(tree).partition(": ")[2]
    sections = re.findall(
        r"^## `(\w+)`", (ROOT / "docs/params.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    lines = [f"# `{name}`", "", text[0].upper() + text[1:], ""]
    if name in sections:
        lines += [f"Its parameters: [`{name}`](../params.md#{name}).", ""]
    for title, key in (("Reads", "deps"), ("Writes", "outs"), ("Figures", "metrics")):
        paths = [path if isinstance(path, str) else next(iter(path)) for path in stage.get(key, [])]
        if paths:
            lines += [f"## {title}", "", *(f"- `{_readable(path, entry)}`" for path in paths), ""]
    lines += ["What makes it run again is in [the table of stages](../stages.md).", ""]
    return "\n".join([*lines, "## Code", "", f"::: pipeline.{name}", ""])


def _readable(path: str, entry: dict) -> str:
    """A path of dvc.yaml with a placeholder such as `<dataset>` where DVC inserts a name."""
    one = entry.get("foreach", "").strip("${}")[:-1]
    path = re.sub(r"\$\{(item|key)\}", f"<{one}>", path)
    return re.sub(r"\$\{item\.(\w+)\}", r"<\1>", path)
