"""Output for people: plain lines, with colour where stdout is a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edge.vitals.hrv import HrvWindow

_COLOURS = {"none": "32", "ease_off": "33", "stop": "31", "emergency": "1;31", "dim": "2", "bold": "1"}
_SAMPLE_EVERY_S = 10.0


def colour(name: str, text: str) -> str:
    """The text in a colour (an urgency, "dim" or "bold") on a terminal that can; else as it is."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        return text
    return f"\x1b[{_COLOURS.get(name, '0')}m{text}\x1b[0m"


def say(line: str) -> None:
    """One line, at once."""
    encoding = sys.stdout.encoding or "utf-8"  # an ASCII terminal must not end a session
    print(line.encode(encoding, "replace").decode(encoding), flush=True)


def advice(data: Mapping[str, Any], head: str = "") -> None:
    """The words, then what they rest on."""
    indent = " " * min(len(head), 8)
    say(f"{head}{colour(data['urgency'], '[' + data['urgency'] + ']')} {data['text']}")
    because = [text for text in map(_reason, data["reasons"]) if text]
    if because:
        say(colour("dim", f"{indent}    from: {'; '.join(because)}"))
    if data["sources"]:
        say(colour("dim", f"{indent}    source: {'; '.join(data['sources'])}"))
    if data.get("degraded"):
        say(colour("dim", f"{indent}    ({data['degraded']})"))


def reading(data: Mapping[str, Any]) -> None:
    """One line of labels."""
    parts = [
        f"{key} {data[key]}" for key in ("intent", "urgency", "exertion", "state") if data[key] is not None
    ]
    say(", ".join([*parts, f"concern {'+'.join(data['concern']) or 'none'}"]))
    if "degraded" in data:
        say(colour("dim", f"    ({data['degraded']})"))


def hrv(windows: Iterable[HrvWindow]) -> None:
    """A table; a refused number is a dash."""
    say("   t_s     n     hr  rmssd   sdnn  pnn50  alpha1  artefacts")
    for w in windows:
        cells = [
            _cell(w.hr_bpm, 7, 1),
            _cell(w.rmssd_ms, 7, 1),
            _cell(w.sdnn_ms, 7, 1),
            _cell(w.pnn50, 7, 1),
            _cell(w.dfa_alpha1, 8, 2),
            _cell(w.artefact_pct, 10, 1),
        ]
        say(f"{w.t_s:6.0f}{w.n:6d}{''.join(cells)} %")


class SessionPrinter:
    """Shows an agent's events; of the samples one every ten seconds, and every change of state."""

    def __init__(self) -> None:
        self._sample_s = -_SAMPLE_EVERY_S
        self._state: str | None = None

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Take an event of the agent."""
        clock = f"{int(event['t_s']) // 60:3d}:{int(event['t_s']) % 60:02d}"
        kind = event["type"]
        if kind == "sample":
            self._sample(event, clock)
        elif kind == "gap":
            say(colour("dim", f"{clock}  gap of {event['duration_s']:.0f} s: {event['reason']}"))
        elif kind == "link":
            say(colour("dim", f"{clock}  strap {event['state']}: {event['reason']}"))
        else:
            text = event["situation"].get("text", "")
            if text and kind == "advice":
                say(f"{clock}  {colour('bold', 'you:')} {text}")
            advice(event, f"{clock}  {'ALARM ' if kind == 'alarm' else ''}")

    def _sample(self, event: Mapping[str, Any], clock: str) -> None:
        news = event["state"] != self._state
        if not news and event["t_s"] - self._sample_s < _SAMPLE_EVERY_S:
            return
        self._sample_s, self._state = event["t_s"], event["state"]
        reserve = (
            f"{event['hrr_pct']:4.0f} % of reserve, {event['zone']}" if event["hrr_pct"] is not None else ""
        )
        trend = f", {event['trend_bpm_min']:+.0f} bpm/min" if event["trend_bpm_min"] is not None else ""
        rmssd = f", RMSSD {event['rmssd_ms']:.0f} ms" if event["rmssd_ms"] is not None else ""
        state = f"  {event['state']}" if event["state"] else ""
        say(f"{clock}  {event['hr_bpm']:3d} bpm {reserve}{trend}{rmssd}{state}")


def _reason(reason: Mapping[str, Any]) -> str:
    value, unit = reason["value"], reason["unit"]
    if reason["kind"] == "rule":
        return f"rule {reason['ref']}"
    if reason["kind"] == "words":
        return f'{reason["ref"]} in "{value}"' if value else str(reason["ref"])
    return f"{reason['ref']} {value:g} {unit or ''}".strip() if value is not None else str(reason["ref"])


def _cell(value: float | None, width: int, digits: int) -> str:
    return f"{'-':>{width}}" if value is None else f"{value:{width}.{digits}f}"
