"""Models that people bring, on the command line: small ones made here, and two that wheels carry."""
# ruff: noqa: F811

import json
from importlib.util import find_spec

import pytest

from engine.models.catalogue import FOLDER
from tests.engine.foreign_listeners import config, models  # noqa: F401  (fixtures)
from tests.engine.foreign_models import MELS, WAVES, write_card

DEMO = FOLDER.parent / "demo"
VOICE = DEMO / "tailwind_vocals.ogg"
CARDS = FOLDER / "foreign"
pytestmark = pytest.mark.usefixtures("config")


@pytest.fixture(scope="module")
def waves(models):
    return write_card(models, WAVES)


@pytest.fixture(scope="module")
def mels(models):
    return write_card(models, {**MELS, "window": 110})


def test_it_runs_only_when_trusted(refused, ask, waves):
    assert "nobody agreed to run this one" in refused("predict", VOICE, "--model", waves)
    assert ask("predict", VOICE, "--model", waves, "--trust")["labels"] == ["low", "middle", "high"]
    assert ask("predict", VOICE, "--model", waves, "--every", "5")["model"] == "waves"      # consent is remembered


@pytest.mark.parametrize("method", ["slime-exact", "ig", "occlusion"])
def test_it_is_explained(ask, waves, tmp_path, method):
    result = ask("explain", VOICE, "--start", "27", "--model", waves, "--trust", "--method", method, "--segments", "4",
                 "--out", tmp_path)
    assert len(result["segments"]) == 4
    assert "mel bands" not in (tmp_path / "report.html").read_text()
    assert json.loads((tmp_path / "explanation.json").read_text())["model"] == "waves"


def test_it_is_attacked(ask, refused, waves):
    result = ask("attack", VOICE, "--start", "27", "--seconds", "1", "--model", waves, "--trust", "--iterations", "5",
                 "--snr", "10")
    assert result["method"] == "waveform"
    assert result["snr_db"] >= 9.5
    assert "choose waveform" in refused("attack", VOICE, "--start", "27", "--seconds", "1", "--model", waves,
                                        "--method", "magnitude")


def test_it_is_dissected_and_evaluated(ask, waves, tmp_path):
    assert ask("dissect", VOICE, "--model", waves, "--trust", "--gain", "-6")["files"][0]["before"] in WAVES["labels"]
    for label in ("low", "high"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "voice.ogg").write_bytes(VOICE.read_bytes())
    figures = ask("evaluate", waves, "--data", tmp_path)
    assert figures["n_excerpts"] == 2
    assert figures["accuracy"] in (0, 0.5)      # it says the same of the same sound


def test_its_layers_are_its_output(ask, mels, waves):
    assert [layer["name"] for layer in ask("layers", mels, "--trust")["layers"]] == ["logit"]
    assert ask("layers", waves, "--trust")["layers"] == [{"name": "logits", "neurons": 3, "shape": [3]}]


def test_log_mel_is_maximised(ask, mels):
    result = ask("maximise", "--model", mels, "--trust", "--prior", "input", "--seeds", "1", "--iterations", "20",
                 "--lr", "0.1", "--reg", "0")
    assert result["meaning"] == "yes"
    assert result["examples"][0]["activation"] > result["real_max"]


def test_samples_are_maximised_as_they_are(ask, refused, waves):
    result = ask("maximise", "--model", waves, "--trust", "--prior", "input", "--seeds", "1", "--iterations", "10",
                 "--lr", "0.1", "--reg", "0", "--tv", "0", "--blur", "0")
    best = result["examples"][0]
    assert best["activation_after_audio"] == pytest.approx(best["activation"], rel=1e-3)
    assert "choose input" in refused("maximise", "--model", waves, "--trust")


def test_a_card_with_a_mistake_is_refused(refused, models):
    path = models / "wrong.yaml"
    path.write_text("file: waves.pt\nimput: waveform\n")
    assert "wrong.yaml: expected keys of a model's card, got 'imput'; did you mean input?" in refused(
        "predict", VOICE, "--model", path)
    assert "could not be read" in refused("predict", VOICE, "--model", models / "none.yaml")


def needs(*packages):
    missing = [one for one in packages if find_spec(one) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


@needs("silero_vad", "onnxruntime")
def test_silero_hears_the_same_in_both_formats(ask, refused):
    of = {name: ask("predict", VOICE, "--model", CARDS / f"{name}.yaml", "--trust", "--every", "0.5")["curve"]
          for name in ("silero-vad", "silero-vad-onnx")}
    there, here = ([speech for _, speech in curve["probability"]] for curve in of.values())
    assert there == pytest.approx(here, abs=2e-3)
    assert max(there) > 0.5
    assert "one in ONNX, which only answers" in refused(
        "explain", VOICE, "--start", "27.3", "--model", CARDS / "silero-vad-onnx.yaml", "--method", "ig")


@needs("silero_vad")
def test_silero_is_explained_and_fooled(ask):
    voice, model = ("--start", "27.3"), ("--model", CARDS / "silero-vad.yaml", "--trust")
    result = ask("explain", VOICE, *voice, *model, "--segments", "4")
    assert result["target"] == "speech"
    assert result["score_full"] > 0.5 > result["score_empty"]
    fooled = ask("attack", VOICE, "--start", "27", "--seconds", "2", *model, "--iterations", "20")
    assert fooled["fooled"]
    assert fooled["snr_db"] > 15


@needs("basic_pitch", "onnxruntime")
def test_basic_pitch_hears_notes(ask, tmp_path):
    import numpy as np
    import soundfile

    t = np.arange(22050 * 3) / 22050
    tone = sum(0.2 / k * np.sin(2 * np.pi * 261.63 * k * t) for k in (1, 2, 3, 4))     # middle C
    soundfile.write(tmp_path / "c.wav", tone, 22050)
    assert ask("predict", tmp_path / "c.wav", "--model", CARDS / "basic-pitch.yaml", "--trust")["label"] == "C4"
