"""The timeline of a made shop, by the SQL that every build derives it with."""

import datetime as dt

import duckdb
import pandas as pd
import sql_models


def cutoffs(as_of: dt.date, history: int, **settings) -> pd.DataFrame:
    """int_cutoffs of a file that begins `history` days before the as-of date."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table int_as_of as select $1::date as first_line_on, $2::date as as_of_date",
            [as_of - dt.timedelta(days=history), as_of],
        )
        sql_models.run(connection, "int_cutoffs", **settings)
        return connection.execute("select * from int_cutoffs order by cutoff_date desc").df()
