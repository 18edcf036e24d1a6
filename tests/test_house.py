"""The house itself: imports go down only, the device stays light, the words of the project are its own."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ABOVE = {"ble": {"edge", "distill", "benchmarks"}, "edge": {"distill", "benchmarks"}}
HEAVY = {
    "tensorflow",
    "keras",
    "keras_hub",
    "torch",
    "transformers",
    "requests",
    "httpx",
    "urllib3",
    "aiohttp",
}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("floor", sorted(ABOVE))
def test_imports_go_down_only(floor: str) -> None:
    files = list((ROOT / floor).rglob("*.py"))
    assert files
    for path in files:
        assert not imported(path) & (ABOVE[floor] | HEAVY), path


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_the_program_starts_light() -> None:
    loaded = modules_after("import edge.cli")
    assert not loaded & (HEAVY | {"numpy", "bleak", "ai_edge_litert", "cryptography", "bumble"})


def test_a_whole_run_loads_no_tensorflow_and_no_http_client() -> None:
    loaded = modules_after(
        "from edge.agent import Agent; from ble.strap import HeartRateStrap; from edge.coach.coach import Coach; "
        "from edge.language.reader import Reader; Coach.load(); Reader.load().read('hello')"
    )
    assert "numpy" in loaded
    assert not loaded & HEAVY
