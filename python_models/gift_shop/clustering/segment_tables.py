"""What the dbt models of the customer segments return: tables for SQL, out of segments.py & co.

customers, an argument of all of them, is intermediate.int_cluster_inputs: one row per customer and
cutoff that the clusters are chosen, trained or tested at, of a sample of customers where they are
many, with recency_days, frequency, monetary and, where the horizon is complete, the orders and
spend that followed. Where everybody is placed (customer_positions) it has everybody's row of today.
"""

import numpy as np
import pandas as pd
import pyarrow as pa

from gift_shop.clustering import holdout, rfm_space, selection
from gift_shop.clustering import segments as clusters
from gift_shop.clustering.archetypes import Archetypes
from gift_shop.clustering.rfm_space import AXES, RFMTransformer
from gift_shop.clustering.selection import CANDIDATE_COLUMNS, CUTOFF_COLUMNS, KEY, Choice
from gift_shop.forecasting import predictions
from gift_shop.forecasting.protocol import Candidate, Forecast, not_tried
from gift_shop.tables import DAY, NUMBER, TEXT, stacked
from gift_shop.timeline import TEST

GRID_TABLE = dict.fromkeys(CANDIDATE_COLUMNS + CUTOFF_COLUMNS, NUMBER) | {
    "cutoff_date": DAY,
    "transform": TEXT,
    "algorithm": TEXT,
    "verdict": TEXT,
    "candidate": TEXT,
    "note": TEXT,
}
MODEL = "customer_segments"
POSITIONS = {
    "customer_id": "string",
    "x": "float64",
    "y": "float64",
    "x_variance_share": "float64",
    "y_variance_share": "float64",
}
CANDIDATES = (
    Candidate(MODEL, "rfm_groups", "reference", is_baseline=True),
    Candidate(MODEL, "clusters", "contender", is_trained=True),
    Candidate(MODEL, "clusters_k3", "comparison", is_baseline=True, is_trained=True),
    *(Candidate(MODEL, rank, "comparison", is_baseline=True) for rank in holdout.RANKS),
)


def grid_table(
    customers: pd.DataFrame,
    cutoffs: pd.DataFrame,
    rfm_groups: pd.DataFrame,
    min_history_days: int,
    min_customers: int,
) -> pa.Table:
    """Which clusters: the grid that was measured, and what the rule chose.

    Parameters
    ----------
    customers : DataFrame
        See above.
    cutoffs : DataFrame
        int_cutoffs.
    rfm_groups : DataFrame
        Seed rfm_groups.
    min_history_days : int
        Before the earliest validation cutoff.
    min_customers : int
        With net spend, at each validation cutoff.

    Returns
    -------
    Table
        Parts 'candidate' and 'candidate_cutoff' (columns of selection.py), 'comparison' (of
        holdout.py) and 'choice', whose one row names transform, algorithm and k, or has none and
        says why in `note`.

    Raises
    ------
    MissingOutcomeError
        Where a customer of a validation cutoff has no outcome.
    """
    outcomes = _outcomes(customers)
    found = selection.evaluate_candidates(
        customers,
        outcomes,
        cutoffs,
        min_history_days=min_history_days,
        min_customers=min_customers,
    )
    choice = pd.DataFrame([found.choice or (None, None, np.nan)], columns=KEY)
    comparison = holdout.selection_comparison(
        customers, outcomes, cutoffs, found.choice, rfm_groups
    )
    parts = {
        "candidate": found.candidates,
        "candidate_cutoff": found.candidate_cutoffs,
        "comparison": comparison,
        "choice": choice.assign(note=found.fallback),
    }
    return stacked(parts, GRID_TABLE)


def model_table(
    customers: pd.DataFrame,
    cutoffs: pd.DataFrame,
    chosen: pd.DataFrame,
    archetypes: pd.DataFrame,
    bounds: pd.DataFrame,
) -> pd.DataFrame:
    """The served model and earlier ones as rows, see segments.long_table.

    Parameters
    ----------
    customers : DataFrame
    cutoffs : DataFrame
        int_cutoffs.
    chosen : DataFrame
        The row of int_customer_segment_choice: transform, algorithm, k, is_used, note.
    archetypes : DataFrame
        Seed segment_archetypes.
    bounds : DataFrame
        int_segment_bounds.

    Returns
    -------
    DataFrame
        Column definition_days is 0 of the model that is served, of others the days ago at which the
        same was fitted, by which a forecast made then is judged. Without a model rows of part
        'reason', key the reason.
    """
    tables = []
    for days in sorted(cutoffs.loc[cutoffs["is_segment_definition"], "days_before_as_of"]):
        choice, reason = _choice(chosen)
        model = None
        known = _at(customers, days)
        if choice and bool(chosen["is_used"].iloc[0]) and len(known):
            (limits,) = bounds[bounds["days_before_as_of"] == days].itertuples()
            model, reason = clusters.fit_segments(
                known,
                choice,
                Archetypes(archetypes, limits.recent_within_days, limits.may_have_lapsed),
                with_confidence=days == 0,
            )
        if model:
            rows = clusters.long_table(model)
        else:
            row = ("reason", "", "", 0, reason, "", np.nan)
            rows = pd.DataFrame([row], columns=clusters.LONG_COLUMNS)
        tables.append(rows.assign(definition_days=days))
    return pd.concat(tables, ignore_index=True).astype(
        {"k": "int32", "value": float, "definition_days": "int32"}
    )


