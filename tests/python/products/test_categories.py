"""Product categories on a made shop whose right answers are known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from gift_shop.products import categories
from scipy.sparse import csr_matrix

COLOURS = ["RED", "BLUE", "PINK", "GREEN", "IVORY", "BLACK"]
SHOP = {  # phrase: (category, the words its products also carry)
    "mug": ("tea", "BREAKFAST CERAMIC"),
    "saucer": ("tea", "BREAKFAST CERAMIC"),
    "teapot": ("tea", "BREAKFAST CERAMIC"),
    "candle": ("light", "SCENTED WAX"),
    "lantern": ("light", "SCENTED WAX"),
    "torch": ("light", "SCENTED WAX"),
}
NO_PAIRS = pd.DataFrame(columns=["stock_code_a", "stock_code_b", "cosine"])


def product(code, description, category=None, phrase=None, revenue=1.0, runner_up=None):
    return {
        "stock_code": code,
        "plain_text": description.lower(),
        "category_key": category,
        "phrase": phrase,
        "runner_up_category_key": runner_up,
        "revenue": revenue,
        "median_price": 2.0 + (category == "tea"),
    }


def shop(extra=()):
    """36 labelled products: six phrases in six colours; a category's products share words."""
    rows = [
        product(f"{phrase}{i}", f"{colour} {phrase.upper()} {also}", category, phrase, 10.0 + i)
        for phrase, (category, also) in SHOP.items()
        for i, colour in enumerate(COLOURS)
    ]
    return pd.DataFrame([*rows, *extra])


def by_code(frame):
    return frame.set_index("stock_code")


@pytest.mark.parametrize(
    ("text", "phrase", "left"),
    [
        ("red bags and bag", "bag", "red  and"),
        ("snack boxes", "box", "snack"),
        ("handbag design", "bag", "handbag design"),
        ("hanging t light glass", "t light", "hanging   glass"),
        ("bag", "bag", ""),
    ],
)
def test_a_phrase_is_cut_as_whole_words_with_its_plural(text, phrase, left):
    assert categories.without_phrase(text, phrase).split() == left.split()


def test_the_model_names_what_the_words_do_not():
    new = [product("n1", "YELLOW CERAMIC BREAKFAST THING"), product("n2", "SCENTED WAX MELT")]
    out = by_code(categories.fit_categories(shop(new), NO_PAIRS))
    assert out.loc[["n1", "n2"], "category_key"].tolist() == ["tea", "light"]
    assert (out.loc[["n1", "n2"], "category_source"] == "model").all()
    assert out.loc[["n1", "n2"], "category_confidence"].between(0.5, 1).all()
    assert out.loc["mug0", ["category_source", "category_confidence"]].tolist() == ["words", 1.0]
    assert out["category_key"].notna().all() and len(out) == 38


def test_words_win_and_the_model_may_disagree():
    odd = [product("odd", "SCENTED WAX PARTY PLATTER", "tea", "platter")]
    row = by_code(categories.fit_categories(shop(odd), NO_PAIRS)).loc["odd"]
    assert (row["category_key"], row["category_source"]) == ("tea", "words")
    assert row["model_category_key"] == "light" and row["model_confidence"] > 0.5


def test_no_usable_description_or_no_known_word_is_other_never_a_guess():
    extra = [product("none", ""), product("x", "XYLOPHONE")]
    out = by_code(categories.fit_categories(shop(extra), NO_PAIRS)).loc[["none", "x"]]
    assert (out["category_key"] == "other").all()
    assert (out["category_source"] == "none").all()
    assert (out["category_confidence"] == 0).all()
    assert out["note"].tolist() == [
        "no usable description",
        "shares no word with another product",
    ]


def test_what_is_bought_together_names_a_product_of_unknown_words():
    new = [product("x", "XYLOPHONE")]
    pairs = pd.DataFrame(
        {
            "stock_code_a": ["x", "x", "x"],
            "stock_code_b": ["candle0", "lantern1", "torch2"],
            "cosine": [0.5, 0.4, 0.3],
        }
    )
    out = by_code(categories.fit_categories(shop(new), pairs)).loc["x"]
    assert (out["category_key"], out["category_source"]) == ("light", "model")
    alone = categories.fit_model(shop(new), pairs, use_baskets=False)
    assert by_code(categories.fit_categories(shop(new), pairs, alone)).loc["x", "category_key"] == (
        "other"
    )


@pytest.mark.parametrize(
    ("products", "why"),
    [
        (shop().assign(category_key=None, phrase=None), "no product matches"),
        (shop().head(10), "only 10 products"),
        (shop().assign(category_key="tea"), "one category"),
        (shop().assign(phrase="mug"), "one phrase"),
    ],
)
def test_too_little_to_train_on_leaves_the_rest_other_and_says_why(products, why):
    products = pd.concat([products, pd.DataFrame([product("n", "CERAMIC BREAKFAST THING")])])
    out = by_code(categories.fit_categories(products, NO_PAIRS)).loc["n"]
    assert (out["category_key"], out["category_confidence"]) == ("other", 0)
    assert why in out["note"]
    assert categories.leave_one_phrase_out(
        products, {"m": categories.fit_model(products, NO_PAIRS)}
    ).empty


def unsupervised(products, pairs, ks):
    frame = categories._sorted(products)
    return categories._clusters(frame, categories._features(frame, pairs), ks)


