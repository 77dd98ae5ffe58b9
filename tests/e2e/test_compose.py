"""Composing on the command line: what comes out is read by others, and what cannot be used gets one sentence."""

import json
import re
import shutil
import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from engine.folk import novelty
from engine.folk.bars import check
from engine.folk.novelty import KnownTune, write_index
from engine.models import folk_lstm
from engine.models.folk_lstm import FolkLstm, Layer, to_tensors
from engine.training.folk_collections import music21_corpus, read_tunes
from engine.training.folk_material import usable_tokens

TUNES = [KnownTune(tune.title, "O'Neill", tokens)
         for tune in read_tunes(music21_corpus() / "oneills1850" / "0101-0200.abc")
         if (tokens := usable_tokens(tune, "v2"))]


def counting_model():
    """A network of one layer whose logits are how often tokens follow each other in real tunes."""
    vocabulary = ("<s>", "</s>", *sorted({token for tune in TUNES for token in tune.tokens}))
    index, n = {token: i for i, token in enumerate(vocabulary)}, len(vocabulary)
    counts = torch.full((n, n), 0.02)
    for tune in TUNES:
        coded = [0, *(index[token] for token in tune.tokens), 1]
        for a, b in pairwise(coded):
            counts[a, b] += 1
    W = torch.zeros(4 * n, n)
    W[2 * n:3 * n] = 40 * torch.eye(n)                     # the cell keeps the last token alone
    b = torch.cat([torch.full((n,), 20.0), torch.full((n,), -20.0), torch.zeros(n), torch.full((n,), 20.0)])
    hidden = torch.tanh(torch.tensor(1.0))
    logits = (counts / counts.sum(1, keepdim=True)).log().T / hidden
    layer = Layer(W, torch.zeros(4 * n, n), b, torch.zeros(n), torch.zeros(n))
    return FolkLstm("folk", vocabulary, [layer], logits.contiguous(), torch.zeros(n), {})


