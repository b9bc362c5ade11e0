"""The contents of the documents that tests check: blocks of code, and commands."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from small_project import ROOT

DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/**/*.md")])
PROGRAMS = {"dvc", "wnet", "make", "python", "pip"}


@dataclass(frozen=True)
class Block:
    """A fenced block of a document, and the line where it begins."""

    document: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.document.name}:{self.line}"


@dataclass(frozen=True)
class Command:
    """A command in a document; `whole` if it is in a block, not only named in a sentence."""

    where: str
    words: tuple[str, ...]
    whole: bool

    def __str__(self) -> str:
        return f"{self.where}: {' '.join(self.words)}"


def blocks(language: str) -> list[Block]:
    """The fenced blocks of one language, in all documents."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```", re.DOTALL | re.MULTILINE)
    return [
        Block(path, text.count("\n", 0, found.start(1)) + 1, found[1])
        for path in DOCS
        for text in [path.read_text(encoding="utf-8")]
        for found in pattern.finditer(text)
    ]


def lines(block: Block) -> list[str]:
    """The lines of a block of shell, continued ones joined."""
    return [line for line in block.text.replace("\\\n", " ").splitlines() if line.strip()]


def commands() -> list[Command]:
    """Each command once, at its first place; blocks come before sentences."""
    found: dict[tuple[str, ...], Command] = {}
    for block in blocks("sh"):
        for line in lines(block):
            for words in programs(line):
                found.setdefault(words, Command(str(block), words, True))
    for path in DOCS:
        text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
        for code in re.findall(r"`([^`]+)`", text):
            if code.split()[0] in PROGRAMS:
                for words in programs(" ".join(code.split())):
                    found.setdefault(words, Command(path.name, words, False))
    return list(found.values())


def programs(line: str) -> Iterator[tuple[str, ...]]:
    """The commands in a line of shell that are ours, pip's or DVC's, without leading variables."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    for ends, words in groupby(lexer, lambda word: set(word) <= set("&|;()<>") and word != ""):
        words = list(words)
        while words and re.match(r"\w+=", words[0]):
            words = words[1:]
        if not ends and words and words[0] in PROGRAMS:
            yield tuple(words)
