"""Nobody's model runs before somebody agreed, and only the weights and the card that fit."""
# ruff: noqa: F811

import pytest

from engine.checks import InputError
from engine.models import catalogue, foreign_consent, foreign_loading
from tests.engine.foreign_listeners import config, models, opened  # noqa: F401  (fixtures)
from tests.engine.foreign_models import WAVES, write_card


def test_nothing_runs_before_somebody_agreed(config, tmp_path):
    path = write_card(tmp_path, {**WAVES, "file": "waves.pt", "title": "unseen"})
    changed = tmp_path / "waves.pt"
    changed.write_bytes(changed.read_bytes() + b"\0")
    assert not foreign_consent.agreed(changed)
    with pytest.raises(InputError, match=r"nobody agreed to run this one .* say --trust"):
        catalogue.opened(str(path))
    foreign_consent.agree(changed)
    assert foreign_consent.agreed(changed)
    changed.write_bytes(changed.read_bytes() + b"\0")
    assert not foreign_consent.agreed(changed)      # consent is to these bytes, not to this name


def test_damaged_consent_is_none(config, models, opened):
    opened(WAVES)
    list_of = config / "otoscope" / foreign_consent.FILE
    kept = list_of.read_bytes()
    for text in (b"[]", b"{", b"\xff", b"[" * 100_000):
        list_of.write_bytes(text)
        assert not foreign_consent.agreed(models / "waves.pt")
    list_of.write_bytes(kept)


def test_the_right_weights_or_none(config, models):
    path = write_card(models, WAVES)
    path.write_text(path.read_text().replace("{", '{"sha256": "' + "0" * 64 + '", ', 1))
    with pytest.raises(InputError, match="whose sha256 its card names"):
        catalogue.opened(str(path))


@pytest.mark.parametrize(("change", "words"), [
    ({"window": 10}, r"the model refused 1 excerpts of 10 samples laid out as \(batch, time\): .*Kernel size"),
    ({"labels": ["a", "b"]}, "expected 2 numbers an excerpt, one for each label of the card, got 3"),
    ({"layout": ["batch", "time", 1]}, r"laid out as \(batch, time, 1\)"),
    ({"outputs": "probabilities"}, "sum is 1 off 1; set exclusive: false"),
    ({"output": "1"}, "output 1: there are 0"),
    ({"output_layout": ["batch", "time", "labels"]}, "the output has the shape"),
    ({"arguments": {"speed": 2}}, "expected at most 2 argument"),
    ({"reset": "forget"}, "forget"),
    ({"format": "torch-export"}, "expected a model in torch-export, found none that opens"),
])
def test_cards_that_do_not_fit_the_model_are_explained(config, models, change, words):
    path = write_card(models, {**WAVES, **change})
    foreign_loading.trusted(path)
    with pytest.raises(InputError, match=words):
        catalogue.opened(str(path))


@pytest.mark.parametrize(("ending", "data"), [
    *(("pt", data) for data in (b"", b"PK\x03\x04", b"\x80\x04cos\nsystem\n(S'true'\ntR.", b"\0" * 1000)),
    *(("onnx", data) for data in (b"", b"\x08\x08:\xff\xff\xff\xff\x0f", b"\0" * 1000)), ("pt2", b"PK\x03\x04")])
def test_what_is_no_model_is_refused(config, tmp_path, ending, data):
    if ending == "onnx":
        pytest.importorskip("onnxruntime")
    (tmp_path / f"no.{ending}").write_bytes(data)
    path = write_card(tmp_path, {**WAVES, "file": f"no.{ending}"})
    foreign_loading.trusted(path)
    with pytest.raises(InputError, match="found none that opens"):
        catalogue.opened(str(path))
