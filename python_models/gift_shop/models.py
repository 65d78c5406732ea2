"""Every module that needs scipy or scikit-learn, for the dbt models: they import theirs from here.

dbt runs Python models on threads. scipy and scikit-learn import in circles, and where two threads
walk one at a time an import fails. Whoever imports this module first imports them all, under its
lock, on which every other thread waits. raw_invoice_lines does so beside the reading of the file.
"""

from gift_shop.products import categories
from gift_shop.forecasting import category_of_interest as interest
from gift_shop.forecasting import segment_transition as new_segments
from gift_shop.clustering import tables as segment_tables
from gift_shop.forecasting import customer_value as value

__all__ = ["categories", "interest", "new_segments", "segment_tables", "value"]
