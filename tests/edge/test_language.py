"""Verbaliser, WordPiece, bundle and reader."""

import json
import shutil
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.errors import BundleError
from edge.language.bundle import open_bundle, shipped
from edge.language.labels import HEADS, contract
from edge.language.reader import Reader
from edge.language.verbalise import model_text, verbalise
from edge.language.wordpiece import CLS, PAD, SEP, UNK, WordPiece, words
from edge.situation import Vitals

TOY = WordPiece(
    [PAD, UNK, CLS, SEP, "chest", "tight", "##ness", "##s", "cafe", ",", "胸", *string.ascii_lowercase]
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.load()


def test_contract_has_every_head_in_order() -> None:
    assert tuple(contract()) == HEADS
    assert contract()["urgency"].labels == ("none", "ease_off", "stop", "emergency")
    assert contract()["concern"].multi


def test_words_follow_the_reference_rules() -> None:
    assert words("Chest-tightness, Café!") == ["chest", "-", "tightness", ",", "cafe", "!"]
    assert words("胸闷ok") == ["胸", "闷", "ok"]
    assert words(" \u200b\t\n") == []


def test_longest_match_and_unknown() -> None:
    assert TOY.decode(TOY.encode_words("tightness chests")) == ["tight", "##ness", "chest", "##s"]
    assert TOY.decode(TOY.encode_words("chestZ 闷")) == [UNK, UNK]


def test_a_long_text_keeps_both_ends() -> None:
    ids, cut = TOY.encode("chest " * 50 + "tight", 10)
    assert cut
    assert len(ids) == 10
    assert TOY.decode(ids)[-2:] == ["tight", SEP]


@given(st.text())
def test_any_text_is_encoded(text: str) -> None:
    ids, _ = TOY.encode(text, 16)
    assert 2 <= len(ids) <= 16
    assert all(0 <= i < len(TOY.pieces) for i in ids)


def test_verbalise_tells_what_is_known_and_nothing_stale() -> None:
    assert verbalise(Vitals()) == ""
    assert model_text("hello", Vitals()) == "hello"
    assert verbalise(Vitals(hr_bpm=171, hrr_pct=92, trend_bpm_min=12)) == "pulse 170, effort maximal, rising"
    assert "pulse" not in verbalise(Vitals(hr_bpm=171, age_s=60, session_s=600))


def test_the_shipped_student_reads_every_head(reader: Reader) -> None:
    reading = reader.read("how hard am i working?", Vitals(hr_bpm=150, hrr_pct=70))
    for name, head in contract().items():
        assert tuple(reading.p[name]) == head.labels
        if not head.multi:
            assert sum(reading.p[name].values()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "alarming"),
    [
        ("chest feels tight and my left arm is numb", True),
        ("胸口发紧 左胳膊发麻", True),
        ("this hill is killing me lol", False),
    ],
)
def test_the_student_alone_knows_a_red_flag_from_an_idiom(reader: Reader, text: str, alarming: bool) -> None:
    assert (reader.read(text).urgency == "emergency") is alarming
    if not alarming:
        assert reader.read(text).urgency == "none"


def test_odd_texts_are_read_and_marked(reader: Reader) -> None:
    assert reader.read("").degraded == "empty text"
    assert reader.read("   \n").degraded == "empty text"
    assert "too long" in (reader.read("x" * 10_000).degraded or "")
    assert "too long" in (reader.read("one more " * 2_000).degraded or "")
    assert reader.read("🫀😂 здравствуйте مرحبا").degraded is None


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200))
def test_any_text_gives_a_reading(reader: Reader, text: str) -> None:
    assert reader.read(text).intent in contract()["intent"].labels


def test_the_golden_texts_of_the_shipped_bundle_come_out_again(reader: Reader) -> None:
    for golden in open_bundle(shipped()).manifest["golden"]:
        reading = reader.read(golden["text"])
        for head, value in golden["p"].items():
            assert max(reading.p[head].values()) == pytest.approx(value, abs=golden["tolerance"])


@pytest.mark.parametrize(
    "name", ["student-int8.tflite", "vocabulary.txt", "labels.toml", "manifest.json", "manifest.sig"]
)
def test_one_changed_byte_is_refused(tmp_path, name: str) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(shipped(), folder)
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(BundleError) as caught:
        Reader.load(folder)
    assert caught.value.do


@pytest.mark.parametrize("name", ["student-int8.tflite", "manifest.json", "manifest.sig"])
def test_a_missing_file_is_refused(tmp_path, name: str) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(shipped(), folder)
    (folder / name).unlink()
    with pytest.raises(BundleError):
        Reader.load(folder)


def test_a_bundle_fits_the_package() -> None:
    assert sum(p.stat().st_size for p in shipped().iterdir()) <= 4 * 2**20


def test_neither_samples_nor_showcases_stand_in_the_training_data() -> None:
    corpus = pytest.importorskip("distill.corpus.authored")
    trained = {" ".join(words(t)) for twin in corpus.load() for t in (twin.en, twin.zh)}
    shown = [
        "chest feels tight and my left arm is numb",
        "胸口发紧 左胳膊发麻",
        "this hill is killing me lol",
    ]
    assert not {" ".join(words(t)) for t in shown} & trained
    samples = corpus.FOLDER.parents[3] / "shared/contract/sample.jsonl"
    if not samples.exists():
        pytest.skip(f"LOUD: {samples} is not there, its sentences were not compared")
    lines = samples.read_text("utf-8").splitlines()
    assert not {" ".join(words(json.loads(line)["text"])) for line in lines} & trained
