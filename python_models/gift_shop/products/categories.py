"""Product categories: what the seed's words do not name, a model names, with a probability.

The words (SQL, int_product_category_words) label most products. The rest are named from the words
they share with labelled products and from what they are bought with: TF-IDF of the description,
beside the mean TF-IDF of the products in the same baskets -> one-against-the-rest ridge scores ->
a logistic (softmax) probability whose one slope is fitted on held-out phrases.

Why ridge and not logistic regression on the text itself: leaving one phrase out at a time takes a
fit for each of two hundred phrases. Ridge has the exact answer in closed form from one inverse
(about a second); the logistic regression needs eight minutes and is no better (DECISIONS).

Everything here works on small frames, one row a product; nothing reads a clock or a file.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike
from scipy.linalg import lapack
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, diags, hstack
from scipy.special import softmax
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_mutual_info_score
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from gift_shop.forecasting.predictions import COLUMNS
from gift_shop.forecasting.protocol import Candidate, candidates_frame
from gift_shop.rounding import SEARCHED, figures, rounded, settled
from gift_shop.tables import NUMBER, TEXT, stacked

OTHER = "other"
SEED = "product_category_words"
RIDGE = 4.0  # penalty; 1, 2, 4, 8 tried on the held-out phrases, flat between 2 and 8
MAX_TRAINING = 4000  # labelled products that train, largest revenue first: bounds time and memory
MIN_LABELLED = 20
CLUSTERS = (10, 11, 12, 13, 14)

MODEL = "product_categories"
CANDIDATES = (
    Candidate(MODEL, "words_alone", "reference", is_baseline=True),
    Candidate(MODEL, "words_then_model", "contender", is_trained=True),
    Candidate(MODEL, "text_and_baskets", "comparison", is_trained=True),
    Candidate(MODEL, "text", "comparison", is_trained=True),
    *(Candidate(MODEL, f"text_kmeans_{k}", "comparison", is_trained=True) for k in CLUSTERS),
    *(Candidate(MODEL, f"smoothed_kmeans_{k}", "comparison", is_trained=True) for k in CLUSTERS),
    *(Candidate(MODEL, f"price_bands_{k}", "comparison", is_baseline=True) for k in CLUSTERS),
)

CATEGORY_COLUMNS = [
    "stock_code",
    "category_key",
    "category_source",
    "category_confidence",
    "model_category_key",
    "model_confidence",
    "note",
]
HELD_OUT_COLUMNS = [
    "candidate",
    "phrase",
    "stock_code",
    "actual",
    "predicted",
    "probability",
    "rank_of_actual",
    "probability_of_actual",
]
CLUSTER_COLUMNS = ["candidate", "k", "ami", "n"]


def without_phrase(text: str, phrase: str) -> str:
    """A text with every whole-word occurrence of a phrase, or of its plural, cut.

    Parameters
    ----------
    text : str
        Words with blanks between them.
    phrase : str
        One word or several.

    Returns
    -------
    str
        The words left, '' where there are none.
    """
    return re.sub(rf"(?<!\S){re.escape(phrase)}(?:e?s)?(?!\S)", " ", text).strip()


@dataclass
class _Features:
    """The products as numbers, sorted by stock code. Rows of all matrices are products."""

    products: pd.DataFrame  # stock_code, category_key, phrase, revenue, plain_text
    text: csr_matrix  # TF-IDF, rows of unit length
    masked: csr_matrix  # the same without the phrase that won the product
    baskets: csr_matrix  # weights of the products bought together, rows sum to 1 (or 0)
    use_baskets: bool = True

    def rows(self, index: np.ndarray) -> csr_matrix:
        """Model input of some products."""
        return self._joined(self.text[index], self.baskets[index] @ self.text)

    def masked_rows(self, index: np.ndarray) -> csr_matrix:
        """Model input of some labelled products, whose phrase is cut from every text they see."""
        phrase = pd.factorize(self.products["phrase"])[0]
        baskets = self.baskets[index].tocoo()
        same = phrase[index][baskets.row] == phrase[baskets.col]
        shared = csr_matrix(
            (baskets.data[same], (baskets.row[same], baskets.col[same])), shape=baskets.shape
        )
        around = self.baskets[index] @ self.text + shared @ (self.masked - self.text)
        return self._joined(self.masked[index], around)

    def _joined(self, text: csr_matrix, around: csr_matrix) -> csr_matrix:
        return hstack([text, normalize(around)]).tocsr() if self.use_baskets else text.tocsr()


def _sorted(products: pd.DataFrame) -> pd.DataFrame:
    """A clean copy sorted by stock code, missing labels as None."""
    frame = products.sort_values("stock_code").reset_index(drop=True).copy()
    for column in ("category_key", "phrase", "runner_up_category_key"):
        if column not in frame:
            frame[column] = None
        values = [v if isinstance(v, str) and v else None for v in frame[column]]
        frame[column] = pd.Series(values, index=frame.index, dtype=object)  # None stays None
    frame["revenue"] = frame["revenue"].astype(float)
    return frame


def _neighbours(codes: pd.Series, pairs: pd.DataFrame | None) -> csr_matrix:
    """Sparse (products x products) weights by cosine, each row adding up to 1 (or 0)."""
    shape = (len(codes), len(codes))
    if pairs is None or not len(pairs):
        return csr_matrix(shape)
    position = pd.Index(codes)
    row, column = (position.get_indexer(pairs[name]) for name in ("stock_code_a", "stock_code_b"))
    known = (row >= 0) & (column >= 0)
    cosine = pairs["cosine"].to_numpy(float)[known]
    weights = csr_matrix((cosine, (row[known], column[known])), shape=shape)
    weights.sort_indices()
    return normalize(weights, norm="l1")


def _features(frame: pd.DataFrame, pairs: pd.DataFrame | None) -> _Features | None:
    """TF-IDF of the texts (1-2 grams, in two products at least) and the baskets; None if empty."""
    vectorizer = TfidfVectorizer(
        ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=r"(?u)\b\w\w+\b"
    )
    try:
        text = vectorizer.fit_transform(frame["plain_text"]).tocsr()
    except ValueError:  # no word stands in two products
        return None
    masked = vectorizer.transform(
        [
            without_phrase(t, p) if p else t
            for t, p in zip(frame["plain_text"], frame["phrase"], strict=True)
        ]
    ).tocsr()
    return _Features(frame, text, masked, _neighbours(frame["stock_code"], pairs))


def _too_little_to_train_on(frame: pd.DataFrame) -> str:
    """Why no model can be fitted, in words; '' where one can."""
    labelled = frame[frame["phrase"].notna()]
    if not len(labelled):
        return f"no product matches a phrase of seed {SEED}: nothing to train on"
    if len(labelled) < MIN_LABELLED:
        return f"only {len(labelled)} products match seed {SEED}, {MIN_LABELLED} are needed"
    if labelled["category_key"].nunique() < 2:
        return f"the products that match seed {SEED} are all of one category"
    if labelled["phrase"].nunique() < 2:
        return f"the products that match seed {SEED} all match one phrase"
    return ""


def _inverse(gram: np.ndarray) -> np.ndarray:
    """Inverse of a symmetric positive definite matrix, by Cholesky; overwrites it.

    gram: in columns, as LAPACK has it, else it is copied.
    """
    factor, failed = lapack.dpotrf(gram, overwrite_a=1)  # upper half; the lower is zeros
    if failed:
        raise np.linalg.LinAlgError("the kernel of the product texts is not positive definite")
    upper, _ = lapack.dpotri(factor, overwrite_c=1)
    diagonal = upper.diagonal().copy()
    inverse = upper + upper.T
    inverse[np.diag_indices(len(inverse))] = diagonal
    return inverse


class _Ridge:
    """One-against-the-rest ridge on the labelled products, in its dual form.

    With G the inverse of (kernel + RIDGE I) and a = G y, the fit without the rows g is exactly
    a - G[:, g] G[g, g]^-1 a[g] (block inverse): so one inverse serves every phrase left out.
    """

    def __init__(self, features: _Features):
        self.features = features
        frame = features.products
        order = frame[frame["phrase"].notna()].sort_values(
            ["revenue", "stock_code"], ascending=[False, True]
        )
        self.train = np.sort(order.index[:MAX_TRAINING].to_numpy())
        self.rows = features.rows(self.train)
        self.rows.sort_indices()  # sums in one order: the kernel is symmetric to the last bit
        self.columns = self.rows.T.tocsr()
        self.classes = np.array(sorted(frame.loc[self.train, "category_key"].unique()))
        labels = frame.loc[self.train, "category_key"].to_numpy()[:, None] == self.classes
        self.prior = labels.mean(axis=0)
        gram = (self.rows @ self.columns).toarray()
        gram[np.diag_indices(len(gram))] += RIDGE
        self.inverse = _inverse(gram.T)
        self.dual = self.inverse @ (labels - self.prior)

    def scores(self, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Scores (products x classes) by the fit on all labelled products, and who is unknown."""
        rows = self.features.rows(index)
        unknown = rows.getnnz(axis=1) == 0
        return (rows @ (self.columns @ self.dual)) + self.prior, unknown

    def held_out(self, group: np.ndarray, rows: csr_matrix) -> np.ndarray:
        """Scores of the products of one phrase, by labels of the others; rows: without the phrase."""
        mine = np.flatnonzero(np.isin(self.train, group, assume_unique=True))
        dual = self.dual.copy()
        if len(mine):
            step = np.linalg.solve(self.inverse[np.ix_(mine, mine)], self.dual[mine])
            dual -= self.inverse[:, mine] @ step
            dual[mine] = 0.0
        return np.asarray((rows @ self.columns) @ dual) + self.prior


