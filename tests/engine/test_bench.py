"""The bench runs, compares like with like, and says what it did; how fast is not for a test to judge."""

import json
import re
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from engine.bench import adversary_items, bench, folk_items, maximise_items
from engine.bench.ground import QUICK, Item, demo, ground_of
from engine.bench.items import front_end_against_librosa, lime_weights, song_against_excerpts, soundlime_against_lime
from engine.checks import InputError
from engine.commands import bench as command
from engine.explain.adversary import heard
from engine.explain.masking import mask_scores
from engine.explain.maximise import Settings
from engine.explain.slime import proximity, ridge
from engine.listening.maximise import Neuron
from engine.models import catalogue
from engine.models.frame_mlp import BINS, FrameMlp
from engine.models.style_listener import FrameMlpListener

pytestmark = pytest.mark.timeout(400)   # measures all pairs once


@pytest.fixture(scope="module")
def ground(listener):
    return ground_of(listener, QUICK)


@pytest.fixture(scope="module")
def result(listener):
    return bench(listener, QUICK)


def test_every_pair_is_measured(result):
    assert len(result["items"]) == 21
    for item in result["items"]:
        assert set(item) == {"item", "ours", "peer", "peer_name", "unit", "ratio", "note"}
        assert item["unit"] in ("s", "relative", "logit")
        if "not measured" in item["note"] or "not installed" in item["note"]:
            assert item["ratio"] is None
            continue
        assert item["ours"] > 0
        assert item["ratio"] == pytest.approx(item["peer"] / item["ours"])
    json.dumps(result, allow_nan=False)


def test_like_is_compared_with_like(result):
    """Where both sides compute the same, they agree."""
    for start, allowed in (("scores of all", 1e-4), ("log-mel", 1e-3), ("prediction", 1e-3)):
        item = next(i for i in result["items"] if i["item"].startswith(start))
        assert float(re.search(r"largest difference of a \w+ (\S+?)(;|$)", item["note"])[1]) < allowed


def test_what_is_extrapolated_says_so(result):
    told = [item["item"].split()[0] for item in result["items"] if "extrapolated linearly from" in item["note"]]
    assert [start for start in told if start != "adversary:"] == ["SoundLIME", "prediction", "sweep", "grid"]


def test_the_table_has_every_item_and_the_machine(result):
    table = command.show(result)
    assert all(item["item"] in table and item["peer_name"].split()[0] in table for item in result["items"])
    assert "torch" in table
    assert max(map(len, table.splitlines())) <= 130


def test_lime_gives_what_our_regression_gives_on_the_same_masks(ground):
    pytest.importorskip("lime")
    n = len(ground.cut)
    masks = np.random.RandomState(0).randint(0, 2, (60, n)).astype(bool)
    masks[0] = True
    scores = mask_scores(ground.score, ground.S, segmentation=ground.cut, fill=ground.hidden(ground.S), masks=masks)
    beta, _ = ridge(masks, scores, proximity(masks))
    np.testing.assert_allclose(lime_weights(ground, 60), beta[1:], atol=1e-6)
    assert np.abs(beta[1:]).max() > 1e-5


def test_without_lime_the_line_tells_how_to_get_it(ground, monkeypatch):
    monkeypatch.setattr("engine.bench.items.importlib.util.find_spec", lambda name: None)
    item = soundlime_against_lime(ground)
    assert (item.peer, item.ratio) == (None, None)
    assert "pip install lime" in item.note
    line = {**asdict(item), "ratio": None}
    machine = dict.fromkeys(("cpu", "cores", "threads", "system", "python", "torch", "numpy"), "-")
    assert "pip install lime" in command.show({"items": [line], "machine": machine})


def test_the_peer_of_a_song_answers_for_all_of_it(ground, monkeypatch):
    """A peer's time for some excerpts stands for all: here a run takes 8 s for 8 excerpts."""
    monkeypatch.setattr(type(ground), "timed", lambda self, work, warm_up=None: 8.0)
    assert song_against_excerpts(ground).peer == pytest.approx(ground.features.shape[1])
    assert front_end_against_librosa(ground).ratio == 1


def test_the_excerpt_is_one_that_the_model_doubts(ground):
    p = float(ground.score(ground.S[None])[0])
    others = [float(ground.score(S[None])[0]) for S in ground.others]
    assert all(abs(p - ground.listener.threshold) <= abs(q - ground.listener.threshold) + 1e-6 for q in others)


def test_sound_without_clips_is_as_long_as_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.bench.ground.DEMO", tmp_path)
    y = demo(22050, 2.5)
    assert y.shape == (55125,)
    assert y.dtype == np.float32
    assert 0.1 < np.abs(y).max() <= 1


def test_ratio_is_how_many_times_as_long_the_peer_takes():
    assert Item("x", 2.0, 8.0, "y", "").ratio == 4


def test_threads_stay_as_they_were(result):
    assert result["machine"]["threads"] == torch.get_num_threads()


@pytest.fixture
def attacked(ground, monkeypatch):
    """A frame-wise classifier with random weights where the shipped one is."""
    torch.manual_seed(3)
    net = FrameMlp(16, 4)
    with torch.no_grad():
        for layer in net.dense:
            torch.nn.init.kaiming_normal_(layer.weight)
    tensors = {**net.state_dict(), "mean": torch.linspace(2, 0.1, BINS), "std": torch.linspace(1.2, 0.3, BINS),
               "data_minimum": torch.tensor(-2.0)}
    listener = FrameMlpListener("random", tensors, {"labels": ["a", "b", "c", "d"]})
    monkeypatch.setattr(adversary_items.catalogue, "load", lambda name: listener)
    return listener


