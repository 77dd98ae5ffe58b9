"""The folk network: its formulae, its checkpoints, and what is refused in a pickle."""

import contextlib
import io
import pickle
import struct
import sys
import types

import numpy as np
import pytest
import torch

from engine.checks import InputError
from engine.models import folk_lstm
from engine.models.folk_lstm import from_arrays, product, to_tensors
from engine.models.folk_pickle import read_checkpoint

TOKENS = ("<s>", "</s>", "M:4/4", "K:Cmaj", "G", "A", "2", "|")
UNITS, LAYERS = 6, 3


def arrays_of(seed=0, dtype=np.float32, embedding=True):
    """Parameters in the order of an official checkpoint."""
    rng = np.random.default_rng(seed)
    arrays = [np.eye(len(TOKENS))] if embedding else []
    below = len(TOKENS)
    for _ in range(LAYERS):
        for _gate in range(4):
            arrays += [rng.normal(size=(below, UNITS)), rng.normal(size=(UNITS, UNITS)), rng.normal(size=UNITS)]
        arrays += [rng.normal(size=(1, UNITS)), rng.normal(size=(1, UNITS))]
        below = UNITS
    arrays += [rng.normal(size=(UNITS, len(TOKENS))), rng.normal(size=len(TOKENS))]
    return [array.astype(dtype) for array in arrays]


def model_of(**options):
    return from_arrays("tiny", {token: i for i, token in enumerate(TOKENS)}, arrays_of(**options), {})


def by_the_formulae(arrays, indices):
    """Log-probabilities behind each token, as the paper writes them, in float64."""
    def sigma(x):
        return 1 / (1 + np.exp(-x))

    layers = [[array.astype(np.float64) for array in arrays[1 + 14 * n:15 + 14 * n]] for n in range(LAYERS)]
    W, b = arrays[-2].astype(np.float64), arrays[-1].astype(np.float64)
    c, h = [layer[12][0] for layer in layers], [layer[13][0] for layer in layers]
    rows = []
    for index in indices:
        x = np.eye(len(TOKENS))[index]
        for n, (Wi, Ui, bi, Wf, Uf, bf, Wc, Uc, bc, Wo, Uo, bo, *_) in enumerate(layers):
            i, f = sigma(x @ Wi + h[n] @ Ui + bi), sigma(x @ Wf + h[n] @ Uf + bf)
            o = sigma(x @ Wo + h[n] @ Uo + bo)
            c[n] = f * c[n] + i * np.tanh(x @ Wc + h[n] @ Uc + bc)
            x = h[n] = o * np.tanh(c[n])
        z = x @ W + b
        rows.append(z - np.log(np.exp(z).sum()))
    return np.array(rows)


@pytest.mark.parametrize("embedding", [True, False])
def test_log_probabilities_are_those_of_the_formulae(embedding):
    tokens = ["M:4/4", "K:Cmaj", "G", "2", "A", "A", "|", "G"]
    mine = model_of(embedding=embedding).log_probabilities(tokens)
    theirs = by_the_formulae(arrays_of(), [0, *(TOKENS.index(t) for t in tokens)])
    np.testing.assert_allclose(mine, theirs, atol=1e-5)
    np.testing.assert_allclose(np.exp(mine).sum(1), 1, atol=1e-5)


def test_an_embedding_is_multiplied_in():
    E = np.random.default_rng(1).normal(size=(len(TOKENS), 5)).astype(np.float32)
    arrays = arrays_of()
    narrow = [E, *arrays[1:]]
    for gate in range(4):
        narrow[1 + 3 * gate] = np.random.default_rng(gate).normal(size=(5, UNITS)).astype(np.float32)
        arrays[1 + 3 * gate] = E @ narrow[1 + 3 * gate]
    index = {token: i for i, token in enumerate(TOKENS)}
    a, b = (from_arrays("x", index, weights, {}).log_probabilities(["G", "A"]) for weights in (narrow, arrays))
    np.testing.assert_allclose(a, b, atol=1e-5)


def test_streams_do_not_hear_each_other():
    model = model_of()
    together, alone = model.memory(3), [model.memory() for _ in range(3)]
    for tokens in [(4, 5, 6), (5, 5, 1), (2, 3, 4)]:
        logits, together = model.step(torch.tensor(tokens), together)
        for stream, token in enumerate(tokens):
            single, alone[stream] = model.step(torch.tensor([token]), alone[stream])
            torch.testing.assert_close(logits[stream], single[0], atol=1e-6, rtol=0)


