import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import pytest
import sql_models
import timelines
from gift_shop.errors import MissingOutcomeError
from gift_shop.forecasting import segment_transition
from gift_shop.forecasting.protocol import trained

AS_OF = dt.date(2011, 12, 10)
TRAINED = {each.candidate for each in trained(segment_transition.CANDIDATES)}
TODAY = pd.Timestamp(AS_OF)
CUTOFFS = timelines.cutoffs(AS_OF, 374, horizon_days=70)


def back(days):
    return TODAY - pd.Timedelta(days=days)


def examples(n=120, truth=0.9, seed=0, by="segment_if_idle"):
    """New customers by definition and cutoff; `truth` of them go where the column `by` points."""
    rng = np.random.default_rng(seed)
    parts = []
    for defined, cutoffs in (
        (140, (245, 210, 140)),
        (70, (245, 210, 140, 70)),
        (0, (210, 140, 70, 0)),
    ):
        for cutoff in cutoffs:
            x = pd.DataFrame(rng.normal(3, 1, (n, 7)), columns=segment_transition.FEATURES)
            x["definition_date"], x["cutoff_date"] = back(defined), back(cutoff)
            x["customer_id"] = [f"{cutoff}-{i:03d}" for i in range(n)]
            x["segment_now"] = np.where(x["log_recency"] > 3, "newcomers", "promising")
            x["segment_if_idle"] = np.where(x["log_monetary"] > 3, "fading", "lost")
            x["feature_rule"] = np.where(x["log_units"] > 3, "champions", "lost")
            stays = rng.random(n) < truth
            x["segment_later"] = np.where(
                stays, x[by], rng.choice(["fading", "lost", "champions"], n)
            )
            if cutoff == 0:
                x["segment_later"] = None
            parts.append(x)
    return pd.concat(parts, ignore_index=True)


def forecast(table, **settings):
    forecaster = segment_transition.SegmentTransition(**settings)
    return forecaster.forecast({"examples": table, "cutoffs": CUTOFFS})


def of(frame, candidate, split="test"):
    return frame[(frame["candidate"] == candidate) & (frame["split"] == split)]


def accuracy(rows):
    return (rows["predicted_class"] == rows["actual_class"]).mean()


def test_hit_rates_by_hand():
    predicted = np.array(list("aaab"))
    later = np.array(list("aabb"))
    found = segment_transition.hit_rates(predicted, later, np.array(list("ab"), dtype=object))
    # shares .5 and .5 count as 2.5 customers each: (2 + 2.5) / 8, (0 + 2.5) / 6
    np.testing.assert_allclose(found, [[4.5 / 8, 3.5 / 8], [2.5 / 6, 3.5 / 6]])
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_rules_predict_their_class_and_how_often_it_was_right():
    held_out = forecast(examples()).holdout
    idle, today = of(held_out, segment_transition.IDLE), of(held_out, segment_transition.TODAY)
    assert len(idle) == 120
    assert accuracy(idle) > 0.85 and accuracy(today) == 0
    assert set(today["predicted_class"]) == {"newcomers", "promising"}
    assert idle["probability"].mean() == pytest.approx(accuracy(idle), abs=0.08)


def test_a_classifier_finds_what_no_rule_predicts():
    table = examples(by="feature_rule")
    held_out = forecast(table).holdout
    for candidate in TRAINED:
        assert (
            accuracy(of(held_out, candidate))
            > accuracy(of(held_out, segment_transition.IDLE)) + 0.2
        )


def test_uses_and_cutoffs():
    output = forecast(examples())
    held_out = output.holdout
    assert set(zip(held_out["split"], held_out["cutoff_date"], strict=True)) == {
        ("validation", back(140)),
        ("test", back(70)),
    }
    assert set(held_out["candidate"]) == set(output.candidates["candidate"])
    assert not held_out.duplicated(["candidate", "cutoff_date", "customer_id"]).any()
    assert set(output.serving["customer_id"]) == {f"0-{i:03d}" for i in range(120)}
    first = output.serving.query("class_rank == 1 and candidate == 'unchanged_but_older'")
    assert len(first) == 120 and set(first["predicted_class"]) == {"fading", "lost"}
    assert len(output.notes) == 0


def test_nothing_after_a_cutoff_moves_its_predictions():
    table = examples()
    changed = table.copy()
    late = changed["definition_date"] > back(70)
    changed.loc[late, segment_transition.FEATURES] *= -2
    changed.loc[late, "segment_now"] = "one_big_order"
    # the outcome of the cutoff itself comes after it, whatever it is called
    outcome = (changed["definition_date"] == back(70)) & (changed["cutoff_date"] == back(70))
    changed.loc[outcome, "segment_later"] = "loyal"
    predicted = ["candidate", "cutoff_date", "customer_id", "predicted_class", "probability"]
    before, after = (forecast(t).holdout for t in (table, changed))
    pd.testing.assert_frame_equal(before[predicted], after[predicted])
    assert (of(after, segment_transition.IDLE)["actual_class"] == "loyal").all()
    assert (of(after, segment_transition.IDLE)["probability_of_actual"] == 0).all()


def test_order_of_rows_does_not_matter():
    table = examples()
    mixed = table.sample(frac=1, random_state=2)
    for one, other in zip(
        forecast(table),
        forecast(mixed),
        strict=True,
    ):
        pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (examples(n=10), "30 new customers seen one horizon later, 100 are needed"),
        (
            examples().assign(
                segment_later=lambda t: t["segment_later"].where(t["segment_later"].isna(), "lost")
            ),
            "all 360 new customers went to one segment: nothing to tell apart",
        ),
        (
            examples()[lambda t: t["definition_date"] != back(140)],
            "no earlier cutoff with enough history to choose at",
        ),
        (
            examples().head(0),
            "no customer was first seen lately",
        ),
    ],
)
def test_too_little_to_train_on_is_noted(table, why):
    output = forecast(table)
    assert set(output.notes["candidate"]) == TRAINED
    assert (output.notes["note"] == why).all()


def test_a_missing_segment_is_an_error():
    table = examples()
    table.loc[table["cutoff_date"] == back(70), "segment_later"] = None
    with pytest.raises(
        MissingOutcomeError, match="240 customers have no segment_later after 2011-10"
    ):
        forecast(table)


def test_segments_that_are_rfm_groups_are_not_predicted():
    notes = forecast(examples().head(0), are_groups=True).notes
    assert set(notes["note"]) == {"segments are RFM groups: no clusters to forecast by"}


def test_the_rule_is_served_without_a_number_where_nothing_is_known():
    table = examples()
    table = table[(table["definition_date"] == TODAY) & (table["cutoff_date"] == TODAY)]
    serving = forecast(table).serving
    assert set(serving["candidate"]) == {segment_transition.IDLE, segment_transition.TODAY}
    assert serving["probability"].isna().all() and (serving["class_rank"] == 1).all()


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (examples(), {segment_transition.IDLE}),
        (examples(by="feature_rule"), TRAINED),
        (examples().head(0), {segment_transition.IDLE}),
    ],
)
def test_choice_in_sql(table, expected):
    output = forecast(table).to_arrow()
    connection = duckdb.connect()
    sql_models.put(connection, segment_transition_model=output)
    sql_models.run(connection, "int_segment_transition_choice")
    used = connection.execute(
        "select candidate from int_segment_transition_choice where is_used"
    ).fetchall()
    assert len(used) == 1 and used[0][0] in expected
