"""Four ways to cluster points, one shape: points in, a label for each point at each k out.

However a clustering was found, customers are scored by the nearest centroid (the mean of a
cluster's points), because that is what SQL can do; `centroids` and `nearest` are that step.
"""

import warnings

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

ALGORITHMS = ("kmeans", "bisecting_kmeans", "gaussian_mixture", "ward")


def fit_labels(
    algorithm: str, z: np.ndarray, ks, n_init: int, seed: int
) -> dict[int, tuple[np.ndarray, float]]:
    """{k: (labels (n,) of 0..k-1, BIC or NaN)}, without those k that z has too few points for.

    z (n, 3). n_init is the number of starts of k-means (never 1: a local optimum would look like
    an unstable k).
    """
    distinct = len(np.unique(z, axis=0))
    ks = [k for k in ks if k <= distinct]
    if not ks:
        return {}
    with warnings.catch_warnings():
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
    found = {}
    for k in ks:
        model = GaussianMixture(k, n_init=1, tol=1e-2, max_iter=50, random_state=seed)
        found[k] = (model.fit_predict(z), model)
    return {k: (labels, model.bic(z)) for k, (labels, model) in found.items()}


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
    labels = np.unique(labels, return_inverse=True)[1]
    sums = [np.bincount(labels, weights=column) for column in z.T]
    return np.column_stack(sums) / np.bincount(labels)[:, None]


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
