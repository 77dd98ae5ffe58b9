"""Style classifiers as listeners: quick ways give what the plain ones give, and votes are those of the parts."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.explain.masking import all_masks
from engine.explain.segments import grid, spectral, temporal
from engine.models.frame_mlp import BINS, FrameMlp
from engine.models.patch_cnn import PATCH, STRIDE, PatchCnn
from engine.models.style_listener import FRAMES_AT_ONCE, FrameMlpListener, PatchCnnListener

LABELS = ["ambient", "folk", "rock"]


def listener_of(kind, seed=0, labels=LABELS):
    """A style classifier whose random weights make its answers depend on all of its input."""
    torch.manual_seed(seed)
    net = FrameMlp(20, len(labels)) if kind == "frame_mlp" else PatchCnn(len(labels))
    with torch.no_grad():
        for parameter in net.parameters():
            if parameter.dim() > 1:
                torch.nn.init.kaiming_normal_(parameter)
    tensors = {**net.state_dict(), "mean": torch.linspace(2, 0.1, BINS), "std": torch.linspace(1.2, 0.3, BINS),
               "data_minimum": torch.tensor(-2.0)}
    make = FrameMlpListener if kind == "frame_mlp" else PatchCnnListener
    return make(kind, tensors, {"labels": labels})


@pytest.fixture(scope="module", params=["frame_mlp", "patch_cnn"])
def style(request):
    return listener_of(request.param)


def spectrogram(frames, seed=0):
    """Something like music: log magnitudes (513, frames) that fall with frequency and change with time."""
    generator = torch.Generator().manual_seed(seed)
    slope = torch.linspace(3, -5, BINS)[:, None]
    return slope + torch.randn(BINS, frames, generator=generator) + torch.randn(1, frames, generator=generator)


@pytest.mark.parametrize("frames", [PATCH, 333, FRAMES_AT_ONCE + PATCH + 3])
def test_the_curve_has_at_each_frame_the_scores_of_the_excerpt_around_it(style, frames):
    S = spectrogram(frames)
    curve = torch.cat(list(style.curve(S)))
    assert curve.shape == (frames, len(LABELS))
    assert float(curve.std(0).min()) > 0.01
    for t in {0, 7, frames // 2, frames // 2 + 3, min(FRAMES_AT_ONCE, frames - 1), frames - 1}:
        excerpt = style.stretch(S, t - PATCH // 2, t - PATCH // 2 + PATCH)
        torch.testing.assert_close(curve[t], style.scores(excerpt[None])[0], atol=1e-4, rtol=0)


@pytest.mark.parametrize("frames", [PATCH, PATCH + STRIDE, 555, FRAMES_AT_ONCE, FRAMES_AT_ONCE + PATCH,
                                    2 * FRAMES_AT_ONCE + PATCH + 1])
def test_every_frame_or_patch_votes_for_itself(style, frames):
    S = spectrogram(frames)
    votes, centres = style.votes(S), style.vote_frames(frames)
    assert len(votes) == len(centres)
    features = style.standardised(S)
    if isinstance(style, FrameMlpListener):
        assert centres.tolist() == list(range(frames))
        alone = torch.stack([style.net(features[:, t]) for t in range(frames)])
    else:
        firsts = range(0, frames - PATCH + 1, STRIDE)
        assert centres.tolist() == [first + (PATCH - 1) / 2 for first in firsts]
        alone = torch.cat([style.net(features[None, :, first : first + PATCH])[0] for first in firsts])
    torch.testing.assert_close(votes, alone, atol=1e-4, rtol=1e-4)


def test_the_verdict_is_the_mean_of_the_votes_probabilities(style):
    S = spectrogram(400)
    votes = style.votes(S)
    verdict = style.verdict(votes)
    assert float(verdict.sum()) == pytest.approx(1, abs=1e-5)
    exponentials = np.exp(votes.numpy().astype(float))
    expected = (exponentials / exponentials.sum(1, keepdims=True)).mean(0)
    assert verdict.numpy() == pytest.approx(expected, abs=1e-5)
    whole, decided = style.overall(S, np.zeros((400, 3), np.float32))
    assert whole == pytest.approx(expected, abs=1e-5)
    assert decided == expected.argmax()


def test_an_excerpts_probabilities_sum_to_one_and_the_largest_is_asked_about(style):
    features = style.standardised(spectrogram(PATCH))
    probabilities = style.probabilities(style.scores(features[None]))[0]
    assert float(probabilities.sum()) == pytest.approx(1, abs=1e-5)
    assert style.target_of(features) == LABELS[int(probabilities.argmax())]


def test_standardising_can_be_undone_above_the_floor(style):
    S = spectrogram(50)
    torch.testing.assert_close(style.spectrogram(style.standardised(S)), S, atol=1e-3, rtol=0)
    below = style.spectrogram(style.standardised(torch.full((BINS, 2), -40.0)))
    assert float(below.min()) >= np.log(style.front_end.floor) - 1e-4
    assert torch.isfinite(style.silence(3)).all()


@pytest.mark.parametrize("segments", ["temporal", "uneven", "grid"])
@pytest.mark.parametrize("filling", ["zero", "noise"])
def test_masks_tried_by_patterns_score_as_masks_tried_one_by_one(style, segments, filling):
    S = style.standardised(spectrogram(PATCH))
    generator = torch.Generator().manual_seed(1)
    filled = torch.zeros_like(S) if filling == "zero" else torch.randn(S.shape, generator=generator)
    axes = {"bands": BINS, "frames": PATCH, "frames_per_second": style.front_end.frames_per_second,
            "frequencies": style.front_end.frequencies}
    segment_map = {"temporal": temporal(10, **axes), "uneven": temporal(7, **axes),
                   "grid": grid(4, 3, **axes)}[segments].segment_map
    masks = torch.rand(60, int(segment_map.max()) + 1, generator=generator) < 0.5
    masks[0], masks[1] = True, False
    quick = style.scores_of_masks(S, filled, segment_map, masks)
    assert quick is not None
    plain = style.scores(torch.where(masks[:, segment_map], S, filled))
    assert float(plain.std(0).min()) > 1e-3
    torch.testing.assert_close(quick, plain, atol=1e-4, rtol=0)


def test_frames_of_many_segments_are_left_to_the_plain_way(style):
    S = style.standardised(spectrogram(PATCH))
    segment_map = torch.arange(BINS)[:, None].expand(-1, PATCH) // 50      # 11 segments in each frame
    masks = torch.ones(2, 11, dtype=torch.bool)
    assert style.scores_of_masks(S, torch.zeros_like(S), segment_map, masks) is None


def test_gradients_reach_the_spectrogram_of_a_whole_recording(style):
    S = spectrogram(PATCH + 200).requires_grad_()
    style.verdict(style.votes(S))[1].backward()
    reached = S.grad.abs().sum(0) > 0
    assert torch.isfinite(S.grad).all()
    assert reached[: PATCH + 192].all()     # the last frames are in no patch of the CNN


def test_labels_must_be_two_or_more_different_ones():
    for labels in (["one"], ["one", "one"]):
        with pytest.raises(ValueError, match="labels: expected two or more different ones"):
            listener_of("frame_mlp", labels=labels)


@pytest.mark.parametrize("frames", [115, 300, 1000])
def test_votes_of_the_singing_detector_are_the_scores_of_its_excerpts(listener, frames):
    generator = torch.Generator().manual_seed(2)
    S = torch.randn(80, frames, generator=generator) - 4
    votes, centres = listener.votes(S), listener.vote_frames(frames)
    firsts = range(0, frames - 115 + 1, 9)
    assert centres.tolist() == [first + 57 for first in firsts]
    excerpts = torch.stack([listener.standardised(S)[:, first : first + 115] for first in firsts])
    torch.testing.assert_close(votes, listener.scores(excerpts), atol=1e-4, rtol=1e-4)
    verdict = listener.verdict(votes)
    assert float(verdict.sum()) == pytest.approx(1, abs=1e-6)
    assert float(verdict[1]) == pytest.approx(1 / (1 + np.exp(-float(votes[:, 1].mean()))), abs=1e-5)


def test_gradients_of_the_singing_detectors_votes_are_those_of_differences(listener):
    generator = torch.Generator().manual_seed(3)
    S = torch.randn(80, 160, generator=generator) - 4
    weights = torch.linspace(-1, 2, len(listener.vote_frames(160)))

    def objective(S):
        return (listener.votes(S)[:, 1].double() * weights).sum()

    point = S.clone().requires_grad_()
    objective(point).backward()
    direction = torch.nn.functional.normalize(point.grad.flatten(), dim=0).view_as(S)
    step = 1e-2
    with torch.no_grad():
        difference = float(objective(S + step * direction) - objective(S - step * direction)) / (2 * step)
    assert difference == pytest.approx(float(point.grad.norm()), rel=0.02)


def test_logits_are_log_odds_against_all_other_labels(style):
    features = style.standardised(spectrogram(PATCH))[None]
    p = style.score("folk")(features).double()
    logit = style.score("folk", "logit")(features).double()
    torch.testing.assert_close(logit, torch.log(p / (1 - p)), atol=1e-4, rtol=0)


def test_masks_over_frequency_are_tried_in_steps_that_can_be_cancelled():
    style = listener_of("frame_mlp")
    S = style.standardised(spectrogram(PATCH))
    frequencies = style.front_end.frequencies
    cut = spectral(8, bands=BINS, frames=PATCH, frames_per_second=43.07, frequencies=frequencies)
    masks = torch.from_numpy(all_masks(8))
    told = []
    quick = style.scores_of_masks(S, torch.zeros_like(S), cut.segment_map, masks, told.append)
    assert quick is not None
    assert len(told) >= 25
    some = masks[::37]
    plain = style.scores(torch.where(some[:, cut.segment_map], S, torch.zeros_like(S)))
    torch.testing.assert_close(quick[::37], plain, atol=1e-4, rtol=0)
