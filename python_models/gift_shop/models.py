"""Every module that needs scipy or scikit-learn, for the dbt models: worker.py calls them here."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from gift_shop.clustering import segment_tables
from gift_shop.forecasting import category_of_interest, customer_value, segment_transition
from gift_shop.forecasting.protocol import Forecaster
from gift_shop.products import categories

FORECASTERS: tuple[type[Forecaster], ...] = (
    customer_value.CustomerValue,
    category_of_interest.CategoryOfInterest,
    segment_transition.SegmentTransition,
)


def forecast(forecaster: str, inputs: Mapping[str, pd.DataFrame], **settings: Any) -> pa.Table:
    """What a forecaster makes of its inputs, as a dbt model returns it.

    Parameters
    ----------
    forecaster : str
        Name of its class, one of FORECASTERS.
    inputs : mapping of str to DataFrame
        As its method forecast says.
    **settings
        Its fields.

    Returns
    -------
    Table
        As Forecast.to_arrow.
    """
    by_name = {each.__name__: each for each in FORECASTERS}
    return by_name[forecaster](**settings).forecast(inputs).to_arrow()


__all__ = [
    "FORECASTERS",
    "categories",
    "category_of_interest",
    "customer_value",
    "forecast",
    "segment_tables",
    "segment_transition",
]
