"""Four ways to cluster points, one shape: points in, a label for each point at each k out.

However a clustering was found, customers are scored by the nearest centroid (the mean of a
cluster's points), because that is what SQL can do; `centroids` and `nearest` are that step.
"""

import warnings

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import cdist
from sklearn import config_context
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

ALGORITHMS = ("kmeans", "bisecting_kmeans", "gaussian_mixture", "ward")
TREES = ("bisecting_kmeans", "ward")  # one run gives every k


def fit_labels(
    algorithm: str, z: np.ndarray, ks, n_init: int, seed: int
) -> dict[int, tuple[np.ndarray, float]]:
    """{k: (labels (n,) of 0..k-1, BIC or NaN)}, without those k that z has too few points for.

    z (n, 3). n_init is the number of starts of k-means (never 1: a local optimum would look like
    an unstable k).
    """
    distinct = len(np.unique(z[:, -1]))
    if distinct < max(ks):  # rows take ten times as long as one axis
        distinct = len(np.unique(z, axis=0))
    ks = [k for k in ks if k <= distinct]
    if not ks:
        return {}
    with (
        warnings.catch_warnings(),
        config_context(assume_finite=True, skip_parameter_validation=True),
    ):
        warnings.simplefilter("ignore", ConvergenceWarning)
        return FITS[algorithm](z, ks, n_init, seed)


def kmeans(z, ks, n_init, seed):
    return {k: (kmeans_labels(z, k, n_init, seed), np.nan) for k in ks}


def kmeans_labels(z, k, n_init, seed):
    return KMeans(k, n_init=n_init, random_state=seed).fit(z).labels_


def bisecting_kmeans(z, ks, n_init, seed):
    """One run to the largest k, splitting the cluster with the largest inertia each time."""
    labels = np.zeros(len(z), dtype=np.intp)
    inertia = [np.inf]
    found = {}
    for k in range(2, max(ks) + 1):
        split = np.flatnonzero(labels == int(np.argmax(inertia)))
        halves = kmeans_labels(z[split], 2, n_init, seed)
        parent = labels[split[0]]
        labels[split[halves == 1]] = k - 1
        inertia.append(0.0)
        for cluster in (parent, k - 1):
            points = z[labels == cluster]
            inertia[cluster] = float(((points - points.mean(axis=0)) ** 2).sum())
        found[k] = (labels.copy(), np.nan)
    return {k: found[k] for k in ks}


def gaussian_mixture(z, ks, n_init, seed):
    """Full covariances; short runs, since only the nearest centroid is kept in the end."""
    return {k: mixture(z, k, seed) for k in ks}


def mixture(z: np.ndarray, k: int, seed: int) -> tuple[np.ndarray, float]:
    """Labels (n,) and BIC of k Gaussians, by EM from one run of k-means (JRSS B 39, 1977).

    scikit-learn's GaussianMixture(k, tol=1e-2, max_iter=50) step for step, all components at once
    and so in a third of its time.
    """
    points = np.ascontiguousarray(z.T)
    members = (kmeans_labels(z, k, 1, seed) == np.arange(k)[:, None]).astype(float)
    before = -np.inf
    for _ in range(50):
        mix = gaussians(points, members)
        members, likelihood = memberships(*mix)
        if abs(likelihood - before) < 1e-2:
            break
        before = likelihood
    members, likelihood = memberships(*gaussians(points, members))
    axes, n = points.shape
    parameters = k * (1 + axes + axes * (axes + 1) / 2) - 1
    return members.argmax(axis=0), parameters * np.log(n) - 2 * n * likelihood


def gaussians(points: np.ndarray, members: np.ndarray):
    """points (d, n) less each mean (k, d, n), covariances (k, d, d) and weights (k,)."""
    size = members.sum(axis=1) + 10 * np.finfo(float).eps
    away = points - (members @ points.T / size[:, None])[:, :, None]
    covariances = (away * members[:, None]) @ away.transpose(0, 2, 1) / size[:, None, None]
    return away, covariances + 1e-6 * np.eye(len(points)), size / size.sum()


def memberships(away: np.ndarray, covariances: np.ndarray, weights: np.ndarray):
    """Chance of each component for each point (k, n), and the mean log-likelihood."""
    root = np.linalg.cholesky(covariances)
    log_scale = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    log_scale += root.shape[1] / 2 * np.log(2 * np.pi)
    density = ((np.linalg.inv(root) @ away) ** 2).sum(axis=1) / -2
    density += (np.log(weights) - log_scale)[:, None]
    most = density.max(axis=0)
    members = np.exp(density - most)
    total = members.sum(axis=0)
    return members / total, float((most + np.log(total)).mean())


def ward(z, ks, n_init, seed):
    """One tree, cut at every k (Ward, JASA 58, 1963).

    Undoing the last merges gives the cut at the largest k; redoing them, one by one, the others.
    scipy's cut_tree does the same in three times the time of the tree itself.
    """
    n, most = len(z), max(ks)
    children = linkage(z, "ward")[:, :2].astype(np.intp)
    owner = np.arange(2 * n - 1)
    for merge in reversed(range(n - most)):
        owner[children[merge]] = owner[n + merge]
    labels = owner[:n]
    cuts = {most: labels}
    for k in range(most - 1, 1, -1):
        merge = n - k - 1
        labels = np.where(np.isin(labels, children[merge]), n + merge, labels)
        cuts[k] = labels
    return {k: (np.unique(cuts[k], return_inverse=True)[1], np.nan) for k in ks}


FITS = {
    "kmeans": kmeans,
    "bisecting_kmeans": bisecting_kmeans,
    "gaussian_mixture": gaussian_mixture,
    "ward": ward,
}


def centroids(z: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(clusters, d) means of the clusters that have points, in the order of their labels."""
    size = np.bincount(labels)
    sums = np.column_stack([np.bincount(labels, weights=column) for column in z.T])
    return sums[size > 0] / size[size > 0, None]


def distances(z: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """(n, clusters) Euclidean distances."""
    return cdist(z, centres)


def nearest(z: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """(n,) position of the nearest centroid, the first of equals."""
    return cdist(z, centres, "sqeuclidean").argmin(axis=1)


def agreement(one: np.ndarray, other: np.ndarray) -> float:
    """Adjusted Rand index of two labellings (Hubert & Arabie, 1985): 1 equal, about 0 by chance."""
    width = int(other.max()) + 1
    table = np.bincount(one * width + other, minlength=(int(one.max()) + 1) * width)
    table = table.reshape(-1, width).astype(float)

    def pairs(counts):
        return float((counts * (counts - 1)).sum() / 2)

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    expected = rows * columns / max(pairs(np.array([len(one)])), 1)
    most = (rows + columns) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)
