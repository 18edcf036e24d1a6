from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ble.events import Sample
from edge.cli import main, mind
from edge.errors import BundleError
from edge.language.labels import parse_heads
from edge.reading import Reading
from edge.situation import Profile, Vitals

LABELS = Path(__file__).resolve().parents[2] / "edge" / "language" / "labels.toml"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
Run = Callable[..., tuple[int, list[str], str]]


class FakeReader:
    """Reads every text as the first label of each head; knows one word."""

    def read(self, text: str, signals: Vitals | None = None) -> Reading:
        p = {}
        for name, head in parse_heads(LABELS.read_text("utf-8")).items():
            p[name] = {label: (0.0 if head.multi else float(i == 0)) for i, label in enumerate(head.labels)}
        if "thirsty" in text:
            p["concern"]["thirst"] = 0.9
        degraded = None if text.strip() else "empty text"
        return Reading(p=p, embedding=np.ones(4, np.float32) / 2, degraded=degraded)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setattr(mind, "load_reader", lambda bundle: FakeReader())

    def call(*words: str, stdin: str | bytes = b"") -> tuple[int, list[str], str]:
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
        code = main(list(words))
        out, err = capsys.readouterr()
        return code, out.splitlines(), err

    return call


def objects(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def test_read_gives_one_full_object_a_line(run: Run) -> None:
    texts = [{"text": "am I ok", "signals": {"hr_bpm": 100}}, {"text": "so thirsty"}, {"text": ""}]
    code, lines, _ = run("read", "--json", stdin="\n".join(map(json.dumps, texts)) + "\n")
    out = objects(lines)
    assert code == 0
    assert [set(o) - {"degraded"} for o in out] == [
        {"intent", "concern", "urgency", "exertion", "state", "p"}
    ] * 3
    assert [o["state"] is None for o in out] == [False, True, True]
    assert (out[1]["concern"], out[1]["urgency"]) == (["thirst"], "ease_off")
    assert out[2]["degraded"] == "empty text"


def test_the_guard_raises_what_the_student_missed_and_can_be_left_out(run: Run) -> None:
    line = json.dumps({"text": "crushing pain in my chest"})
    guarded = objects(run("read", "--json", stdin=line)[1])[0]
    alone = objects(run("read", "--json", "--no-guard", stdin=line)[1])[0]
    assert guarded["urgency"] == "emergency"
    assert "chest" in guarded["concern"]
    assert (alone["urgency"], alone["concern"]) == ("none", [])
    assert alone["p"] == guarded["p"]


UNUSABLE = [
    b"",
    b"nope",
    b"[]",
    b"\xff\xfe",
    b'{"text": 5}',
    b'{"bad": 1}',
    b'{"signals": {"hr_bpm": 1e999}}',
    b'{"signals": {"hr_bpm": NaN}}',
    b'{"signals": {"hr_bpm": ' + b"9" * 5000 + b"}}",
    b'{"signals": {"hr_bpm": true}}',
    b"[" * 5000,
]


@pytest.mark.parametrize("name", ["read", "advise"])
@pytest.mark.parametrize("line", UNUSABLE)
def test_an_unusable_line_gets_an_error_in_its_place(run: Run, name: str, line: bytes) -> None:
    code, lines, _ = run(name, "--json", stdin=b'{"text": "hi"}\n' + line + b'\n{"text": "hi"}\n')
    first, wrong, last = objects(lines)
    assert code == 1
    assert set(wrong) == {"error"}
    assert wrong["error"]["line"] == 2
    assert wrong["error"]["what"]
    assert wrong["error"]["do"]
    assert first == last
    assert "error" not in first


@pytest.mark.parametrize("text", ["", "   ", "x" * 100_000, "\ud800 broken", "\x00", "心" * 3000])
def test_any_text_gets_a_full_advice(run: Run, text: str) -> None:
    code, lines, _ = run("advise", "--json", stdin=json.dumps({"text": text}))
    (out,) = objects(lines)
    assert code == 0
    assert {"text", "lang", "urgency", "card", "reasons", "sources", "vetoed"} <= set(out)
    assert ("degraded" in out) == (not text.strip())


def test_no_text_at_all_is_not_degraded(run: Run) -> None:
    (out,) = objects(run("advise", "--json", stdin='{"signals": {"hr_bpm": 120}}')[1])
    assert "degraded" not in out
    assert all(set(r) == {"kind", "ref", "value", "unit", "window_s", "age_s"} for r in out["reasons"])


def test_advise_goes_on_without_a_student(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(bundle: Path | None) -> Any:
        raise BundleError("no bundle", "Make one")

    monkeypatch.setattr(mind, "load_reader", missing)
    code, lines, err = run("advise", "--json", stdin='{"text": "chest pain"}')
    assert code == 0
    assert objects(lines)[0]["urgency"] == "emergency"
    assert "no student" in objects(lines)[0]["degraded"]
    assert "no bundle" in err
    assert run("advise", "--json", "--bundle", "x", stdin="{}")[0] == 2
    assert run("read", "--json", stdin="{}")[0] == 2


def test_ask_with_a_profile(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "me.toml"
    path.write_text('lang = "zh"\nage_y = 40\n', "utf-8")
    code, lines, _ = run("ask", "am I ok", "--json", "--profile", str(path))
    assert code == 0
    assert objects(lines)[0]["lang"] == "zh"
    path.write_text("age = 40\n", "utf-8")
    code, lines, err = run("ask", "hi", "--profile", str(path))
    assert (code, lines) == (2, [])
    assert "age" in err
    assert err.count("\n") == 1


def test_text_for_people(run: Run) -> None:
    code, lines, _ = run("ask", "my chest hurts")
    assert code == 0
    assert lines[0].startswith("[emergency]")
    code, lines, _ = run("read", stdin="hello\nso thirsty\n")
    assert code == 0
    assert [("thirst" in line) for line in lines] == [False, True]


def test_hrv_windows(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rr.txt"
    path.write_text("\n".join("1000.0" if i % 2 else "\n1020.5" for i in range(200)), "utf-8")
    code, lines, _ = run("hrv", str(path), "--window", "120", "--step", "5", "--json")
    out = objects(lines)
    assert code == 0
    assert [o["t_s"] for o in out[:3]] == [0, 5, 10]
    assert set(out[0]) == {
        "t_s", "n", "hr_bpm", "rmssd_ms", "sdnn_ms", "pnn50", "dfa_alpha1", "artefact_pct"
    }  # fmt: skip
    assert out[0]["rmssd_ms"] == pytest.approx(20.5)
    assert len(run("hrv", str(path))[1]) == len(out) + 1
    assert run("hrv", str(path), "--window", "5000")[0] == 2
    assert run("hrv", str(path), "--step", "0")[0] == 2


def write_session(tmp_path: Path) -> Path:
    path = tmp_path / "ride.csv"
    rates = [(t, 100 + t // 10) for t in range(200)] + [(t, 120) for t in range(220, 300)]
    path.write_text("t_s,bpm\n" + "".join(f"{t},{b}\n" for t, b in rates), "utf-8")
    return path


def test_replay_tells_samples_gaps_and_advice_that_advise_repeats(run: Run, tmp_path: Path) -> None:
    path = write_session(tmp_path)
    profile = tmp_path / "me.toml"
    profile.write_text("age_y = 60\nhr_rest_bpm = 60\nhr_cap_bpm = 110\n", "utf-8")
    code, lines, _ = run("replay", str(path), "--json", "--profile", str(profile), "--say", "50:am I ok?")
    out = objects(lines)
    assert code == 0
    assert {o["type"] for o in out} == {"sample", "gap", "link", "alarm", "advice"}
    assert sum(o["type"] == "sample" for o in out) == 280
    spoken = [o for o in out if o["type"] in ("alarm", "advice")]
    assert any(o["situation"].get("text") == "am I ok?" for o in spoken)
    situations = "\n".join(json.dumps(o["situation"]) for o in spoken)
    again = objects(run("advise", "--json", stdin=situations)[1])
    for event, advice in zip(spoken, again, strict=True):
        assert {k: v for k, v in event.items() if k not in ("type", "t_s", "situation")} == advice


def test_replay_through_the_air_gives_the_same_samples(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("bumble", reason="NO BUMBLE: the virtual strap is not tested (demo extra)")
    path = tmp_path / "short.csv"
    path.write_text("t_s,bpm\n" + "".join(f"{t},{100 + t}\n" for t in range(40)), "utf-8")
    direct, aired = (
        [o for o in objects(run("replay", str(path), "--json", *more)[1]) if o["type"] == "sample"]
        for more in ((), ("--ble",))
    )
    assert len(direct) == 40
    assert direct == aired


def test_a_live_session_takes_samples_and_typed_lines_and_ends_with_the_strap() -> None:
    from edge.agent import Agent
    from edge.cli.sessions import live
    from edge.coach.coach import Coach

    out: list[dict[str, Any]] = []
    heard = asyncio.Event()

    def emit(event: dict[str, Any]) -> None:
        out.append(event)
        if event["type"] == "advice":
            heard.set()

    async def strap() -> AsyncIterator[Sample]:
        yield Sample(0.0, 80, (), None, None)
        await heard.wait()

    async def typed() -> AsyncIterator[str]:
        yield "  "
        yield "am I ok?"

    asyncio.run(live(Agent(Coach.load(), None, Profile(), emit=emit), strap(), typed()))
    assert [e["type"] for e in out] == ["sample", "advice"]
    assert out[1]["situation"]["text"] == "am I ok?"


BAD_CALLS = [
    ("replay", "nowhere.fit"),
    ("replay", "{}", "--speed", "-1"),
    ("replay", "{}", "--say", "later: hi"),
    ("hrv", "{}"),
    ("scan", "--seconds", "0"),
    ("ask", "hi", "--profile", "nowhere.toml"),
]


@pytest.mark.parametrize("words", BAD_CALLS)
def test_an_error_is_one_line_and_exit_code_two(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    session = str(write_session(tmp_path))
    code, lines, err = run(*(word.replace("{}", session) for word in words))
    assert (code, lines) == (2, [])
    assert err.startswith("pulsewise: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", ["", "read", "advise", "ask", "hrv", "replay", "run", "scan", "demo"])
def test_help_has_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([*([name] if name else []), "--help"])
    assert stop.value.code == 0
    assert "examples:" in capsys.readouterr().out


def python(*words: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    env = {k: v for k, v in os.environ.items() if k != "TERM"}
    return subprocess.run(
        [sys.executable, *words], capture_output=True, env=env, check=False, timeout=90, **more
    )


def test_nothing_heavy_is_imported_to_parse_a_command_line() -> None:
    heavy = "('numpy', 'bleak', 'bumble', 'ai_edge_litert', 'fitdecode', 'cryptography', 'asyncio.run')"
    done = python("-c", f"import sys, edge.cli; print([m for m in {heavy} if m in sys.modules])")
    assert done.stdout.strip() == b"[]", done.stderr


def test_a_closed_pipe_and_a_closed_stdin_are_quiet(tmp_path: Path) -> None:
    path = write_session(tmp_path)
    command = f"'{sys.executable}' -m edge replay '{path}' --json 2>'{tmp_path}/err' | head -n 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, timeout=60)
    assert json.loads(done.stdout)["type"] == "link"
    assert "Traceback" not in (tmp_path / "err").read_text()
    closed = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' -m edge advise --json <&-"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (closed.returncode, closed.stdout) == (0, b"")
    assert b"Traceback" not in closed.stderr


def test_native_chatter_does_not_reach_stdout() -> None:
    code = (
        "import os\n"
        "from edge.cli.lines import json_out\n"
        "with json_out() as write:\n"
        "    os.write(1, b'chatter\\n'); print('more'); write({'a': '心'})\n"
        "print('after')\n"
    )
    done = python("-c", code)
    assert done.stdout.decode().splitlines()[0] == '{"a": "心"}'
    assert "chatter" not in done.stdout.decode()
