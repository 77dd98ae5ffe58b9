"""The pairs that are measured: each is a function of the ground that returns a line of the table."""

from __future__ import annotations

import importlib.util
from importlib import metadata

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine import devices
from engine.audio.sonify import GRIFFIN_LIM_ITERATIONS, from_spectrogram
from engine.bench.ground import Ground, Item
from engine.devices import HERE, best_device
from engine.explain.explanation import Array, Explanation
from engine.explain.masking import all_masks, mask_scores
from engine.explain.shapley import shapley
from engine.explain.slime import N_EQUIVALENT

PUBLISHED_SAMPLES = N_EQUIVALENT
BATCH = 64     # excerpts at once for the peers
CLOSE = 1e-3   # weights in bf16 may differ by so much


def soundlime_against_lime(ground: Ground) -> Item:
    """The published number of samples through the package that SoundLIME was published with."""
    ours = ground.timed(lambda: ground.exact(ground.S))
    title = f"SoundLIME of one excerpt, {len(ground.cut)} segments"
    if importlib.util.find_spec("lime") is None:
        return Item(title, ours, None, "lime", "not installed; pip install lime measures it too")
    n = ground.size.lime_samples
    peer = ground.timed(lambda: lime_weights(ground, n), warm_up=lambda: lime_weights(ground, len(ground.cut) + 2))
    off = float(np.abs(lime_weights(ground, n) - ground.exact(ground.S).weights).max())
    return Item(title, ours, peer * PUBLISHED_SAMPLES / n, f"lime {metadata.version('lime')}",
                f"the peer's {PUBLISHED_SAMPLES:,} samples extrapolated linearly from {n:,}, at which its weights are "
                f"off the exact ones by {off:.1e}; the same network, {BATCH} excerpts at once")


def lime_weights(ground: Ground, n_samples: int) -> Array:
    """Weights by the regression of the `lime` package, on samples that the network answers batch by batch."""
    from lime.lime_base import LimeBase
    from sklearn.metrics import pairwise_distances

    cut, filled = ground.cut, ground.hidden(ground.S)
    data = np.random.RandomState(0).randint(0, 2, (n_samples, len(cut)))
    data[0] = 1
    shown = torch.from_numpy(data.astype(bool))
    with torch.inference_mode():
        p = torch.cat([ground.score(filled.apply(ground.S, cut.segment_map, part))
                       for part in torch.split(shown, BATCH)]).double().numpy()
    distances = pairwise_distances(data, data[:1], metric="cosine").ravel()
    base = LimeBase(lambda d: np.sqrt(np.exp(-(d**2) / 0.25**2)), random_state=np.random.RandomState(0))
    _, pairs, _, _ = base.explain_instance_with_data(data, p[:, None], distances, 0, len(cut))
    weights = np.zeros(len(cut))
    for index, weight in pairs:
        weights[index] = weight
    return weights


def soundlime_against_brute_force(ground: Ground) -> Item:
    """The same answer from all masks, tried one batch after the other."""
    masks = torch.from_numpy(all_masks(len(ground.cut)))
    found: list[Tensor] = []

    def brute() -> None:
        filled = ground.hidden(ground.S)
        with torch.inference_mode():
            found[:] = [ground.score(filled.apply(ground.S, ground.cut.segment_map, part))
                        for part in torch.split(masks, BATCH)]

    ours = ground.timed(lambda: ground.exact(ground.S))
    peer = ground.timed(brute)
    scores = mask_scores(ground.score, ground.S, segmentation=ground.cut, fill=ground.hidden(ground.S),
                         masks=masks.numpy())
    off = float(np.abs(torch.cat(found).double().numpy() - scores).max())
    return Item(f"scores of all {len(masks):,} masks, and the weights", ours, peer, "brute force with the same network",
                f"largest difference of a score {off:.1e}; {BATCH} excerpts at once")


def soundlime_in_bf16(ground: Ground) -> Item:
    """Exact SoundLIME in half the bits."""
    def half(S: Tensor) -> Explanation:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return ground.exact(S)

    excerpts = (ground.S, *ground.others)
    off = max(float(np.abs(half(S).weights - ground.exact(S).weights).max()) for S in excerpts)
    ours, peer = ground.timed(lambda: half(ground.S)), ground.timed(lambda: ground.exact(ground.S))
    worth = "worth it" if off <= CLOSE and ours < 0.9 * peer else "not used"
    return Item("exact SoundLIME in bf16", ours, peer, "the same in float32",
                f"largest difference of a weight over {len(excerpts)} excerpts {off:.1e}, allowed {CLOSE:g}: {worth}")


def front_end_against_librosa(ground: Ground) -> Item:
    """Log-mel spectrogram."""
    import librosa

    front_end, y = ground.listener.front_end, ground.audio.y

    def theirs() -> NDArray[np.float32]:
        mel = librosa.feature.melspectrogram(
            y=y, sr=front_end.sr, n_fft=front_end.n_fft, hop_length=front_end.hop_length, power=1, htk=True, norm=1,
            n_mels=front_end.n_mels, fmin=front_end.fmin, fmax=front_end.fmax, pad_mode="constant")
        return np.asarray(np.log(np.maximum(mel, front_end.floor)))

    def ours() -> NDArray[np.float32]:
        with torch.inference_mode():
            return front_end(torch.from_numpy(y)).numpy()  # type: ignore[no-any-return]

    off = float(np.abs(np.exp(ours()) - np.exp(theirs())).max())
    return Item(f"log-mel spectrogram of {ground.audio.seconds:.0f} s", ground.timed(ours), ground.timed(theirs),
                f"librosa {metadata.version('librosa')}", f"largest difference of a magnitude {off:.1e}")