@pytest.mark.parametrize("bias", [None, torch.randn(7)])
def test_weights_that_half_precision_holds_are_multiplied_as_exactly(bias):
    W, x = torch.randn(7, 40), torch.randn(16, 40)
    for weights in (W, W.half().float()):
        exact = (x.double() @ weights.double().T + (0 if bias is None else bias.double())).float()
        multiply = product(weights, bias)
        torch.testing.assert_close(multiply(x), exact, atol=2e-5, rtol=0)
        torch.testing.assert_close(multiply(x[3:4]), exact[3:4], atol=2e-5, rtol=0)
    torch.testing.assert_close(product(1e5 * W)(x), 1e5 * (x @ W.T), atol=5.0, rtol=1e-4)  # beyond half precision


def test_a_memory_is_not_changed_and_can_be_picked():
    model = model_of()
    start = model.memory(2)
    before = start.hidden.clone()
    _, after = model.step(torch.tensor([4, 5]), start)
    assert torch.equal(start.hidden, before)
    swapped = after.pick([1, 0, 1])
    torch.testing.assert_close(swapped.cell[:, 0], after.cell[:, 1])
    assert swapped.hidden.shape == (LAYERS, 3, UNITS)


def test_unknown_tokens_are_named_with_the_nearest():
    with pytest.raises(InputError, match=r"'K:Cmax'.*did you mean K:Cmaj"):
        model_of().encode(["K:Cmax"])


def test_weights_and_card_come_back(tmp_path):
    model = model_of()
    folk_lstm.write(tmp_path / "tiny.json", to_tensors(model), {"vocabulary": list(TOKENS), "style": "v2"})
    again = folk_lstm.read(tmp_path / "tiny.json")
    assert again.vocabulary == TOKENS
    assert again.card["style"] == "v2"
    np.testing.assert_allclose(again.log_probabilities(["G"]), model.log_probabilities(["G"]), atol=0.02)


@pytest.mark.parametrize(("damage", "words"), [
    (lambda folder: (folder / "tiny.safetensors").write_bytes(b"x"), "not those its card names"),
    (lambda folder: (folder / "tiny.safetensors").unlink(), "could not be read"),
    (lambda folder: (folder / "tiny.json").write_text("{"), "found it damaged"),
    (lambda folder: (folder / "tiny.json").write_text(
        (folder / "tiny.json").read_text().replace('"G"', '"H", "I"')), "other shapes"),
])
def test_damaged_files_are_refused(tmp_path, damage, words):
    folk_lstm.write(tmp_path / "tiny.json", to_tensors(model_of()), {"vocabulary": list(TOKENS)})
    damage(tmp_path)
    with pytest.raises(InputError, match=words):
        folk_lstm.read(tmp_path / "tiny.json")


@pytest.mark.parametrize("arrays", [arrays_of()[:-1], [], arrays_of()[:20], [np.ones(3)] * 45])
def test_wrong_arrays_are_refused(arrays):
    with pytest.raises(InputError):
        from_arrays("x", {token: i for i, token in enumerate(TOKENS)}, arrays, {})


