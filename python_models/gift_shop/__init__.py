"""Plain Python behind the dbt models: a folder a subject, importable without dbt.

- ingestion: reading, checking and loading the raw file; reader.py over a loader for each format
- products: product categories
- clustering: customer segments. rfm_space.py (the transform, its formula in placing.py),
  algorithms.py (what is tried), selection.py (the grid and the rule), segments.py (the served
  model), archetypes.py (names), rfm_groups.py and holdout.py (baselines and held-out test),
  segment_tables.py (what the dbt models return)
- forecasting: customer value, category of interest, segment transition; predictions.py has the
  frames they return, chances.py what they work out, predict.py does it for one new customer
- evaluation: how good the forecasts are
- publishing: published files, content hashes, the lock of `make build`
- sample: made-up invoices
- models.py imports for the dbt models, tables.py goes from Python to SQL, rounding.py has the rules
  of rounding, paths.py says where files lie, errors.py has what a user is meant to read
"""