def inversion_against_librosa(ground: Ground) -> Item:
    """From log-mel back to sound, with Griffin-Lim with momentum on both sides."""
    import librosa

    front_end = ground.listener.front_end
    spectrogram = ground.listener.spectrogram(ground.S)
    mel = spectrogram.exp().numpy()

    def theirs() -> NDArray[np.float32]:
        magnitude = librosa.feature.inverse.mel_to_stft(
            mel, sr=front_end.sr, n_fft=front_end.n_fft, power=1, htk=True, norm=1, fmin=front_end.fmin,
            fmax=front_end.fmax)
        return np.asarray(librosa.griffinlim(magnitude, n_iter=GRIFFIN_LIM_ITERATIONS, hop_length=front_end.hop_length,
                                             n_fft=front_end.n_fft, random_state=0))

    def miss(y: NDArray[np.float32]) -> float:
        again = front_end(torch.from_numpy(y)).exp().numpy()
        frames = min(again.shape[1], mel.shape[1])
        return float(np.linalg.norm(again[:, :frames] - mel[:, :frames]) / np.linalg.norm(mel[:, :frames]))

    def ours() -> NDArray[np.float32]:
        return from_spectrogram(spectrogram, front_end).y

    return Item(f"sound of {ground.listener.window_seconds:.1f} s of mel bands", ground.timed(ours),
                ground.timed(theirs), f"librosa {metadata.version('librosa')}, mel_to_stft and griffinlim",
                f"{GRIFFIN_LIM_ITERATIONS} iterations on both sides; relative error of the mel spectrogram of the "
                f"sound {miss(ours()):.3f}, of the peer's {miss(theirs()):.3f}")


def song_against_excerpts(ground: Ground) -> Item:
    """The curve of a whole song."""
    listener, features = ground.listener, ground.features
    count = min(ground.size.excerpts, features.shape[1] - listener.window + 1)
    windows, spectrogram = features.unfold(1, listener.window, 1), listener.spectrogram(features)

    def excerpts() -> Tensor:
        with torch.inference_mode():
            return torch.cat([listener.scores(windows[:, i : min(i + BATCH, count)].transpose(0, 1))
                              for i in range(0, count, BATCH)])

    def curve() -> Tensor:
        return torch.cat(list(listener.curve(spectrogram)))

    half = listener.window // 2
    off = float((curve()[half : half + count] - excerpts()).abs().max())
    peer = ground.timed(excerpts) * features.shape[1] / count
    return Item(f"prediction of {ground.audio.seconds:.0f} s, {features.shape[1]:,} excerpts", ground.timed(curve),
                peer, "the same network excerpt by excerpt",
                f"the peer extrapolated linearly from {count:,} excerpts, {BATCH} at once; largest difference of a "
                f"logit {off:.1e}")


def shapley_against_captum(ground: Ground) -> Item:
    """Shapley values of the segments."""
    from captum.attr import KernelShap

    cut, n = ground.cut, ground.size.shap_samples
    baseline = ground.hidden(ground.S).everything_hidden(ground.S)[None]

    def ours() -> Array:
        return shapley(ground.score, ground.S, segmentation=cut, fill=ground.hidden(ground.S)).weights

    def theirs() -> Array:
        torch.manual_seed(0)
        with torch.inference_mode():
            found = KernelShap(ground.score).attribute(
                ground.S[None], baselines=baseline, feature_mask=cut.segment_map[None], n_samples=n,
                perturbations_per_eval=BATCH)[0].numpy()
        return np.array([found[cut.segment_map.numpy() == s.index][0] for s in cut.segments], dtype=np.float64)

    off = float(np.abs(theirs() - ours()).max())
    return Item(f"Shapley values of {len(cut)} segments", ground.timed(ours), ground.timed(theirs),
                f"captum {metadata.version('captum')}, KernelShap",
                f"ours are exact; with {n:,} samples the peer's are off by {off:.1e}; {BATCH} excerpts at once")


def card_against_processor(ground: Ground) -> Item:
    """The same answers from the graphics card, with the way there and back."""
    n, said = min(ground.size.excerpts, 2 * BATCH), list[str]()
    excerpts = torch.stack([ground.S, *ground.others])[torch.arange(n) % (1 + len(ground.others))]
    title, name = f"{n} excerpts, on the graphics card", "the processor"

    def answers() -> Tensor:
        with torch.inference_mode():
            return torch.cat([ground.score(some) for some in torch.split(excerpts, ground.score.at_once(BATCH))])

    peer, expected = ground.timed(answers), answers()
    if best_device() == HERE:
        return Item(title, None, peer, name, "not measured: there is no card here")
    with devices.chosen("auto", said.append):
        ours, off = ground.timed(answers), float((answers() - expected).abs().max())
    return Item(title, ours, peer, name, "; ".join([f"largest difference of a probability {off:.1e}", *said]))


ITEMS = (soundlime_against_lime, soundlime_against_brute_force, soundlime_in_bf16, shapley_against_captum,
         front_end_against_librosa, inversion_against_librosa, song_against_excerpts,
         card_against_processor)
