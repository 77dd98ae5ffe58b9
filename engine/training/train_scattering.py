"""Train the scattering systems: `python main.py train scattering --data DIR [--only scattering-svm-artist,...]`.

The systems of Rodríguez-Algarra, Sturm and Maruri-Aguilar (ISMIR 2016): a support vector machine with Gaussian kernel
and a binary decision tree, each on windows of 743 ms that vote on a recording, on three partitions. The settings are
chosen by the mean recall over the validation excerpts; the test excerpts are looked at when all is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from torch import Tensor

from engine.checks import InputError
from engine.explain.recall import figures
from engine.job import Progress, Report, silent
from engine.models.scattering_svm import Svm, Tree, WindowClassifier
from engine.training.scattering_material import Scattered
from engine.training.style_data import PARTS, in_part

Array = NDArray[np.float32]
LEAST_STD = 1e-2      # of log features: a row that hardly ever changes says nothing, and must not divide by zero
CACHE_MB = 500        # of kernel values


@dataclass(frozen=True)
class Config:
    """Everything that decides what comes out.

    Parameters
    ----------
    kind
        "scattering_svm" or "scattering_tree".
    partition
        As in `style_data.PARTITIONS`.
    windows
        Of each training excerpt, evenly spread; the machine keeps most of them, so they are its size.
    penalties, widths
        Tried: C of the machine, and gamma times the number of rows.
    depths, leaves
        Tried: most questions to a leaf of the tree, and least share of the training windows in a leaf.
    """

    data: str
    kind: str = "scattering_svm"
    partition: str = "artist"
    seed: int = 0
    windows: int = 10
    penalties: tuple[float, ...] = (0.3, 1.0, 3.0, 10.0, 30.0)
    widths: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3, 1.0)
    depths: tuple[int, ...] = (4, 6, 8, 12)
    leaves: tuple[float, ...] = (0.002, 0.005, 0.01, 0.02)


@dataclass(frozen=True)
class Material:
    """Windows of one partition, standardised by those of its train part.

    Parameters
    ----------
    X, truth
        (windows, rows) of the train part, exact in half precision, and index of the label of each.
    valid, valid_truth
        Windows (windows, rows) of each validation excerpt, and index of the label of each excerpt.
    mean, std, data_minimum
        (rows,), (rows,) and smallest standardised value of the training windows.
    """

    labels: tuple[str, ...]
    X: Array
    truth: NDArray[np.int64]
    valid: list[Array]
    valid_truth: NDArray[np.int64]
    mean: Array
    std: Array
    data_minimum: float


def gather(library: Sequence[Scattered], partition: str, windows: int) -> Material:
    """The parts of one partition.

    Raises
    ------
    InputError
        When a class is missing in train or valid.
    """
    labels = tuple(sorted({one.excerpt.label for one in library}))
    train, valid = (_part(library, partition, part, labels) for part in PARTS[:2])
    chosen = [one.windows[spread(len(one.windows), windows)] for one in train]
    of_labels = [np.concatenate([w for w, one in zip(chosen, train, strict=True) if one.excerpt.label == label])
                 for label in labels]
    # each class weighs the same, whatever there is of it
    mean = np.mean([own.mean(0) for own in of_labels], axis=0)
    std = np.sqrt(np.mean([np.square(own - mean).mean(0) for own in of_labels], axis=0)).clip(LEAST_STD)
    mean, std = (one.astype(np.float16).astype(np.float32) for one in (mean, std))
    X = half_exact((np.concatenate(chosen) - mean) / std)
    truth = np.repeat([labels.index(one.excerpt.label) for one in train], [len(w) for w in chosen])
    return Material(labels, X, truth, [(one.windows - mean) / std for one in valid],
                    np.array([labels.index(one.excerpt.label) for one in valid]), mean, std, float(X.min()))


def half_exact(x: Array) -> Array:
    """Rounded to values that half precision holds, so that support vectors are shipped as they were fitted."""
    return np.asarray(np.asarray(x, dtype=np.float16), dtype=np.float32)


def spread(there: int, wanted: int) -> NDArray[np.int64]:
    """Indices of at most `wanted` of so many windows, evenly spread."""
    return np.unique(np.linspace(0, there - 1, min(there, wanted)).round().astype(np.int64))


def _part(library: Sequence[Scattered], partition: str, part: str, labels: tuple[str, ...]) -> list[Scattered]:
    chosen = {excerpt.id for excerpt in in_part([one.excerpt for one in library], partition, part)}
    there = [one for one in library if one.excerpt.id in chosen]
    if missing := set(labels) - {one.excerpt.label for one in there}:
        raise InputError(f"data: expected every class in the {part} part of the partition {partition!r}, found nothing "
                         f"of {', '.join(sorted(missing))}; has each three files or more?")
    return there


def train(config: Config, material: Material, report: Report = silent) -> dict[str, Any]:
    """Fit with each setting, and keep the one that validates best; of equals the simpler, which is tried first.

    Returns
    -------
    dict
        tensors: those of the listener; tried: settings with their validation recall; best: the one kept.
    """
    fit: Callable[..., tuple[dict[str, Tensor], WindowClassifier]] = (
        fit_svm if config.kind == "scattering_svm" else fit_tree)
    settings = settings_of(config)
    tried: list[dict[str, float]] = []
    best: dict[str, Tensor] = {}
    for i, setting in enumerate(settings):
        report(Progress(i, len(settings), f"fitting {config.kind.rpartition('_')[2]} {i + 1} of {len(settings)}"))
        tensors, classifier = fit(material.X, material.truth, setting, config.seed)
        recall = valid_recall(classifier, material)
        if all(recall > other["valid_recall"] for other in tried):
            best = tensors
        tried.append({**setting, "valid_recall": recall})
    tensors = {**best, "mean": torch.from_numpy(material.mean), "std": torch.from_numpy(material.std),
               "data_minimum": torch.tensor(material.data_minimum)}
    return {"tensors": tensors, "tried": tried, "best": max(tried, key=lambda one: one["valid_recall"])}


def settings_of(config: Config) -> list[dict[str, float]]:
    """What is tried, simplest first."""
    if config.kind == "scattering_svm":
        return [{"C": c, "gamma_rows": g} for c in config.penalties for g in config.widths]
    return [{"depth": d, "leaf": share} for d in config.depths for share in sorted(config.leaves, reverse=True)]


def valid_recall(classifier: WindowClassifier, material: Material) -> float:
    """Mean recall over the validation excerpts, each decided by the vote of its windows."""
    classes, said = len(material.labels), []
    with torch.inference_mode():
        for windows in material.valid:
            votes = classifier.logits(torch.from_numpy(windows))
            counted = torch.bincount(votes.argmax(-1), minlength=classes) / len(votes)
            said.append(int((counted + 0.01 * torch.softmax(votes, -1).mean(0)).argmax()))
    return float(figures(material.valid_truth, np.array(said), material.labels)["mean_recall"])


def fit_svm(X: Array, truth: NDArray[np.int64], setting: dict[str, float],
            seed: int) -> tuple[dict[str, Tensor], Svm]:
    """A machine on standardised windows (windows, rows), with `C` and `gamma_rows`; its tensors, and itself."""
    machine = SVC(C=setting["C"], gamma=setting["gamma_rows"] / X.shape[1], kernel="rbf", class_weight="balanced",
                  cache_size=CACHE_MB, random_state=seed)
    svm = svm_of(machine.fit(X, truth))
    return {"support": svm.support, "counts": svm.counts, "dual": svm.dual, "intercept": svm.intercept,
            "gamma": svm.gamma}, svm


def fit_tree(X: Array, truth: NDArray[np.int64], setting: dict[str, float],
             seed: int) -> tuple[dict[str, Tensor], Tree]:
    """A tree on standardised windows (windows, rows), with `depth` and `leaf`; its tensors, and itself."""
    learner = DecisionTreeClassifier(max_depth=int(setting["depth"]), min_samples_leaf=float(setting["leaf"]),
                                     class_weight="balanced", random_state=seed)
    tree = tree_of(learner.fit(X, truth))
    return {"feature": tree.feature, "threshold": tree.threshold, "left": tree.left, "right": tree.right,
            "share": tree.share, "reached": tree.reached}, tree


def svm_of(machine: SVC) -> Svm:
    """The same machine as plain tensors; scikit-learn turns the sign of two classes, which is turned back."""
    sign = -1.0 if len(machine.classes_) == 2 else 1.0
    arrays = (machine.support_vectors_, machine.n_support_, sign * machine.dual_coef_, sign * machine.intercept_,
              np.asarray(machine._gamma))
    support, counts, dual, intercept, gamma = (torch.from_numpy(np.ascontiguousarray(one)) for one in arrays)
    return Svm(support.double(), counts.long(), dual.double(), intercept.double(), gamma.double())


def tree_of(learner: DecisionTreeClassifier) -> Tree:
    """The same tree as plain tensors; its thresholds lie between two float32 values, and are rounded down."""
    nodes = learner.tree_
    share = nodes.value[:, 0] / nodes.value[:, 0].sum(axis=1, keepdims=True)
    threshold = nodes.threshold.astype(np.float32)
    threshold = np.where(threshold > nodes.threshold, np.nextafter(threshold, np.float32(-np.inf)), threshold)
    feature = np.where(nodes.children_left < 0, -1, nodes.feature)
    return Tree(torch.from_numpy(feature).long(), torch.from_numpy(threshold.astype(np.float32)),
                torch.from_numpy(nodes.children_left.astype(np.int64)),
                torch.from_numpy(nodes.children_right.astype(np.int64)), torch.from_numpy(share).float(),
                torch.from_numpy(nodes.weighted_n_node_samples / nodes.weighted_n_node_samples[0]).float())