def test_order_of_rows_changes_nothing():
    products = shop([product("n1", "YELLOW CERAMIC THING"), product("n2", "WAX MELT")])
    pairs = pd.DataFrame(
        {
            "stock_code_a": ["n1", "n2", "mug0"],
            "stock_code_b": ["mug0", "torch0", "n1"],
            "cosine": [0.5, 0.25, 0.5],
        }
    )
    shuffled = products.sample(frac=1, random_state=3).reset_index(drop=True)
    first, second = (
        categories.fit_model(products, pairs),
        categories.fit_model(shuffled, pairs.iloc[::-1]),
    )
    pd.testing.assert_frame_equal(
        categories.fit_categories(products, pairs, first),
        categories.fit_categories(shuffled, pairs.iloc[::-1], second),
    )
    pd.testing.assert_frame_equal(
        categories.leave_one_phrase_out(products, {"m": first}),
        categories.leave_one_phrase_out(shuffled, {"m": second}),
    )
    pd.testing.assert_frame_equal(
        unsupervised(products, pairs, (2, 3)),
        unsupervised(shuffled, pairs.iloc[::-1], (2, 3)),
    )


def test_the_closed_form_equals_a_fit_without_the_phrase():
    """Each phrase really is out: the scores are those of a model that never saw its products."""
    products = shop()
    fit = categories.fit_model(products, NO_PAIRS)
    frame = fit.model.features.products
    held = frame.index[frame["phrase"] == "mug"].to_numpy()
    rest = frame.index[frame["phrase"] != "mug"].to_numpy()
    x = fit.model.features.rows(rest).toarray()
    y = (frame.loc[rest, "category_key"].to_numpy()[:, None] == fit.model.classes) - fit.model.prior
    dual = np.linalg.solve(x @ x.T + categories.RIDGE * np.eye(len(rest)), y)
    new = fit.model.features.masked_rows(held).toarray()
    np.testing.assert_allclose(fit.scores[held], new @ x.T @ dual + fit.model.prior, atol=1e-9)


def test_a_phrase_is_cut_from_the_texts_around_its_products_too():
    codes = [f"{phrase}{i}" for phrase in SHOP for i in range(6)]
    pairs = pd.DataFrame(
        [(a, b, 0.5) for a in codes for b in codes if a[-1] == b[-1] or a[:3] == b[:3]],
        columns=["stock_code_a", "stock_code_b", "cosine"],
    )
    features = categories.fit_model(shop(), pairs).model.features
    labelled = np.arange(len(codes))
    found = features.masked_rows(labelled).toarray()
    for phrase in SHOP:
        mine = (features.products["phrase"] == phrase).to_numpy()
        text = features.text.toarray()
        text[mine] = features.masked[mine].toarray()
        without = replace(features, text=csr_matrix(text)).rows(labelled[mine]).toarray()
        np.testing.assert_allclose(found[mine], without, atol=1e-12)


def test_held_out_predictions_beside_words_alone():
    products = shop()
    products.loc[products["phrase"] == "mug", "runner_up_category_key"] = "light"  # wrong
    products.loc[products["phrase"] == "torch", "runner_up_category_key"] = "light"  # right
    out = categories.leave_one_phrase_out(
        products, {"model": categories.fit_model(products, NO_PAIRS)}
    )
    right = (out["predicted"] == out["actual"]).groupby(out["candidate"]).sum()
    assert right.to_dict() == {"model": 36, "words_alone": 6, "words_then_model": 30}
    assert (out["rank_of_actual"].eq(1) == (out["predicted"] == out["actual"])).all()
    assert out.groupby("candidate").size().eq(36).all()
    assert out["probability_of_actual"].between(0, 1).all()


def test_a_phrase_that_is_the_whole_text_leaves_nothing_to_go_by():
    products = shop([product(f"d{i}", "DOORMAT", "home", "doormat") for i in range(3)])
    out = categories.leave_one_phrase_out(
        products, {"model": categories.fit_model(products, NO_PAIRS)}
    )
    doormats = out[(out["phrase"] == "doormat") & (out["candidate"] == "model")]
    assert (doormats["predicted"] == "other").all() and (doormats["probability"] == 0).all()
    assert (doormats["rank_of_actual"] > 1).all()


def test_the_interval_counts_phrases_not_products():
    share, low, high = categories.accuracy_with_interval(
        [1] * 50 + [0] * 50, ["a"] * 50 + ["b"] * 50
    )
    assert (share, low, high) == (0.5, 0.0, 1.0)
    spread = categories.accuracy_with_interval([1, 0] * 50, np.repeat(np.arange(50), 2))
    assert spread == pytest.approx((0.5, 0.5, 0.5))
    assert np.isnan(categories.accuracy_with_interval([1, 0], ["a", "a"])[1])


def test_clusters_without_labels_find_the_two_kinds():
    out = unsupervised(shop(), NO_PAIRS, (2, 99)).set_index("candidate")
    assert (out["k"] == 2).all()  # 99 clusters of 36 products: left out
    assert out["ami"].to_dict() == {
        "text_kmeans": 1.0,
        "smoothed_kmeans": 1.0,
        "price_bands": pytest.approx(1.0),
    }
    assert unsupervised(shop().assign(category_key=None), NO_PAIRS, (2,)).empty


def test_training_is_bounded_and_the_rest_is_still_named(monkeypatch):
    monkeypatch.setattr(categories, "MAX_TRAINING", 24)
    products = shop()
    fit = categories.fit_model(products, NO_PAIRS)
    assert len(fit.model.train) == 24 and len(fit.scores) == 36
    assert np.isfinite(fit.scores).all()