def python2_pickle(value):
    """Protocol 2 as Python 2's cPickle writes it: byte strings, arrays by numpy.core.multiarray."""
    def dump(value):
        if isinstance(value, str):
            data = value.encode()
            return b"U" + bytes([len(data)]) + data
        if isinstance(value, np.ndarray):
            data = value.astype(value.dtype.newbyteorder("<")).tobytes()
            shape = b"(" + b"".join(map(dump, value.shape)) + b"t"
            kind = (b"cnumpy\ndtype\n(" + dump(value.dtype.str[1:]) + dump(0) + dump(1) + b"tR(" + dump(3) + dump("<")
                    + b"NNN" + dump(-1) + dump(-1) + dump(0) + b"tb")
            return (b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(" + dump(0) + b"t" + dump("b") + b"tR("
                    + dump(1) + shape + kind + b"\x89" + b"T" + struct.pack("<i", len(data)) + data + b"tb")
        if isinstance(value, list):
            return b"](" + b"".join(map(dump, value)) + b"e"
        if isinstance(value, dict):
            return b"}(" + b"".join(dump(part) for item in value.items() for part in item) + b"u"
        return b"J" + struct.pack("<i", value)
    return b"\x80\x02" + dump(value) + b"."


def checkpoint_of(**more):
    return {"token2idx": {token: i for i, token in enumerate(TOKENS)}, "param_values": arrays_of(), **more}


def test_a_python_2_checkpoint_opens(tmp_path):
    path = tmp_path / "folk.pkl"
    path.write_bytes(python2_pickle(checkpoint_of(epoch_since_start=3, experiment_id="config5")))
    model = read_checkpoint(path)
    assert model.vocabulary == TOKENS
    np.testing.assert_array_equal(model.log_probabilities(["G"]), model_of().log_probabilities(["G"]))


@pytest.mark.parametrize("protocol", [0, 1, 2, 4])
def test_a_checkpoint_saved_again_opens(tmp_path, protocol):
    path = tmp_path / "folk.pkl"
    doubles = arrays_of(dtype=np.float64)
    path.write_bytes(pickle.dumps(checkpoint_of(param_values=doubles, rate=np.float32(3e-3)), protocol))
    np.testing.assert_allclose(read_checkpoint(path).log_probabilities(["G"]), model_of().log_probabilities(["G"]),
                               atol=1e-5)


class Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('run')",))


def module_pickle(module, name):
    return b"\x80\x02c" + module + b"\n" + name + b"\n."


@pytest.mark.parametrize(("data", "words"), [
    (pickle.dumps(checkpoint_of(x=Evil())), "builtins.exec"),
    (pickle.dumps(checkpoint_of(x=Evil()), 0), "__builtin__.exec"),
    (module_pickle(b"os", b"system"), "os.system"),
    (module_pickle(b"numpy", b"load"), "numpy.load"),
    (module_pickle(b"numpy.core.multiarray", b"set_string_function"), "set_string_function"),
    (pickle.dumps(checkpoint_of(x=np.array([Evil()], dtype=object))), "O8|exec"),
    (b"\x80\x02r\xff\xff\xff\x7f.", "damaged|memory"),
    (b"\x80\x02}r\xff\xff\xff\x7f.", "too much memory"),
    (pickle.dumps([1, 2]), "token2idx and param_values"),
    (pickle.dumps({"token2idx": {"G": "0"}, "param_values": []}), "each token a number"),
    (pickle.dumps({"token2idx": {}, "param_values": [1, 2]}), "arrays of finite numbers"),
    (pickle.dumps(checkpoint_of(param_values=[np.full((2, 2), np.nan)])), "arrays of finite numbers"),
    (pickle.dumps(checkpoint_of(param_values=arrays_of()[:-3])), "14 arrays for each"),
    (pickle.dumps(checkpoint_of())[:500], "damaged"),
    (b"not a pickle", "damaged"),
    (b"", "damaged"),
])
def test_anything_else_is_refused_by_name(tmp_path, data, words):
    path = tmp_path / "folk.pkl"
    path.write_bytes(data)
    with pytest.raises(InputError, match=words):
        read_checkpoint(path)


def test_a_refused_pickle_ran_nothing(tmp_path, monkeypatch):
    ran = []
    module = types.ModuleType("trap")
    module.spring = lambda: ran.append(1)
    monkeypatch.setitem(sys.modules, "trap", module)
    path = tmp_path / "folk.pkl"
    path.write_bytes(b"\x80\x02ctrap\nspring\n(tR.")
    with pytest.raises(InputError, match=r"trap\.spring"):
        read_checkpoint(path)
    assert ran == []
    with pytest.raises(InputError, match="could not be read"):
        read_checkpoint(tmp_path / "missing.pkl")


def test_every_cut_and_flip_is_an_input_error(tmp_path):
    path, rng = tmp_path / "folk.pkl", np.random.default_rng(0)
    whole = io.BytesIO(pickle.dumps(checkpoint_of(), 2)).getvalue()
    for _ in range(150):
        data = bytearray(whole[:rng.integers(1, len(whole))] if rng.random() < 0.3 else whole)
        data[rng.integers(len(data))] = rng.integers(256)
        path.write_bytes(bytes(data))
        with contextlib.suppress(InputError):
            read_checkpoint(path)
