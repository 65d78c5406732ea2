"""The algorithms that are tried, and the nearest-centroid clusterer that makes them comparable.

However a clustering was found, customers are scored by the nearest centroid (the mean of a
cluster's points), because that is what SQL can do. An algorithm is a scikit-learn clusterer with a
parameter n_clusters, registered in ALGORITHMS; one that finds every number of clusters in one run
is a Tree. Where they have parameters n_init and random_state, these are set from outside.
"""

import warnings
from collections.abc import Iterable
from typing import NamedTuple, Self

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import cdist
from sklearn import config_context
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin, clone
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted, validate_data


class Tree(ClusterMixin, BaseEstimator):
    """A clusterer whose one run gives every smaller number of clusters as well.

    Attributes
    ----------
    cuts_ : dict of int to ndarray of shape (n,)
        Labels of 0..k-1 at each k of 2..n_clusters.
    labels_ : ndarray of shape (n,)
        Those at n_clusters.
    """

    cuts_: dict[int, np.ndarray]

    def __init__(self, n_clusters: int = 8):
        self.n_clusters = n_clusters


class BisectingKMeans(Tree):
    """k-means in two, over and over, each time of the cluster with the largest inertia.

    scikit-learn's class of this name grows a tree for each n_clusters anew and does not tell the
    cuts on the way: nine runs for nine numbers of clusters, where this takes one.

    Parameters
    ----------
    n_clusters : int
    n_init : int
        Starts of each k-means.
    random_state : int
    """

    def __init__(self, n_clusters: int = 8, n_init: int = 5, random_state: int = 0):
        super().__init__(n_clusters)
        self.n_init = n_init
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: None = None) -> Self:
        """Cluster X (n, d)."""
        X = validate_data(self, X, dtype=float, ensure_min_samples=self.n_clusters)
        labels = np.zeros(len(X), dtype=np.intp)
        inertia = [np.inf]
        self.cuts_ = {}
        for k in range(2, self.n_clusters + 1):
            split = np.flatnonzero(labels == int(np.argmax(inertia)))
            halves = KMeans(2, n_init=self.n_init, random_state=self.random_state).fit(X[split])
            parent = labels[split[0]]
            labels[split[halves.labels_ == 1]] = k - 1
            inertia.append(0.0)
            for cluster in (parent, k - 1):
                points = X[labels == cluster]
                inertia[cluster] = float(((points - points.mean(axis=0)) ** 2).sum())
            self.cuts_[k] = labels.copy()
        self.labels_ = labels
        return self


class Ward(Tree):
    """One tree of all points, cut at every k (Ward, JASA 58, 1963).

    scikit-learn's AgglomerativeClustering grows the same tree, once for each n_clusters.

    Parameters
    ----------
    n_clusters : int
    """

    def fit(self, X: np.ndarray, y: None = None) -> Self:
        """Cluster X (n, d); needs memory for n * n / 2 distances."""
        X = validate_data(self, X, dtype=float, ensure_min_samples=max(2, self.n_clusters))
        tree = linkage(X, "ward")
        ks = range(2, self.n_clusters + 1)
        self.cuts_ = {k: fcluster(tree, k, "maxclust").astype(np.intp) - 1 for k in ks}
        self.labels_ = self.cuts_.get(self.n_clusters, np.zeros(len(X), dtype=np.intp))
        return self


