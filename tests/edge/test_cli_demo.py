from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from edge.demo import effort, need_bumble, script
from edge.errors import InputError


def test_a_seed_is_a_play_and_another_seed_another() -> None:
    plays = [script(seed) for seed in range(1, 9)]
    assert plays[0] == script(1)
    assert len({play.says for play in plays}) == 8
    assert len({play.hr_max_bpm for play in plays}) == 8
    assert [play.profile.lang for play in plays] == ["en", "zh"] * 4


@pytest.mark.parametrize("seed", range(30))
def test_every_play_goes_over_the_limit_and_says_its_lines_in_order(seed: int) -> None:
    play = script(seed)
    assert play.profile.hr_cap_bpm is not None
    assert play.profile.hr_rest_bpm is not None
    assert play.profile.hr_rest_bpm + 40 < play.profile.hr_cap_bpm < play.hr_max_bpm
    times = [t_s for t_s, _ in play.says]
    assert times == sorted(times)
    assert len(times) == 5


def test_effort_rises_and_falls() -> None:
    assert effort(10) < effort(100) < effort(230) < effort(300)
    assert effort(600) < effort(100)


def test_without_bumble_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.demo.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pulsewise\[demo\]"):
        need_bumble()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_demo_ends_by_itself_without_terminal_or_stdin(seed: int) -> None:
    pytest.importorskip("bumble", reason="NO BUMBLE: the demo is not tested (demo extra)")
    env = {k: v for k, v in os.environ.items() if k != "TERM"}
    words = [
        sys.executable,
        "-W",
        "error::ResourceWarning",
        "-m",
        "edge",
        "demo",
        "--seed",
        str(seed),
        "--seconds",
        "6",
    ]
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, capture_output=True, env=env, check=False, timeout=100
    )
    out = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert "\x1b" not in out
    for expected in (
        "--- rest ---",
        "--- too hard ---",
        "--- recovery ---",
        "ALARM",
        "you:",
        "of reserve",
        "the end",
    ):
        assert expected in out
    assert ("原因" in out) == (seed == 2)


def test_an_advice_of_the_demo_comes_out_again_from_advise() -> None:
    pytest.importorskip("bumble", reason="NO BUMBLE: the demo is not tested (demo extra)")
    program = [sys.executable, "-m", "edge"]
    played = subprocess.run(
        [*program, "demo", "--json", "--seconds", "6"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    told = [e for e in map(json.loads, played.stdout.splitlines()) if e["type"] in ("advice", "alarm")]
    assert {e["type"] for e in told} == {"advice", "alarm"}
    situations = "\n".join(json.dumps(e["situation"]) for e in told)
    again = subprocess.run(
        [*program, "advise", "--json"], input=situations.encode(), capture_output=True, check=True
    )
    assert [json.loads(line) for line in again.stdout.splitlines()] == [
        {k: v for k, v in e.items() if k not in ("type", "t_s", "situation")} for e in told
    ]