@pytest.fixture(scope="module")
def installed():
    """A folk model and its tunes, where the shipped ones lie."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        model = counting_model()
        folk_lstm.write(Path(folder) / "folk.json", to_tensors(model), {"vocabulary": list(model.vocabulary)})
        write_index(Path(folder) / "tunes.npz", TUNES)
        patch.setattr(folk_lstm, "FOLDER", Path(folder))
        patch.setattr(novelty, "FOLDER", Path(folder))
        _forget()
        yield Path(folder)
    _forget()


def _forget():
    folk_lstm.load.cache_clear()
    novelty.known_tunes.cache_clear()


def test_tunes_have_the_promised_form(ask, installed):
    found = ask("compose", "--meter", "6/8", "--mode", "Cmaj", "--prime", "G 2 E", "-n", 3, "--seed", 5)
    assert found.keys() == {"tunes", "model", "seed"}
    assert (found["model"], found["seed"], len(found["tunes"])) == ("folk", 5, 3)
    for tune in found["tunes"]:
        assert tune.keys() == {"abc", "tokens", "log_probabilities", "bars_valid", "nearest"}
        assert tune["tokens"][-1] == "</s>"
        assert len(tune["tokens"]) == len(tune["log_probabilities"])
        assert all(log <= 0 for log in tune["log_probabilities"])
        assert tune["bars_valid"] == 1
        assert check(["M:6/8", "K:Cmaj", "G", "2", "E", *tune["tokens"]]).valid
        assert tune["nearest"].keys() == {"title", "similarity"}
        assert tune["nearest"]["title"] in {known.title for known in TUNES}
        assert 0 <= tune["nearest"]["similarity"] <= 1
        assert [line[:2] for line in tune["abc"].splitlines() if not line.startswith("%")][:5] == [
            "X:", "T:", "M:", "L:", "K:"]
        assert re.search(r"^G2E", tune["abc"], re.MULTILINE)
    model = counting_model()
    tokens = ["M:6/8", "K:Cmaj", "G", "2", "E", *found["tunes"][0]["tokens"]]
    rows = model.log_probabilities(tokens[:-1])
    expected = [rows[place][model.index[token]] for place, token in enumerate(tokens)][5:]
    assert found["tunes"][0]["log_probabilities"] == pytest.approx(expected, abs=2e-2)  # weights were halved


def test_a_seed_decides_whatever_the_number_of_tunes(ask, installed):
    three = ask("compose", "-n", 3, "--seed", 9, "--temperature", 0.9, "--top-p", 0.9)["tunes"]
    assert ask("compose", "--seed", 9, "--temperature", 0.9, "--top-p", 0.9)["tunes"] == three[:1]
    assert ask("compose", "--seed", 10)["tunes"] != three[:1]


def test_other_programs_read_what_is_printed(run, installed, tmp_path):
    from music21 import converter, stream

    code, out, err = run("compose", "-n", 12, "--seed", 1, "--temperature", 1.3)
    assert code == 0, err
    tunes = out.split("\n\n")
    assert len(tunes) == 12
    for text in tunes[:4]:
        score = converter.parse(text, format="abc")
        full = score.recurse().getElementsByClass(stream.Measure)
        assert len(score.recurse().notes) > 3
        assert len(full) > 1
    if shutil.which("abc2midi"):
        (tmp_path / "all.abc").write_text(out, encoding="utf-8")
        done = subprocess.run(["abc2midi", "all.abc"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert "Error" not in done.stdout
        assert len(list(tmp_path.glob("*.mid"))) == 12


def test_without_the_grammar_bars_may_be_odd(ask, installed):
    found = ask("compose", "-n", 8, "--unconstrained", "--max-tokens", 60)["tunes"]
    assert any(tune["bars_valid"] < 1 for tune in found)
    assert all(len(tune["tokens"]) <= 60 for tune in found)


@pytest.mark.parametrize(("arguments", "said"), [
    (["--prime", "G H"], "token 'H': the model folk does not know it"),
    (["--prime", "G 2 2"], "2 does not fit at place 5"),
    (["--meter", "7/8"], "meter: expected one that the model folk knows"),
    (["--mode", "Cphr"], "mode: expected one that the model folk knows"),
    (["--temperature", "-1"], "temperature: expected 0 to 10"), (["--top-p", "0"], "top_p"), (["-n", "0"], "-n"),
    (["--seed", "-1"], "seed"), (["--max-tokens", "3"], "at most 3 tokens"), (["--model", "gone.pkl"], "gone.pkl"),
])
def test_unusable_wishes_get_one_sentence(run, installed, arguments, said):
    code, out, err = run("compose", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_without_a_model_one_sentence_says_so(run, tmp_path, monkeypatch):
    monkeypatch.setattr(folk_lstm, "FOLDER", tmp_path)
    for command in ("compose", "folk-stats"):
        code, _, err = run(command)
        assert code == 2
        assert "no folk model is installed" in err


def test_populations_are_told_side_by_side(ask, run, installed, tmp_path):
    found = ask("folk-stats", "--n", 30, "--seed", 2, "--out", tmp_path / "out", "--max-tokens", 200)
    assert found["properties"].keys() == {"meter", "mode", "length", "pitch_classes", "intervals", "note_lengths",
                                          "bars", "final_tone", "repeat_structure"}
    for one in found["properties"].values():
        assert one.keys() == {"corpus", "generated", "distance", "floor", "floor_high"}
        assert sum(one["corpus"].values()) == pytest.approx(1)
        assert sum(one["generated"].values()) == pytest.approx(1)
        assert 0 <= one["floor"] <= one["floor_high"] <= 1
        assert 0 <= one["distance"] <= 1
    assert (found["n"], found["corpus"], found["valid"], found["ended"]) == (30, len(TUNES), 1, 1)
    assert found["properties"]["pitch_classes"]["distance"] < 0.1     # of counted tokens pitches are right
    assert (tmp_path / "out" / "folk-stats.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "out" / "folk-stats.json").read_text(encoding="utf-8")) == found
    assert "bits, floor" in run("folk-stats", "--n", 2, "--max-tokens", 60)[1]
