"""One table out of several small frames: a dbt Python model returns one, SQL splits it by `part`."""

import pandas as pd


def stacked(parts: dict[str, pd.DataFrame], columns: dict[str, str]) -> pd.DataFrame:
    """The frames below each other, each row marked with its `part`.

    columns: name -> 'text' or 'number', in the order of the table. Every column is there with its
    type even where no part fills it, so that an empty result has the same shape as a full one.
    Raises KeyError where a part has a column that the table lacks.
    """
    types = {"text": "string", "number": "float64"}
    frames = []
    for part, frame in parts.items():
        unknown = set(frame.columns) - set(columns)
        if unknown:
            raise KeyError(f"part {part} has columns that the table lacks: {sorted(unknown)}")
        whole = frame.reset_index(drop=True).reindex(columns=list(columns))
        whole = whole.astype({name: types[kind] for name, kind in columns.items()})
        whole.insert(0, "part", pd.array([part] * len(whole), dtype="string"))
        frames.append(whole)
    return pd.concat(frames, ignore_index=True)
