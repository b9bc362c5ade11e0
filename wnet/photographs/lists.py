"""Lists of photographs: text files with one row per photograph, in any common dialect.

UTF-8 with or without a byte order mark, UTF-16 and UTF-32 with one; lines that end in LF, CRLF or
CR; values separated by tabs, commas, semicolons or spaces, optionally in double quotes.
`wnet.photographs.names` finds the photograph of a row.
"""

import codecs
import csv
import re
from dataclasses import dataclass
from sys import intern

from wnet.photographs.formats import SUFFIX
from wnet.photographs.passed_over import has_suffix

_MARKS = (  # UTF-32's begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATORS = "\t,;"
_NAME = re.compile(  # and its values
    rf"(?P<name>.*{SUFFIX.pattern.removesuffix('$')})\s+(?P<values>.*)", re.IGNORECASE
)
_QUOTED = re.compile(rf'"((?:[^"]|"")*)"[\s{_SEPARATORS}]*(.*)')
_EXCEL = re.compile(rf'"?sep=([{_SEPARATORS}])"?[{_SEPARATORS}]*')  # Excel's optional first line
_MARKS_WITHIN = "\ufeff\x1a"  # byte order marks of concatenated files, and DOS's end of file
_REMARK = re.compile(r"(.*\S)\s+#\s+(.*)")  # after a row; a person may be named `Anna #2`
_TITLES = re.compile(
    r"(image|img|file|photo|photograph|picture|pic|face)?s?(id|name|path|file|filename)?s?"
)

Lines = list[tuple[int, str]]


@dataclass(frozen=True)
class Row:
    """A row: its line in the file, the name of its photograph, and its values."""

    line: int
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Listed:
    """The rows of a list, and the titles of its values, if any."""

    where: str
    titles: tuple[str, ...]
    rows: tuple[Row, ...]


def read_list(data: bytes, where: str, values: int | None, numeric: bool = False) -> Listed:
    """Read the bytes of a list whose rows are a name and this many values.

    values: None means as many as the line of titles has. numeric: they are numbers. where: the
    file.

    Excel's `sep=;`, a count in the first line and titles in the next are skipped if they differ
    from a row; in a list of names alone they do not, and `wnet.photographs.names` decides. The name
    may follow a single value. A remark after a row begins with `#` between spaces. A line that
    begins with `#` is a comment or the row of a photograph with such a name, which is decided there
    too. Raises ValueError naming file and line.
    """
    lines = _lines(data, where)
    if lines and _EXCEL.fullmatch(lines[0][1]):
        lines = lines[1:]
    if values != 0:
        lines = [pair for pair in lines[:1] if not pair[1].isdecimal()] + lines[1:]
    separator = _separator(lines, values)
    titles: tuple[str, ...] = ()
    if numeric or values is None:
        titles, lines = _titles(lines, separator, values, where)
    count = len(titles) if values is None else values
    rows = []
    for number, line in lines:
        fields = _without_remark(line, separator, count) or _fields(line, separator, count)
        if fields and not (numeric and not all(map(_is_number, fields[1:]))):
            rows.append(Row(number, fields[0], tuple(map(intern, fields[1:]))))
        elif not line.startswith("#"):
            what = f"{'number' if numeric else 'value'}{'s' if count > 1 else ''}"
            form = f"a name and {count} {what}" if count else "a name"
            raise ValueError(f"{where}:{number}: not {form}: {line!r:.200}")
    return Listed(where, titles, tuple(map(_swapped, rows) if _are_swapped(rows) else rows))


def is_title(word: str) -> bool:
    """Whether a word is a common title of a column of names."""
    plain = re.sub(r"[\W_]", "", word.casefold())
    return bool(plain and _TITLES.fullmatch(plain))


def _are_swapped(rows: list[Row]) -> bool:
    """Whether most rows have one value, and this is the photograph: `Anna 1.jpg`."""
    behind = [
        len(row.values) == 1 and has_suffix(row.values[0]) and not has_suffix(row.name)
        for row in rows
    ]
    return 2 * sum(behind) > len(rows)


def _swapped(row: Row) -> Row:
    return Row(row.line, row.values[0], (row.name,))


def _lines(data: bytes, where: str) -> Lines:
    """The lines that are not empty, with their numbers."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8-sig")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{where}:{line}: not UTF-8 text ({error.reason}); Latin-1? Save the file as UTF-8"
        ) from error
    if "\0" in text:
        raise ValueError(
            f"{where}: not text (UTF-16 without a byte order mark?); save the file as UTF-8"
        )
    text = text.translate(dict.fromkeys(map(ord, _MARKS_WITHIN)))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]


def _separator(lines: Lines, values: int | None) -> str | None:
    """The separator between the values of most lines; None for spaces."""
    plain = [line for _, line in lines if not line.startswith("#")]
    for separator in _SEPARATORS if values != 0 else "":
        if 2 * sum(line.count(separator) >= (values or 1) for line in plain) > len(plain):
            return separator
    return None


def _titles(
    lines: Lines, separator: str | None, values: int | None, where: str
) -> tuple[tuple[str, ...], Lines]:
    """The titles of the values, if the first line has them, and the lines below it."""
    first = next((at for at, (_, line) in enumerate(lines) if not line.startswith("#")), None)
    if first is None:
        return (), lines
    number, line = lines[first]
    words = _parted(line, separator) if separator else line.split()
    words = [word.strip(' "') for word in words]
    if has_suffix(words[0]) or any(map(_is_number, words[1:])):
        if values is None:
            raise ValueError(f"{where}:{number}: expected the column titles: {line!r:.200}")
        return (), lines
    below = lines[first + 1 :]
    if values is not None:
        named = len(words) > values
    elif separator and below:
        named = len(_parted(below[0][1], separator)) == len(words)
    else:
        named = is_title(words[0])  # CelebA's own line has no title for the name
    return tuple(words[named:]), below


def _without_remark(line: str, separator: str | None, values: int) -> list[str] | None:
    """The name and the values of a line that a remark follows; None if none does.

    A `#` may also be in a photograph's name: what follows it then has the suffix.
    """
    remark = _REMARK.fullmatch(line)
    fields = _fields(remark[1], separator, values) if remark else None
    if fields and (has_suffix(fields[0]) or (values and not _NAME.search(f"{remark[2]} "))):
        return None if values == 0 and has_suffix(line) else fields
    return None


def _fields(line: str, separator: str | None, values: int) -> list[str] | None:
    """The name and the values of a line; None if it has another form."""
    if values == 0:
        quoted = _QUOTED.fullmatch(line)
        name = _unquoted(quoted[1]) if quoted and not quoted[2] else line.rstrip(_SEPARATORS)
        return [name] if name else None
    if separator:
        fields = _parted(line, separator, values)
        if (
            len(fields) != values + 1 or not fields[-1]
        ):  # followed by empty columns, as Excel writes them
            fields = _parted(line.rstrip(f"{separator} "), separator, values)
    elif '"' not in line and len(plain := line.split()) == values + 1:
        return plain
    elif quoted := _QUOTED.fullmatch(line):
        fields = [_unquoted(quoted[1]), *quoted[2].split(None, values - 1)]
    elif named := _NAME.fullmatch(line):
        fields = [named["name"], *named["values"].split(None, values - 1)]
    else:
        fields = line.rsplit(None, values)
    fields = [field.strip() for field in fields]
    if len(fields) != values + 1 or not fields[0] or (values == 1 and not fields[1]):
        return None
    return None if _took_a_value(fields[0]) else fields


def _parted(line: str, separator: str, values: int = -1) -> list[str]:
    """The fields of a line, the last of them this many values; a name may contain separators."""
    if '"' not in line:
        return line.rsplit(separator, values)
    try:
        return next(csv.reader([line], delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error:
        return []


def _took_a_value(name: str) -> bool:
    """Whether a name continues after its suffix, so that the line has a value too many."""
    parts = re.split(rf"[\s{_SEPARATORS}]+", name)
    return any(map(has_suffix, parts[:-1])) and not has_suffix(parts[-1])


def _unquoted(text: str) -> str:
    return text.replace('""', '"')


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