def test_adversaries_are_measured_with_any_frame_wise_classifier(ground, attacked):
    for measure in adversary_items.ITEMS:
        item = measure(ground)
        assert item.ours > 0
        assert item.note.startswith("random") or "random; " in item.note
    bound = adversary_items.descent_against_arithmetic(ground)
    assert bound.peer > 0
    frames = 1 + 3 * 22050 // 512
    flops = 3 * 4 * frames * (513 * 16 + 2 * 16 * 16 + 16 * 4)
    assert f"{flops / 1e9:.1f} GFLOP" in bound.note


def test_foolbox_hears_what_the_listener_says_and_keeps_the_same_ball(attacked):
    pytest.importorskip("foolbox")
    clips = torch.stack(torch.from_numpy(demo(22050, 6.0)).chunk(2)) * torch.tensor([[1.0], [0.1]])
    X = attacked.front_end.stft(clips).abs()
    model = adversary_items.FramesVote(attacked, torch.full((2, 1, 1), 7.0))
    said = torch.stack([heard(attacked, y) for y in clips])
    torch.testing.assert_close(attacked.verdict(model(X / 7)), said, atol=1e-4, rtol=0)
    targets = said.topk(2).indices[:, 1]
    found = adversary_items.foolbox_attack(attacked, clips, targets, 30)()
    change = (found - X).flatten(1).norm(dim=1) / X.flatten(1).norm(dim=1)
    assert float(change.max()) <= 10 ** (-15 / 20) * 1.001
    assert float(change.min()) > 0.04 * 10 ** (-15 / 20)
    assert float(found.min()) >= 0
    after = attacked.verdict(model(found / 7)).gather(1, targets[:, None])
    assert bool((after > said.gather(1, targets[:, None]) + 0.1).all())


def test_without_foolbox_or_the_model_the_lines_say_so(ground, attacked, monkeypatch):
    for name in ("foolbox", "foolbox.attacks.projected_gradient_descent"):
        monkeypatch.setitem(sys.modules, name, None)
    for measure in adversary_items.ITEMS:
        item = measure(ground)
        assert item.ours > 0
        assert "arithmetic" in item.item or (item.peer is None and "pip install foolbox" in item.note)

    def missing(name):
        raise InputError("model: expected style-mlp, found none")

    monkeypatch.setattr(adversary_items.catalogue, "load", missing)
    items = [measure(ground) for measure in adversary_items.ITEMS]
    assert all((item.ours, item.peer, item.ratio) == (None, None, None) for item in items)
    assert all("expected style-mlp, found none" in item.note for item in items)
    machine = dict.fromkeys(("cpu", "cores", "threads", "system", "python", "torch", "numpy"), "-")
    lines = [{**asdict(item), "ratio": item.ratio} for item in items]
    assert command.show({"items": lines, "machine": machine}).count("not measured") == 4


def test_a_grid_is_the_same_examples_one_at_a_time(ground):
    """What is extrapolated is so much as the paper's grid is more than the part; the peer comes to the same latents."""
    item = maximise_items.grid_against_one_at_a_time(ground)
    part = re.search(r"pairs of lr and reg \(([\d.]+) s\), the peer one pair \(([\d.]+) s\)", item.note)
    assert item.ours == pytest.approx(float(part[1]) * 50 * 1000 / 4, rel=0.05)
    assert item.peer == pytest.approx(float(part[2]) * 9 * 50 * 1600 / 7, rel=0.05)
    assert float(re.search(r"differ by at most (\S+)$", item.note)[1]) < 1e-4


def test_mels_become_sound_as_well_as_librosa_makes_them(listener):
    neuron = Neuron.of(listener, None, 0)
    found = maximise_items.inverted(neuron, Settings(0.05, 0.001, 2), 1)
    assert maximise_items.inverted(neuron, Settings(0.05, 0.001, 2), 1) is found, "two lines are about the same sounds"
    assert 0 < found.convergence[0] < 1.1 * found.convergence[1] < 0.5
    assert min(found.lost) > 0


def test_without_the_prior_or_mels_the_lines_say_so(ground, tone_model, monkeypatch):
    tones = catalogue.read(tone_model)
    for measure in maximise_items.ITEMS:
        item = measure(replace(ground, listener=tones))
        assert (item.ours, item.ratio) == (None, None)
        assert "hears no mels" in item.note

    def missing(name, listener):
        raise InputError("gan.json: could not be read")

    monkeypatch.setattr(maximise_items, "prior_of", missing)
    assert all("could not be read" in measure(ground).note for measure in maximise_items.ITEMS)


def test_the_numpy_sampler_computes_what_the_network_computes():
    model = folk_items.folk_model()
    step, state, row = folk_items.numpy_sampler(model), None, None
    tokens = ["M:6/8", "K:Cmaj", "G", "A", "|"]
    for index in model.encode(["<s>", *tokens]):
        row, state = step(index, state)
    np.testing.assert_allclose(row, np.exp(model.log_probabilities(tokens)[-1]), atol=1e-5)
