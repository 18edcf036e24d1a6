"""JSON lines: in from stdin, out to stdout, and nothing else on stdout."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from edge.errors import InputError, PulsewiseError

Write = Callable[[dict[str, Any]], None]


@contextlib.contextmanager
def json_out() -> Iterator[Write]:
    """Yield a writer of one JSON object a line, flushed.

    For the time of the block file descriptor 1 leads nowhere, so that nothing a native library prints can
    come between the lines.
    """
    with contextlib.ExitStack() as stack:
        try:
            sys.stdout.flush()
            number = sys.stdout.fileno()
            kept = os.dup(number)
        except (
            OSError,
            ValueError,
            io.UnsupportedOperation,
        ):  # no real file behind it: nothing native gets there
            yield lambda data: _line(sys.stdout, data)
            return
        stream = stack.enter_context(os.fdopen(os.dup(kept), "w", encoding="utf-8", newline="\n"))
        stack.callback(os.close, kept)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, number)
        os.close(null)
        stack.callback(os.dup2, kept, number)
        stack.callback(_drop_unsent, stream)
        yield lambda data: _line(stream, data)


def _drop_unsent(stream: Any) -> None:
    """Close now; on a pipe nobody reads there is nothing left to tell."""
    with contextlib.suppress(BrokenPipeError):
        stream.close()


def _line(stream: Any, data: dict[str, Any]) -> None:
    # a lone surrogate can not be written as UTF-8; inputs are cleaned, this is for keys and error texts
    stream.write(_whole(json.dumps(data, ensure_ascii=False, allow_nan=False)) + "\n")
    stream.flush()


def answer(write: Write, one: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """Answer every line of stdin; a line that can not be used gives an error object in its place.

    Returns:
        0, or 1 when a line could not be used.
    """
    code = 0
    for number, line in enumerate(raw_lines(), start=1):
        try:
            write(one(_parse(line)))
        except PulsewiseError as error:
            code = 1
            write({"error": {"line": number, "what": error.what, "do": error.do}})
    return code


def raw_lines() -> Iterator[bytes | str]:
    """Lines of stdin, as bytes where it has them; none where it is closed."""
    if sys.stdin is None or sys.stdin.closed:
        return
    yield from getattr(sys.stdin, "buffer", sys.stdin)


def text_of(line: bytes | str) -> str:
    """A line of plain text; bytes that are no UTF-8 become replacement characters."""
    text = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
    return _whole(text).rstrip("\r\n")


def clean(value: Any) -> Any:
    """The same JSON value with lone surrogates replaced in every string."""
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, dict):
        return {_whole(k): clean(v) for k, v in value.items()}
    return [clean(v) for v in value] if isinstance(value, list) else value


def _whole(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _parse(line: bytes | str) -> dict[str, Any]:
    try:
        text = line.decode("utf-8-sig") if isinstance(line, bytes) else line
        data = clean(json.loads(text, parse_constant=_constant, parse_int=_integer))
    except UnicodeDecodeError as error:
        raise InputError("the line is not UTF-8", "Save or send it as UTF-8") from error
    except json.JSONDecodeError as error:
        what = f"the line is not JSON ({error.msg} at character {error.pos + 1})"
        raise InputError(what, 'Write one object a line: {"text": "..."}') from error
    except RecursionError as error:
        raise InputError("the line is nested too deeply", "Write a flat object") from error
    if not isinstance(data, dict):
        raise InputError(f"the line is no object but {type(data).__name__}", 'Write {"text": "..."}')
    return data


def _constant(name: str) -> float:
    raise InputError(f"{name} is not JSON", "Write a number or null")


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 40 else float(digits)  # float may be inf: the range check says so
