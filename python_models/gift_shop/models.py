"""Every module that needs scipy or scikit-learn, for the dbt models: they import theirs from here.

dbt runs Python models on threads. scipy and scikit-learn import in circles, and where two threads
walk one at a time an import fails. Whoever imports this module first imports them all, under its
lock, on which every other thread waits. raw_invoice_lines does so beside the reading of the file.
"""

from gift_shop.clustering import segment_tables
from gift_shop.forecasting import category_of_interest, customer_value, segment_transition
from gift_shop.forecasting.protocol import Forecaster
from gift_shop.products import categories

FORECASTERS: tuple[type[Forecaster], ...] = (
    customer_value.CustomerValue,
    category_of_interest.CategoryOfInterest,
    segment_transition.SegmentTransition,
)

__all__ = [
    "FORECASTERS",
    "categories",
    "category_of_interest",
    "customer_value",
    "segment_tables",
    "segment_transition",
]