def transformer_of(table: pd.DataFrame) -> RFMTransformer | None:
    """The transform of the served model that model_table has written; None without a model."""
    rows = table[(table["definition_days"] == 0) & (table["part"] == "transform")]
    if rows.empty:
        return None
    values = rows.pivot(index="key", columns="axis", values="value")
    return RFMTransformer.of(
        rows["transform"].iloc[0],
        *values.loc[["lambda", "mean", "scale"], list(AXES)].to_numpy(),
    )


def customer_positions(customers: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Where each customer stands in two dimensions: the principal components of transformed RFM.

    Parameters
    ----------
    customers : DataFrame
        See above; everybody's row of today.
    table : DataFrame
        What model_table has written. Without a model in it the features are log1p, standardised.

    Returns
    -------
    DataFrame
        One row per customer: customer_id, x, y (no unit), and the share of the variance that each
        component explains (0..1, the same on every row): x_variance_share, y_variance_share.
    """
    today = _at(customers, 0)
    if today.empty:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in POSITIONS.items()})
    transformer = transformer_of(table) or _log_transformer(today)
    places, explained = clusters.customer_map(transformer, today)
    places = places.assign(x_variance_share=explained[0], y_variance_share=explained[1])
    return places.astype(POSITIONS)


def holdout_table(
    customers: pd.DataFrame, cutoffs: pd.DataFrame, chosen: pd.DataFrame, rfm_groups: pd.DataFrame
) -> pa.Table:
    """The chosen clusters beside their baselines, trained and tested at past cutoffs.

    Parameters
    ----------
    customers : DataFrame
        See above.
    cutoffs : DataFrame
        int_cutoffs.
    chosen : DataFrame
        The row of int_customer_segment_choice.
    rfm_groups : DataFrame
        Seed rfm_groups.

    Returns
    -------
    Table
        Parts 'holdout', 'notes' and 'candidates' as in predictions.py.

    Raises
    ------
    MissingOutcomeError
        Where a customer of the training or the test cutoff has no outcome.
    """
    choice, reason = _choice(chosen)
    held_out, why = holdout.holdout_predictions(
        customers, _outcomes(customers), cutoffs, choice, rfm_groups
    )
    reason = reason or why
    keys = held_out[["candidate", "cutoff_date", "customer_id"]].assign(
        model=MODEL,
        split=TEST,
        trained_before=held_out["cutoff_date"],
        outcome_until=cutoffs.loc[cutoffs["split"] == TEST, "outcome_until"].iloc[0],
    )
    happened = (held_out["actual_class"] == "1").astype(int)
    # a rank orders customers and says no probability
    is_rank = held_out["candidate"].isin(holdout.RANKS)
    groups = predictions.of_event(
        keys[~is_rank], held_out.loc[~is_rank, "probability"], happened[~is_rank]
    )
    ranks = predictions.of_event(keys[is_rank], None, happened[is_rank])
    amounts = held_out[["predicted_value", "actual_value"]]
    rows = pd.concat([groups, ranks]).sort_index().join(amounts)
    notes = []
    if reason:
        notes = not_tried([each for each in CANDIDATES if each.role == "contender"], reason)
    return Forecast.of(CANDIDATES, holdout=[rows], notes=notes).to_arrow()


def _choice(chosen: pd.DataFrame) -> tuple[Choice | None, str]:
    row = chosen.iloc[0]
    if pd.isna(row["k"]):
        return None, str(row["note"])
    return Choice(str(row["transform"]), str(row["algorithm"]), int(row["k"])), ""


def _at(customers: pd.DataFrame, days_before_as_of: int) -> pd.DataFrame:
    return customers[customers["days_before_as_of"] == days_before_as_of]


def _outcomes(customers: pd.DataFrame) -> pd.DataFrame:
    return customers.dropna(subset=["orders"])


def _log_transformer(today: pd.DataFrame) -> RFMTransformer:
    return RFMTransformer("log1p").fit(rfm_space.rfm(rfm_space.in_order(today)))
