"""The training road on a tiny recipe: real teacher, real student, real TFLite file."""

import json
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.distill,
    pytest.mark.filterwarnings("default"),  # TensorFlow warns about itself
]
tf = pytest.importorskip("tensorflow", reason="LOUD: TensorFlow is not installed; run make test-distill")

TINY = Path(__file__).parents[2] / "distill/recipes/tiny.toml"


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory):
    from distill.pipeline import Run
    from distill.recipe import load_recipe

    folder = tmp_path_factory.mktemp("road")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        run = Run(load_recipe(TINY), folder / "work")
        rows = run.execute(folder / "bundle")
        yield run, rows, folder / "bundle"


def test_the_bundle_reads_and_is_small(road) -> None:
    from edge.language.reader import Reader
    from edge.situation import Vitals

    _, rows, bundle = road
    reading = Reader.load(bundle).read("may I do one more?", Vitals(hr_bpm=150, hrr_pct=70))
    assert reading.embedding.shape == (384,)
    assert sum(p.stat().st_size for p in bundle.iterdir()) < 4 * 2**20
    assert {"majority", "teacher, English", "student int8, Chinese"} <= set(rows)


def test_only_builtin_operators(road) -> None:
    run, _, _ = road
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(run.folder / "student-int8.tflite"))
    names = {op["op_name"] for op in interpreter._get_ops_details()}
    assert names
    assert not {n for n in names if n.startswith(("Flex", "Custom"))}


def test_int8_agrees_with_fp32(road) -> None:
    from edge.language.interpreter import Student
    from edge.language.wordpiece import WordPiece

    run, _, bundle = road
    pieces = WordPiece((bundle / "vocabulary.txt").read_text("utf-8").split("\n"))
    full, small = (Student(run.folder / f"student-{form}.tflite") for form in ("fp32", "int8"))
    for text in ("my knee hurts", "今天练什么"):
        ids = pieces.encode(text, 32)[0]
        a, b = full.run(ids), small.run(ids)
        assert max(abs(a[h] - b[h]).max() for h in ("intent", "urgency")) < 0.5


def test_a_second_run_takes_up_what_is_there(road, tmp_path, monkeypatch) -> None:
    from distill import pipeline
    from distill.recipe import load_recipe

    run, rows, _ = road

    def never(*_args, **_kwargs):
        raise AssertionError("trained again")

    monkeypatch.setattr(pipeline, "fine_tune", never)
    monkeypatch.setattr(pipeline, "distil", never)
    again = pipeline.Run(load_recipe(TINY), run.folder.parent)
    assert again.execute(tmp_path / "bundle") == rows


def test_an_interrupted_student_goes_on_after_its_last_epoch(road, tmp_path) -> None:
    import shutil

    from distill import pipeline
    from distill.recipe import load_recipe

    run, rows, _ = road
    work = tmp_path / "work"
    shutil.copytree(run.folder, work / run.folder.name)
    for name in ("student.npz", "student-fp32.tflite", "student-int8.tflite"):
        (work / run.folder.name / name).unlink()
    assert list((work / run.folder.name).glob("student-epoch*.npz"))
    assert pipeline.Run(load_recipe(TINY), work).execute(tmp_path / "bundle") == rows
    manifest = json.loads((tmp_path / "bundle/manifest.json").read_text())
    assert manifest["metrics"]["majority"]["texts"] > 0
