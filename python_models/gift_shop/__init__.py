"""Plain Python behind the dbt models: one module a job, importable without dbt.

- the door: door.py, over door_files.py and a loader for each format, door_csv.py, door_parquet.py,
  door_xlsx.py; errors.py is the error a user is meant to read
- product categories: categories.py
- customer segments: rfm_space.py (transform), cluster_fits.py (algorithms), cluster_choice.py (the
  grid and the rule), clusters.py (the served model), archetypes.py (names), rfm_groups.py and
  cluster_holdout.py (baselines and held-out test), segment_tables.py (what the dbt models return)
- forecasts: value.py, interest.py, new_segments.py, over predictions.py (the frames they return)
- how good they are: ranking_metrics.py, intervals.py
- who imports the learners, one thread for all: learners.py
- what goes in and out: tables.py (to SQL), publishing.py (to people), paths.py, sample.py (made-up
  invoices)
"""
