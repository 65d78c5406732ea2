"""What scikit-learn asks of an estimator holds for ours, and any of its clusterers can be tried."""

import pytest
from gift_shop.clustering import segments
from gift_shop.clustering.algorithms import ALGORITHMS, Algorithm, NearestCentroidClusterer
from gift_shop.clustering.rfm_space import TRANSFORMS, RFMTransformer
from gift_shop.clustering.selection import Choice
from sklearn.base import clone
from sklearn.cluster import AgglomerativeClustering
from sklearn.utils.estimator_checks import parametrize_with_checks
from test_clusters import ARCHETYPES, as_of, cutoffs, evaluate, three_blobs
from threadpoolctl import threadpool_limits

OURS = [a.clusterer for a in ALGORITHMS.values() if type(a.clusterer).__module__.startswith("gift")]


def quick(clusterer):
    """Three clusters from one start: the checks fit hundreds of times."""
    wanted = {"n_clusters": 3, "n_init": 1}
    has = clusterer.get_params()
    return clone(clusterer).set_params(**{name: wanted[name] for name in wanted if name in has})


@parametrize_with_checks(
    [RFMTransformer(method) for method in TRANSFORMS]
    + [quick(NearestCentroidClusterer()), quick(NearestCentroidClusterer(OURS[0]))]
    + [quick(clusterer) for clusterer in OURS]
)
def test_scikit_learns_own_checks(estimator, check):
    with threadpool_limits(1):
        check(estimator)


def test_parameters_are_passed_on_to_the_clusterer():
    clusterer = NearestCentroidClusterer(ALGORITHMS["kmeans"].clusterer, n_init=3)
    assert clusterer.get_params()["clusterer__algorithm"] == "lloyd"
    with pytest.raises(ValueError, match="Invalid parameter 'linkage'"):
        clusterer.set_params(clusterer__linkage="average")


def test_a_clusterer_of_scikit_learn_is_tried_once_it_is_registered(monkeypatch):
    average = Algorithm(AgglomerativeClustering(linkage="average"), max_rows=10_000)
    monkeypatch.setitem(ALGORITHMS, "average_linkage", average)
    for name in set(ALGORITHMS) - {"average_linkage"}:
        monkeypatch.delitem(ALGORITHMS, name)
    shop = three_blobs()
    found = evaluate(*shop, cutoffs())
    assert found.choice == Choice(found.choice.transform, "average_linkage", 3)
    model, reason = segments.fit_segments(as_of(shop[0]), found.choice, ARCHETYPES)
    assert (len(model.centres), reason) == (3, "")