class GaussianMixtureClusterer(ClusterMixin, BaseEstimator):
    """k Gaussians with full covariances by EM from one run of k-means (JRSS B 39, 1977).

    scikit-learn's GaussianMixture(k, tol=1e-2, max_iter=50) step for step, with equal labels, but
    all components at once and so in a third of its time. Short runs, since only the nearest
    centroid is kept in the end.

    Parameters
    ----------
    n_clusters : int
    random_state : int

    Attributes
    ----------
    labels_ : ndarray of shape (n,)
        The likeliest component of each point, 0..n_clusters-1.
    bic_ : float
        Bayesian information criterion; lower is better.
    """

    def __init__(self, n_clusters: int = 8, random_state: int = 0):
        self.n_clusters = n_clusters
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: None = None) -> Self:
        """Cluster X (n, d)."""
        X = validate_data(self, X, dtype=float, ensure_min_samples=max(2, self.n_clusters))
        k = self.n_clusters
        points = np.ascontiguousarray(X.T)
        start = KMeans(k, n_init=1, random_state=self.random_state).fit(X)
        members = (start.labels_ == np.arange(k)[:, None]).astype(float)
        before = -np.inf
        for _ in range(50):
            members, likelihood = _memberships(*_gaussians(points, members))
            if abs(likelihood - before) < 1e-2:
                break
            before = likelihood
        members, likelihood = _memberships(*_gaussians(points, members))
        axes, n = points.shape
        parameters = k * (1 + axes + axes * (axes + 1) / 2) - 1
        self.labels_ = members.argmax(axis=0)
        self.bic_ = float(parameters * np.log(n) - 2 * n * likelihood)
        return self


def _gaussians(
    points: np.ndarray, members: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """points (d, n) less each mean (k, d, n), covariances (k, d, d) and weights (k,)."""
    size = members.sum(axis=1) + 10 * np.finfo(float).eps
    away = points - (members @ points.T / size[:, None])[:, :, None]
    covariances = (away * members[:, None]) @ away.transpose(0, 2, 1) / size[:, None, None]
    return away, covariances + 1e-6 * np.eye(len(points)), size / size.sum()


def _memberships(
    away: np.ndarray, covariances: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, float]:
    """Chance of each component for each point (k, n), and the mean log-likelihood.

    scipy's softmax and logsumexp would take each exponential twice.
    """
    root = np.linalg.cholesky(covariances)
    log_scale = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    log_scale += root.shape[1] / 2 * np.log(2 * np.pi)
    density = ((np.linalg.inv(root) @ away) ** 2).sum(axis=1) / -2
    density += (np.log(weights) - log_scale)[:, None]
    most = density.max(axis=0)
    members = np.exp(density - most)
    total = members.sum(axis=0)
    return members / total, float((most + np.log(total)).mean())


class Algorithm(NamedTuple):
    """An algorithm that is tried: a clusterer, and the customers it can fit at most."""

    clusterer: BaseEstimator
    max_rows: int = 50_000


# The names are those of column `algorithm`. What names them elsewhere follows: CONTRIBUTING.
ALGORITHMS = {
    "kmeans": Algorithm(KMeans()),
    "bisecting_kmeans": Algorithm(BisectingKMeans()),
    "gaussian_mixture": Algorithm(GaussianMixtureClusterer()),
    "ward": Algorithm(Ward(), max_rows=10_000),  # it needs the square of it
}


class NearestCentroidClusterer(TransformerMixin, ClusterMixin, BaseEstimator):
    """Any clusterer, but its points and all others belong to the nearest of its centroids.

    Parameters
    ----------
    clusterer : estimator, default KMeans()
        It finds the clusters whose means are the centroids; it has a parameter n_clusters.
    n_clusters : int
    n_init, random_state : int
        Passed on where the clusterer has such a parameter.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (clusters, d)
        Means of the clusters found, in the order of their labels; fewer than n_clusters where X has
        too few different points.
    labels_ : ndarray of shape (n,)
        Nearest centroid of each point of X.
    bic_ : float
        The clusterer's own, NaN where it has none.
    """

    def __init__(
        self,
        clusterer: BaseEstimator | None = None,
        n_clusters: int = 8,
        n_init: int = 5,
        random_state: int = 0,
    ):
        self.clusterer = clusterer
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: None = None) -> Self:
        """Find the centroids of X (n, d)."""
        X = validate_data(self, X, dtype=float)
        found = self._new_clusterer(self.n_clusters).fit(X)
        return self._keep(X, found.labels_, getattr(found, "bic_", np.nan))

    def fit_each(self, X: np.ndarray, ks: Iterable[int]) -> "dict[int, NearestCentroidClusterer]":
        """A fitted clusterer for each number of clusters; a Tree finds them all in one run.

        Parameters
        ----------
        X : ndarray of shape (n, d)
        ks : iterable of int
            Numbers of clusters.

        Returns
        -------
        dict of int to NearestCentroidClusterer
            Without those k that X has too few different points for.
        """
        ks = [k for k in ks if k <= _distinct(X, max(ks, default=0))]
        if not ks:
            return {}
        each = {k: clone(self).set_params(n_clusters=k) for k in ks}
        with (
            warnings.catch_warnings(),
            config_context(assume_finite=True, skip_parameter_validation=True),
        ):
            warnings.simplefilter("ignore", ConvergenceWarning)
            tree = self._new_clusterer(max(ks))
            if not isinstance(tree, Tree):
                return {k: each[k].fit(X) for k in ks}
            cuts = tree.fit(X).cuts_
            return {k: each[k]._keep(X, cuts[k], np.nan) for k in ks}

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Position (n,) of the nearest centroid of each point of X (n, d), the first of equals."""
        check_is_fitted(self)
        return nearest(validate_data(self, X, dtype=float, reset=False), self.cluster_centers_)

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Euclidean distances (n, clusters) of the points of X (n, d) to the centroids."""
        check_is_fitted(self)
        return distances(validate_data(self, X, dtype=float, reset=False), self.cluster_centers_)

    @property
    def _n_features_out(self) -> int:
        return len(self.cluster_centers_)

    def _new_clusterer(self, n_clusters: int) -> BaseEstimator:
        clusterer = KMeans() if self.clusterer is None else clone(self.clusterer)
        wanted = {
            "n_clusters": n_clusters,
            "n_init": self.n_init,
            "random_state": self.random_state,
        }
        has = clusterer.get_params(deep=False)
        return clusterer.set_params(**{name: wanted[name] for name in wanted if name in has})

    def _keep(self, X: np.ndarray, labels: np.ndarray, bic: float) -> Self:
        self.n_features_in_ = X.shape[1]
        self.cluster_centers_ = centroids(X, labels)
        self.labels_ = nearest(X, self.cluster_centers_)
        self.bic_ = bic
        return self


