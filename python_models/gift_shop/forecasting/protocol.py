"""What every forecast looks like from outside: its candidates, its one method, its output.

A forecast tries several candidates side by side, baselines among them. SQL chooses one of them
from the held-out predictions (models/intermediate/forecasts/*/int_*_choice.sql), by the roles that
are stated here and nowhere else. The dbt model over a forecaster loads, calls and returns.
"""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal, NamedTuple, Protocol

import pandas as pd
import pyarrow as pa

from gift_shop.forecasting.predictions import COLUMNS, frame
from gift_shop.tables import stacked

Role = Literal["reference", "contender", "fallback", "comparison"]


class Candidate(NamedTuple):
    """One way to make the predictions of a model.

    Attributes
    ----------
    model, candidate : str
        Keys, as in the column of that name of every table of predictions and metrics.
    role : Role
        reference: used unless a contender beats it; contender: used where it beats the reference;
        fallback: used where nothing could be compared (without one, the reference); comparison:
        held out and reported, never used.
    is_baseline : bool
        Whether it is what others have to beat to be worth their trouble.
    is_trained : bool
        Whether it has parameters that are fitted, so that it cannot be tried on too few customers.
    """

    model: str
    candidate: str
    role: Role
    is_baseline: bool = False
    is_trained: bool = False


class Forecast(NamedTuple):
    """The output of a forecaster, frames as in gift_shop/forecasting/predictions.py."""

    holdout: pd.DataFrame = frame("holdout", [])
    serving: pd.DataFrame = frame("serving", [])
    coefficients: pd.DataFrame = frame("coefficients", [])
    parameters: pd.DataFrame = frame("parameters", [])
    notes: pd.DataFrame = frame("notes", [])
    candidates: pd.DataFrame = frame("candidates", [])

    @classmethod
    def of(cls, candidates: Iterable[Candidate], **rows: Iterable) -> "Forecast":
        """A forecast by some candidates.

        Parameters
        ----------
        candidates : iterable of Candidate
        **rows : iterable of DataFrame or dict
            Of each part by its name; a part that is absent is empty.

        Returns
        -------
        Forecast
        """
        parts = {part: frame(part, of_part) for part, of_part in rows.items()}
        return cls(**parts, candidates=candidates_frame(candidates))

    def to_arrow(self) -> pa.Table:
        """All frames below each other, marked by `part`: what a dbt Python model returns.

        Returns
        -------
        Table
            Columns of all parts (COLUMNS of predictions.py), null where a part lacks one.
        """
        columns = {name: kind for kinds in COLUMNS.values() for name, kind in kinds.items()}
        return stacked(self._asdict(), columns)


class Forecaster(Protocol):
    """A forecast of something about customers; its settings are the fields of a dataclass.

    Attributes
    ----------
    candidates : tuple of Candidate
        All that it may predict by: a frame of its output names no other.
    """

    candidates: ClassVar[tuple[Candidate, ...]]

    def forecast(self, inputs: Mapping[str, pd.DataFrame]) -> Forecast:
        """Fit, hold out and serve.

        Parameters
        ----------
        inputs : mapping of str to DataFrame
            By a name of the forecaster's own: the class says which, and their columns. Rows may
            be in any order.

        Returns
        -------
        Forecast
            Held-out predictions, what is predicted today (rows of serving, or coefficients that SQL
            scores everybody with), and notes. With too little to train on the trained candidates are
            left out and the notes say why.
        """
        ...


def candidates_frame(candidates: Iterable[Candidate]) -> pd.DataFrame:
    """The part 'candidates', one row per candidate."""
    return pd.DataFrame(candidates, columns=list(COLUMNS["candidates"]))


def trained(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Those of the candidates that are trained."""
    return tuple(candidate for candidate in candidates if candidate.is_trained)


def not_tried(candidates: Iterable[Candidate], why: str) -> list[dict]:
    """Notes that say why candidates have no figures.

    Parameters
    ----------
    candidates : iterable of Candidate
    why : str

    Returns
    -------
    list of dict
        One row of part 'notes' a candidate.
    """
    return [
        {"model": each.model, "candidate": each.candidate, "metric": "not_tried", "note": why}
        for each in candidates
    ]
