"""Training the folk model: it learns, goes on where it stopped, and is measured against counting."""

import json
import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from engine import commands
from engine.checks import InputError
from engine.models import folk_lstm
from engine.training import ship_folk
from engine.training.folk_collections import music21_corpus
from engine.training.folk_material import gather
from engine.training.ngrams import KneserNey, baselines, unigram_cross_entropy
from engine.training.train_folk import PADDING, Config, TrainingNet, batches, cross_entropy, padded, train

SCALE = [0, *[2, 3, 4, 5, 6] * 4, 1]
SEQUENCES = {"train": [SCALE, [0, *SCALE[3:]], [*SCALE[:10], 1]] * 8, "valid": [SCALE]}


def config_of(tmp_path, **more):
    return replace(Config(data=("here",), work=str(tmp_path), units=24, layers=2, batch=8, epochs=8, lr=0.02), **more)


def test_a_rule_is_learnt(tmp_path):
    trained = train(config_of(tmp_path, epochs=60, patience=60), SEQUENCES, 7)
    history = [epoch["valid"] for epoch in trained["history"]]
    assert history[0] > 1.0
    assert trained["best"]["valid"] == min(history) < 0.5


def test_an_interrupted_training_goes_on_to_the_same_end(tmp_path):
    class Stop(Exception):
        pass

    calls = []

    def stop_in_the_third_epoch(progress):
        calls.append(progress)
        if len(calls) == 10:
            raise Stop

    config = config_of(tmp_path / "a", epochs=4)
    whole = train(replace(config, work=str(tmp_path / "b")), SEQUENCES, 7)
    with pytest.raises(Stop):
        train(replace(config, checkpoint_minutes=1e-9), SEQUENCES, 7, stop_in_the_third_epoch)
    resumed = train(config, SEQUENCES, 7)
    for name, tensor in whole["tensors"].items():
        torch.testing.assert_close(resumed["tensors"][name], tensor)
    assert len(resumed["history"]) == 4


def test_a_damaged_checkpoint_is_refused_and_anothers_is_not_used(tmp_path):
    config = config_of(tmp_path, epochs=1)
    train(config, SEQUENCES, 7)
    other = train(replace(config, seed=1), SEQUENCES, 7)
    assert len(other["history"]) == 1
    (tmp_path / "folk.checkpoint").write_bytes(b"x")
    with pytest.raises(InputError, match="delete it"):
        train(config, SEQUENCES, 7)


def test_it_stops_early_and_on_time(tmp_path):
    assert len(train(config_of(tmp_path / "a", lr=0.0, patience=2), SEQUENCES, 7)["history"]) == 3
    assert len(train(config_of(tmp_path / "b", minutes=1e-9), SEQUENCES, 7)["history"]) == 1


def test_padding_is_no_target():
    x, y = padded([[0, 5, 1], [0, 4, 4, 4, 1]])
    assert x.shape == y.shape == (2, 4)
    assert y[0].tolist() == [5, 1, PADDING, PADDING]
    assert sorted(len(row[row != PADDING]) for _, y in batches(SEQUENCES["train"], 5, seed=0) for row in y) == sorted(
        len(tune) - 1 for tune in SEQUENCES["train"])


def test_the_exported_network_says_the_same(tmp_path):
    torch.manual_seed(0)
    config = config_of(tmp_path)
    net = TrainingNet(7, config).eval()
    folk_lstm.write(tmp_path / "m.json", net.exported(), {"vocabulary": ["<s>", "</s>", *"ABCDE"]})
    shipped = folk_lstm.read(tmp_path / "m.json")
    rows = shipped.log_probabilities([shipped.vocabulary[i] for i in SCALE[1:-1]])
    nats = -np.mean([row[token] for row, token in zip(rows, SCALE[1:], strict=True)])
    assert nats == pytest.approx(cross_entropy(net, [SCALE]), abs=2e-3)


def test_unigrams_by_hand():
    nats = unigram_cross_entropy([[0, 2, 2, 1]], [[0, 2, 1]], 3)
    assert nats == pytest.approx(-(math.log(3 / 6) + math.log(2 / 6)) / 2)


def test_kneser_ney_by_hand():
    """Two tunes `a b a c`: bigrams <s>a 2, ab 2, ba 2, ac 2, c</s> 2; none is seen once, so their discount is 1/2.

    Behind how many different tokens: a 2, b 1, c 1, </s> 1, together 5; three once and one twice, so it is 3/5 there.
    """
    a, b, c = 2, 3, 4
    model = KneserNey([[0, a, b, a, c, 1]] * 2, vocabulary=5, order=2)
    uniform = 1 / 5
    unigram = {t: (n - 0.6) / 5 + 0.6 * 4 / 5 * uniform for t, n in {a: 2, b: 1, c: 1, 1: 1}.items()}
    assert model.probability(b, [0, a]) == pytest.approx((2 - 0.5) / 4 + 0.5 * 2 / 4 * unigram[b])
    assert model.probability(a, [0]) == pytest.approx((2 - 0.5) / 2 + 0.5 * 1 / 2 * unigram[a])
    assert model.probability(0, [0, a]) == pytest.approx(0.5 * 2 / 4 * 0.6 * 4 / 5 * uniform)


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_kneser_ney_sums_to_one(order):
    rng = np.random.default_rng(0)
    tunes = [[0, *rng.integers(2, 9, 30).tolist(), 1] for _ in range(20)]
    model = KneserNey(tunes, vocabulary=10, order=order)
    for context in ([0], [0, 5], tunes[0][3:9], [9, 9, 9]):
        assert sum(model.probability(token, context) for token in range(10)) == pytest.approx(1)


def test_the_longer_the_context_the_better_on_what_repeats():
    found = baselines(SEQUENCES["train"], SEQUENCES["valid"], 7)
    assert list(found) == ["uniform", "unigram", "trigram", "kneser_ney_5"]
    assert found["uniform"] == pytest.approx(math.log(7))
    assert found["trigram"] < found["unigram"] < found["uniform"]


def test_from_the_command_line_to_a_model_with_its_card(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("engine.training.train_folk.Config", partial(Config, units=16, layers=1, batch=8))
    data = str(music21_corpus() / "miscFolk")
    code = commands.run(["train", "folk", "--data", data, "--out", str(tmp_path), "--work", str(tmp_path / "w"),
                         "--steps", "3", "--minutes", "1", "--json"])
    assert code == 0
    card = json.loads(capsys.readouterr().out)
    assert card["test"]["lstm"] < card["test"]["uniform"]
    assert set(card["test"]) == {"lstm", "uniform", "unigram", "trigram", "kneser_ney_5"}
    assert sum(card["data"]["tunes"].values()) == card["data"]["collections"]["miscFolk"]["kept"]
    model = folk_lstm.read(tmp_path / "folk.json")
    tunes = gather([data]).test
    nats = [-row[index] for tune, (_, *indices) in zip(tunes, ship_folk.encoded(tunes, model.vocabulary), strict=True)
            for row, index in zip(model.log_probabilities(tune.tokens), indices, strict=True)]
    assert np.mean(nats) == pytest.approx(card["test"]["lstm"], abs=1e-4)


def test_other_models_want_one_folder(tmp_path, capsys):
    assert commands.run(["train", "svd", "--data", "a", "b", "--out", str(tmp_path)]) != 0
    assert "one folder" in capsys.readouterr().err