def _distinct(X: np.ndarray, enough: int) -> int:
    """Number of different points; where one axis alone has enough, the number of its values."""
    found = len(np.unique(X[:, -1]))
    return found if found >= enough else len(np.unique(X, axis=0))  # rows take ten times as long


def centroids(X: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Means (clusters, d) of the clusters that have points, in the order of their labels.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    labels : ndarray of shape (n,)
        0, 1, 2, ...
    """
    size = np.bincount(labels)
    sums = np.column_stack([np.bincount(labels, weights=column) for column in X.T])
    return sums[size > 0] / size[size > 0, None]


def distances(X: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Euclidean distances (n, clusters) of points (n, d) to centres (clusters, d)."""
    return cdist(X, centres)


def nearest(X: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Position (n,) of the nearest of centres (clusters, d), the first of equals."""
    return cdist(X, centres, "sqeuclidean").argmin(axis=1)


def adjusted_rand_index(one: np.ndarray, other: np.ndarray) -> float:
    """How far two labellings agree (Hubert & Arabie 1985).

    scikit-learn's adjusted_rand_score in a tenth of its time, and choosing takes thousands.

    Parameters
    ----------
    one, other : ndarray of shape (n,)
        0, 1, 2, ...

    Returns
    -------
    float
        1 equal, about 0 by chance, down to -.5.
    """
    width = int(other.max()) + 1
    table = np.bincount(one * width + other, minlength=(int(one.max()) + 1) * width)
    table = table.reshape(-1, width).astype(float)

    def pairs(counts: np.ndarray) -> float:
        return float((counts * (counts - 1)).sum() / 2)

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    expected = rows * columns / max(pairs(np.array([len(one)])), 1)
    most = (rows + columns) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)
