"""Gaussians that are known, not fitted."""

import numpy as np

from engine.explain.fid import Gaussian


def gaussian(mean, covariance):
    """The Gaussian of a mean (neurons,) and a covariance (neurons, neurons) that need not have full rank."""
    variances, directions = np.linalg.eigh(covariance)
    return Gaussian(mean, np.sqrt(np.maximum(variances, 0))[:, None] * directions.T)