def _slope(scores: np.ndarray, actual: np.ndarray) -> float:
    """Slope of the logistic link: the one with the least log-loss on held-out scores."""
    at = np.arange(len(actual))

    def loss(slope: float) -> float:
        return -np.log(np.clip(softmax(slope * scores, axis=1)[at, actual], 1e-12, 1)).mean()

    best = minimize_scalar(loss, bounds=(0.1, 50.0), method="bounded")
    return float(rounded(best.x, SEARCHED))


@dataclass
class _Fit:
    """A fitted model and its held-out scores: what fit_categories and the test both need."""

    model: _Ridge
    labelled: np.ndarray  # rows of the products a phrase matched
    scores: np.ndarray  # their held-out scores
    unknown: np.ndarray  # nothing left to go by
    slope: float

    @property
    def probabilities(self) -> np.ndarray:
        return figures(softmax(self.slope * self.scores, axis=1))


def _fit(features: _Features) -> _Fit:
    frame = features.products
    model = _Ridge(features)
    labelled = np.flatnonzero(frame["phrase"].notna())
    by_phrase = frame.loc[labelled].groupby("phrase", sort=True).groups.values()  # labels: rows
    groups = [np.sort(rows.to_numpy()) for rows in by_phrase]
    grouped, ends = np.concatenate(groups), np.cumsum([len(group) for group in groups])
    rows = features.masked_rows(grouped)
    scores = np.zeros((len(frame), len(model.classes)))
    unknown = np.zeros(len(frame), dtype=bool)
    unknown[grouped] = rows.getnnz(axis=1) == 0
    for group, end in zip(groups, ends, strict=True):
        scores[group] = model.held_out(group, rows[end - len(group) : end])
    actual = frame.loc[labelled, "category_key"].to_numpy()
    seen = np.isin(actual, model.classes)
    slope = _slope(scores[labelled][seen], np.searchsorted(model.classes, actual[seen]))
    return _Fit(model, labelled, scores[labelled], unknown[labelled], slope)


