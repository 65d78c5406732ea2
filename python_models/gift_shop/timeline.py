"""The timeline as intermediate.int_cutoffs has it: no day of it is computed in Python."""

from dataclasses import dataclass

import pandas as pd

from gift_shop.errors import MissingOutcomeError

# what a cutoff is for: serving, test, validation (column split)
SERVING, TEST, VALIDATION = "serving", "test", "validation"


@dataclass(frozen=True)
class Timeline:
    """What a forecast reads of the cutoffs; `of` makes it from the table's rows.

    split, outcome_until, days_before_as_of and history_days are by cutoff date, earliest first;
    today and test are the cutoffs that are served and reported.
    """

    split: pd.Series
    outcome_until: pd.Series
    days_before_as_of: pd.Series
    history_days: pd.Series
    today: pd.Timestamp
    test: pd.Timestamp

    @classmethod
    def of(cls, cutoffs: pd.DataFrame) -> "Timeline":
        """The timeline of the table's rows.

        Parameters
        ----------
        cutoffs : DataFrame
            int_cutoffs, in any order.

        Returns
        -------
        Timeline

        Raises
        ------
        IndexError
            Where no cutoff is served, or none tested.
        """
        dates = {name: pd.to_datetime(cutoffs[name]) for name in ("cutoff_date", "outcome_until")}
        table = cutoffs.assign(**dates).set_index("cutoff_date").sort_index()
        today, test = (table.index[table["split"] == split][0] for split in (SERVING, TEST))
        return cls(
            table["split"],
            table["outcome_until"],
            table["days_before_as_of"],
            table["history_days"],
            today,
            test,
        )

    def check_outcomes(self, rows: pd.DataFrame, outcomes: list[str]) -> None:
        """Check that where the horizon is over no outcome is missing.

        A missing outcome read as "did not order" would make a false figure.

        Parameters
        ----------
        rows : DataFrame
            cutoff_date, outcome_until (null where the horizon is not over) and the outcomes.
        outcomes : list of str
            Names of columns.

        Raises
        ------
        MissingOutcomeError
            Where a row's outcome_until is set and an outcome is null.
        """
        missing = rows["outcome_until"].notna() & rows[outcomes].isna().any(axis=1)
        if missing.any():
            raise MissingOutcomeError(
                f"{missing.sum():,} customers have no {' or '.join(outcomes)} after"
                f" {rows.loc[missing, 'cutoff_date'].min():%Y-%m-%d}, though the horizon is over"
            )

    @property
    def horizon_days(self) -> int:
        """Days of an outcome: the test cutoff lies so many before the as-of date."""
        return int(self.days_before_as_of[self.test])
