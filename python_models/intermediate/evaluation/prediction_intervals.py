from duckdb import ColumnExpression as column
from duckdb import ConstantExpression as text
from gift_shop.evaluation import intervals


def model(dbt, session):
    holdout = dbt.ref("int_holdout_predictions")
    names = holdout.project("model, candidate").distinct().order("all").fetchall()
    return intervals.table(
        holdout.filter(
            (column("model") == text(of_model)) & (column("candidate") == text(candidate))
        ).df()
        for of_model, candidate in names
    )