def _named(
    probabilities: np.ndarray, unknown: np.ndarray, classes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Best class and its probability; OTHER and 0 where there was nothing to go by."""
    best = probabilities.argmax(axis=1)
    names = np.where(unknown, OTHER, classes[best])
    sure = np.where(unknown, 0.0, probabilities[np.arange(len(best)), best])
    return names, sure


def fit_categories(
    products: pd.DataFrame, pairs: pd.DataFrame | None, fit: _Fit | str | None = None
) -> pd.DataFrame:
    """Category of every product, and what the model names each.

    Parameters
    ----------
    products : DataFrame
        One row a product (int_product_category_words): stock_code, plain_text (its words, empty
        where the description is not usable), category_key, phrase (both None where no phrase
        matched), revenue (the file's currency).
    pairs : DataFrame or None
        stock_code_a, stock_code_b, cosine (int_product_copurchases); may be empty.
    fit : optional
        What fit_model returned, where it has been called.

    Returns
    -------
    DataFrame
        One row a product, by stock_code: category_key, category_source ('words', 'model' or
        'none'), category_confidence (1 for words: a rule, not an estimate; the model's probability;
        0 for none), model_category_key and model_confidence (of a product the words name: by the
        model fitted without its phrase, so that the two can disagree), note (why a product is
        `other`).
    """
    frame = _sorted(products)
    out = frame[["stock_code"]].copy()
    by_words = frame["category_key"].notna().to_numpy()
    out["category_key"] = np.where(by_words, frame["category_key"], OTHER)
    out["category_source"] = np.where(by_words, "words", "none")
    out["category_confidence"] = by_words.astype(float)
    out["model_category_key"], out["model_confidence"], out["note"] = None, np.nan, ""
    unusable = (frame["plain_text"] == "").to_numpy()
    out.loc[unusable & ~by_words, "note"] = "no usable description"

    fit = fit if fit is not None else fit_model(products, pairs)
    if isinstance(fit, str):
        out.loc[~by_words & ~unusable, "note"] = fit
        return out[CATEGORY_COLUMNS]

    classes = fit.model.classes
    names, sure = _named(fit.probabilities, fit.unknown, classes)
    out.loc[fit.labelled, "model_category_key"] = names
    out.loc[fit.labelled, "model_confidence"] = sure

    rest = np.flatnonzero(~by_words & ~unusable)
    if len(rest):
        scores, unknown = fit.model.scores(rest)
        names, sure = _named(figures(softmax(fit.slope * scores, axis=1)), unknown, classes)
        out.loc[rest, "model_category_key"] = out.loc[rest, "category_key"] = names
        out.loc[rest, "model_confidence"] = out.loc[rest, "category_confidence"] = sure
        out.loc[rest, "category_source"] = np.where(unknown, "none", "model")
        out.loc[rest, "note"] = np.where(unknown, "shares no word with another product", "")
    return out[CATEGORY_COLUMNS]


def fit_model(
    products: pd.DataFrame, pairs: pd.DataFrame | None, use_baskets: bool = True
) -> _Fit | str:
    """The fit that fit_categories and leave_one_phrase_out share.

    Parameters
    ----------
    products, pairs : DataFrame
        As in fit_categories.
    use_baskets : bool
        Whether the products bought together count beside the text.

    Returns
    -------
    _Fit or str
        A text where no model can be fitted, saying why not.

    Raises
    ------
    LinAlgError
        Where the kernel of the texts is not positive definite.
    """
    frame = _sorted(products)
    return _fit_or_reason(frame, _features(frame, pairs), use_baskets)


def _fit_or_reason(
    frame: pd.DataFrame, features: _Features | None, use_baskets: bool
) -> _Fit | str:
    reason = _too_little_to_train_on(frame)
    if reason:
        return reason
    if features is None:
        return "no word stands in two products: nothing to train on"
    return _fit(replace(features, use_baskets=use_baskets))


def leave_one_phrase_out(products: pd.DataFrame, fits: Mapping[str, _Fit | str]) -> pd.DataFrame:
    """Held-out predictions: each phrase is taken away, and its products are named without it.

    Cross-validation over products would read the label off the text: the phrase IS the label.

    Parameters
    ----------
    products : DataFrame
        As in fit_categories, with runner_up_category_key (what the words would name it without the
        winning phrase: None where no other phrase matches).
    fits : mapping
        Of candidates to what fit_model returned; 'words_then_model' is made of the first.

    Returns
    -------
    DataFrame
        One row a candidate and labelled product: candidate ('words_alone', 'words_then_model' and
        those of fits), phrase, stock_code, actual, predicted, probability (of the predicted),
        rank_of_actual (categories + 1 where the candidate does not rank it), probability_of_actual.
    """
    frame = _sorted(products)
    fitted = {name: fit for name, fit in fits.items() if not isinstance(fit, str)}
    if not fitted:
        return pd.DataFrame(columns=HELD_OUT_COLUMNS)
    parts = {name: _held_out_rows(frame, fit) for name, fit in fitted.items()}
    first = next(iter(fitted.values()))
    words = _words_alone(frame, first)
    model = next(iter(parts.values()))
    silent = words["predicted"] == OTHER
    both = pd.concat([words[~silent], model[silent]]).sort_index()
    parts = {"words_then_model": both, "words_alone": words, **parts}
    out = pd.concat([part.assign(candidate=name) for name, part in parts.items()])
    out["rank_of_actual"] = out["rank_of_actual"].astype(int)
    return out[HELD_OUT_COLUMNS].reset_index(drop=True)


def _held_out_rows(frame: pd.DataFrame, fit: _Fit) -> pd.DataFrame:
    """One candidate's rows of leave_one_phrase_out."""
    rows = frame.loc[fit.labelled, ["phrase", "stock_code", "category_key"]]
    rows = rows.rename(columns={"category_key": "actual"}).reset_index(drop=True)
    classes, probabilities = fit.model.classes, fit.probabilities
    rows["predicted"], rows["probability"] = _named(probabilities, fit.unknown, classes)
    actual = rows["actual"].to_numpy()
    at = np.minimum(np.searchsorted(classes, actual), len(classes) - 1)
    known = classes[at] == actual
    of_actual = np.where(known, probabilities[np.arange(len(at)), at], 0.0)
    higher = (probabilities > of_actual[:, None]).sum(axis=1)
    ahead = (probabilities == of_actual[:, None]) & (np.arange(len(classes)) < at[:, None])
    rank = 1 + higher + ahead.sum(axis=1) + fit.unknown  # `other` stands first where unknown
    rows["rank_of_actual"] = np.where(known, rank, len(classes) + 1)
    rows["probability_of_actual"] = of_actual
    return rows


def _words_alone(frame: pd.DataFrame, fit: _Fit) -> pd.DataFrame:
    """The baseline: the seed's other phrases, on the whole text; `other` where none matches."""
    rows = frame.loc[fit.labelled, ["phrase", "stock_code", "category_key"]]
    rows = rows.rename(columns={"category_key": "actual"}).reset_index(drop=True)
    runner_up = frame.loc[fit.labelled, "runner_up_category_key"].to_numpy()
    rows["predicted"] = [key if key else OTHER for key in runner_up]
    right = (rows["predicted"] == rows["actual"]).to_numpy()
    rows["probability"] = (rows["predicted"] != OTHER).astype(float)
    rows["rank_of_actual"] = np.where(right, 1, len(fit.model.classes) + 1)
    rows["probability_of_actual"] = right.astype(float)
    return rows


def accuracy_with_interval(right: ArrayLike, phrase: ArrayLike) -> tuple[float, float, float]:
    """Share right and its 95% interval.

    The products of a phrase stand or fall together, so the phrase, not the product, is the unit of
    the standard error (ratio estimator: Cochran, Sampling Techniques, 1977).

    Parameters
    ----------
    right : array_like of shape (n,)
        Whether each product is named right.
    phrase : array_like of shape (n,)
        The phrase it was left out with.

    Returns
    -------
    tuple of float
        The share, the interval's low and high end, cut to 0..1; both ends NaN of fewer than two
        phrases.
    """
    frame = pd.DataFrame({"right": np.asarray(right, dtype=float), "phrase": np.asarray(phrase)})
    by_phrase = frame.groupby("phrase")["right"].agg(["sum", "size"])
    share, phrases = frame["right"].mean(), len(by_phrase)
    if phrases < 2:
        return share, np.nan, np.nan
    rest = by_phrase["sum"] - share * by_phrase["size"]
    error = np.sqrt(phrases / (phrases - 1) * (rest**2).sum()) / len(frame)
    return share, max(0.0, share - 1.96 * error), min(1.0, share + 1.96 * error)


def _clusters(
    frame: pd.DataFrame, features: _Features | None, ks: Sequence[int] = CLUSTERS
) -> pd.DataFrame:
    """What clusters without labels make of the products: agreement with the words' labels.

    'text_kmeans': spherical k-means on TF-IDF; 'smoothed_kmeans': on TF-IDF plus that of the
    products bought together; 'price_bands': k bands of equally many products. ami is the adjusted
    mutual information with the words' categories: 0 chance, 1 the same.
    """
    labelled = frame["category_key"].notna().to_numpy()
    ks = [k for k in ks if k <= labelled.sum()]
    if features is None or frame["category_key"].nunique() < 2 or not ks:
        return pd.DataFrame(columns=CLUSTER_COLUMNS)
    actual = frame.loc[labelled, "category_key"]
    usable = diags((frame["plain_text"] != "").astype(float))
    smoothed = normalize(features.text + normalize(usable @ features.baskets @ features.text))
    price = frame["median_price"].astype(float).rank(method="average").fillna(0).to_numpy()
    rows = []
    for name, matrix in (("text_kmeans", features.text), ("smoothed_kmeans", smoothed)):
        points = _dense(matrix)
        for k in ks:
            found = KMeans(k, n_init=2, max_iter=100, random_state=0).fit_predict(points)
            rows.append((name, k, adjusted_mutual_info_score(actual, found[labelled])))
    for k in ks:
        band = np.minimum((price - 0.5) * k // len(frame), k - 1)
        rows.append(("price_bands", k, adjusted_mutual_info_score(actual, band[labelled])))
    out = pd.DataFrame(rows, columns=["candidate", "k", "ami"])
    out["ami"], out["n"] = figures(out["ami"]), int(labelled.sum())
    return out[CLUSTER_COLUMNS]


def _dense(matrix: csr_matrix, dimensions: int = 30) -> np.ndarray:
    """The rows in their strongest directions, of unit length: k-means on these is spherical.

    A row that has nothing in these directions must be 0, not noise made as long as the others.
    """
    size = min(dimensions, min(matrix.shape) - 1)
    if size < 1:
        return matrix.toarray()
    found = TruncatedSVD(size, n_iter=4, random_state=0).fit_transform(matrix)
    return settled(normalize(settled(found)))


# The table of the dbt model: parts 'product' (as fit_categories, the words aside), 'metric' and 'candidates'.
TABLE = {
    "stock_code": TEXT,
    "category_key": TEXT,
    "probability": NUMBER,
    "note": TEXT,
    "candidate": TEXT,
    "metric": TEXT,
    "value": NUMBER,
    "ci_low": NUMBER,
    "ci_high": NUMBER,
    "n": NUMBER,
} | COLUMNS["candidates"]


def name_products(inputs: Mapping[str, pd.DataFrame]) -> pa.Table:
    """The output of the dbt model: names by the model, metrics and candidates.

    The shape of a Forecaster (gift_shop/forecasting/protocol.py) as far as it fits: candidates are
    stated, named frames come in, one table goes out. It is none, since it predicts nothing about a
    customer or a later day: it is held out by phrase, and its metrics do not follow from rows of
    quality.holdout_predictions.

    Parameters
    ----------
    inputs : mapping
        products, pairs: as in fit_categories.

    Returns
    -------
    Table
        Part 'product', one row a product: stock_code, category_key and probability as the model
        names it (null where it cannot), note. Part 'metric': candidate, metric, value, ci_low,
        ci_high, n; where no model could be fitted one row with the reason as its note. Part
        'candidates' as in gift_shop/forecasting/predictions.py.
    """
    products, pairs = inputs["products"], inputs["pairs"]
    threadpool_limits(1)
    frame = _sorted(products)
    features = _features(frame, pairs)
    fits = {
        "text_and_baskets": _fit_or_reason(frame, features, use_baskets=True),
        "text": _fit_or_reason(frame, features, use_baskets=False),
    }
    named = fit_categories(frame, pairs, fit=fits["text_and_baskets"])
    named = named[["stock_code", "model_category_key", "model_confidence", "note"]]
    named.columns = ["stock_code", "category_key", "probability", "note"]
    metrics = pd.concat(
        [
            _held_out_metrics(leave_one_phrase_out(frame, fits)),
            _cluster_metrics(_clusters(frame, features)),
            _reasons(fits),
        ]
    )
    parts = {"product": named, "metric": metrics, "candidates": candidates_frame(CANDIDATES)}
    return stacked(parts, TABLE)


def _held_out_metrics(held_out: pd.DataFrame) -> pd.DataFrame:
    """Accuracy and top-3 accuracy of each candidate, one phrase left out at a time."""
    rows = []
    for candidate, part in held_out.groupby("candidate", sort=True):
        for metric, rank in (("accuracy", 1), ("top3_accuracy", 3)):
            right = part["rank_of_actual"] <= rank
            share = accuracy_with_interval(right, part["phrase"])
            rows.append((candidate, metric, *figures(share), len(part)))
    return pd.DataFrame(rows, columns=["candidate", "metric", "value", "ci_low", "ci_high", "n"])


def _cluster_metrics(clusters: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "candidate": [f"{row.candidate}_{row.k}" for row in clusters.itertuples()],
            "metric": ["ami"] * len(clusters),
            "value": clusters["ami"].astype(float),
            "n": clusters["n"].astype(float),
        }
    )


def _reasons(fits: Mapping[str, _Fit | str]) -> pd.DataFrame:
    """One row for each candidate that could not be tried."""
    reasons = {name: fit for name, fit in fits.items() if isinstance(fit, str)}
    return pd.DataFrame(
        {"candidate": list(reasons), "metric": "accuracy", "n": 0, "note": list(reasons.values())}
    )
