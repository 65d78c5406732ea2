"""The held-out figures of customer value once more, from orders and sales alone.

Nothing of int_cutoffs, int_customer_outcomes or the metrics' SQL is used. From a shell, for any
working file: PYTHONPATH=tests/python python -m recomputed gift_shop.duckdb 90
"""

import datetime as dt
import sys

import duckdb
import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

MODELS = ("customer_value_order", "customer_value_spend")


def outcomes(connection, cutoff: dt.date, horizon: int) -> pd.DataFrame:
    """Orders and spend in the horizon of everybody with an order before the cutoff."""

    def days(column, table):
        rows = connection.execute(f"select * from intermediate.{table}").df()
        return rows, (rows[column] - pd.Timestamp(cutoff)).dt.days

    orders, day = days("ordered_at", "int_orders")
    within = orders[(day >= 0) & (day < horizon)].groupby("customer_id").size()
    sales, sold = days("invoiced_at", "int_sales")
    bought = sales[(sold >= 0) & (sold < horizon)]
    returns, back = days("returned_at", "int_return_matches")
    returns = returns[(back < horizon) & returns["purchase_line_id"].isin(bought["line_id"])]
    spend = bought.groupby("customer_id")["gross_amount"].apply(lambda x: x.astype(float).sum())
    returned = returns.groupby("customer_id")["amount"].apply(lambda x: x.astype(float).sum())
    known = np.sort(orders.loc[day < 0, "customer_id"].unique())
    table = pd.DataFrame({"orders": within, "spend": spend.sub(returned, fill_value=0)})
    return table.reindex(known).fillna(0)


def top_fifth(predicted: np.ndarray, spend: np.ndarray) -> float:
    """Share of the spend in the fifth ranked first; at its border equal predictions share evenly."""
    table = pd.DataFrame({"predicted": predicted, "spend": spend})
    groups = table.groupby("predicted")["spend"].agg(["sum", "size"]).sort_index(ascending=False)
    left, taken = 0.2 * len(table), 0.0
    for group in groups.itertuples():
        part = min(1.0, left / group.size)
        taken, left = taken + part * group.sum, left - part * group.size
        if left <= 0:
            break
    return taken / spend.sum()


def differences(database: str, horizon: int) -> list[str]:
    """What the published figures of the candidates in use have otherwise, in words; else nothing."""
    with duckdb.connect(database, read_only=True) as connection:
        (as_of,) = connection.execute("select as_of_date from intermediate.int_as_of").fetchone()
        used = connection.execute(
            "select distinct model, candidate from quality.model_metrics where is_used"
            " and starts_with(model, 'customer_value')"
        ).fetchall()
        found = [] if {model for model, _ in used} == set(MODELS) else [f"used: {used}"]
        figures = {}
        for model, candidate in used:
            rows = connection.execute(
                "select * from quality.holdout_predictions where model = ? and candidate = ?",
                [model, candidate],
            ).df()
            cutoffs = {day.date(): split for day, split in zip(rows["cutoff_date"], rows["split"], strict=True)}  # fmt: skip
            back = {(as_of - day).days: split for day, split in cutoffs.items()}
            if back.get(horizon) != "test" or back.get(2 * horizon) != "validation":
                found.append(f"{model} is held out {back} days before the as-of date")
            for day, split in cutoffs.items():
                truth = outcomes(connection, day, horizon)
                ours = rows[rows["cutoff_date"] == pd.Timestamp(day)].set_index("customer_id")
                if not ours.sort_index().index.equals(truth.index):
                    found.append(f"{model} at {day}: {len(ours)} customers, {len(truth)} known")
                    continue
                ours = ours.reindex(truth.index)
                suffix = "" if split == "test" else "_validation"
                if model == MODELS[0]:
                    ordered = (truth["orders"] > 0).astype(int)
                    values = {
                        "auc": roc_auc_score(ordered, ours["probability"]),
                        "log_loss": log_loss(ordered, ours["probability"]),
                    }
                else:
                    value, spend = ours["predicted_value"].to_numpy(), truth["spend"].to_numpy()
                    values = {"top20_spend_share": top_fifth(value, spend)}
                for name, value in values.items():
                    figures.setdefault((model, candidate, name + suffix), []).append(value)
        for (model, candidate, metric), values in figures.items():
            (published,) = connection.execute(
                "select value from quality.model_metrics"
                " where model = ? and candidate = ? and metric = ?",
                [model, candidate, metric],
            ).fetchone()
            if not abs(published - np.mean(values)) < 2e-6:
                found.append(f"{model} {candidate} {metric}: {published}, here {np.mean(values)}")
        if not figures:
            found.append("nothing is held out")
    return found


if __name__ == "__main__":
    wrong = differences(sys.argv[1], int(sys.argv[2]))
    print("\n".join(wrong) or "every figure is as recomputed")
    sys.exit(bool(wrong))
