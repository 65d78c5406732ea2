"""What goes from Python to SQL: one table out of several frames, numbers and words alike in both.

Numbers are rounded where they are computed, see rounding.py.
"""

import pandas as pd
import pyarrow as pa

# of regressions: at the optimum itself, as lbfgs stops on the way, where last bits lead it
EXACT = {"solver": "newton-cholesky", "tol": 1e-12, "max_iter": 100}
TEXT, NUMBER, WHOLE, DAY = pa.string(), pa.float64(), pa.int64(), pa.date32()
FLAG = pa.bool_()


def stacked(parts: dict[str, pd.DataFrame], columns: dict[str, pa.DataType]) -> pa.Table:
    """The frames below each other, each row marked with its `part`.

    Parameters
    ----------
    parts : dict of str to DataFrame
        Their columns are among those of the table, in any order.
    columns : dict of str to DataType
        Name to one of the types above, in the order of the table. Every column is there with its
        type even where no part fills it: that of an empty or all-null column could not be guessed.

    Returns
    -------
    Table
        `part`, then the columns; null where a part lacks one.

    Raises
    ------
    KeyError
        Where a part has a column that the table lacks.
    """
    tables = [pa.schema({"part": TEXT} | columns).empty_table()]
    for part, frame in parts.items():
        unknown = set(frame.columns) - set(columns)
        if unknown:
            raise KeyError(f"part {part} has columns that the table lacks: {sorted(unknown)}")
        arrays = {"part": pa.repeat(pa.scalar(part, TEXT), len(frame))}
        for column, kind in columns.items():
            has = column in frame.columns
            arrays[column] = _array(frame[column], kind) if has else pa.nulls(len(frame), kind)
        tables.append(pa.table(arrays))
    return pa.concat_tables(tables)


def _array(values: pd.Series, kind: pa.DataType) -> pa.Array:
    if kind == DAY:
        return pa.array(pd.to_datetime(values).dt.date, kind, from_pandas=True)
    if kind == WHOLE:
        values = values.astype("Float64").astype("Int64")
    elif kind == NUMBER:
        values = values.astype(float)
    elif kind == TEXT:
        values = values.astype("string")
    return pa.array(values, kind, from_pandas=True)


def counted(number: int, thing: str) -> str:
    """A number of things as people say it, as macro counted does: 1 customer, 1,204 customers."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
