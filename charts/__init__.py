"""The dashboard as code: pages of self-contained HTML, written from the published DuckDB file alone.

`pages/` holds one page a pair of files: the questions (NAME.sql) and how the answers are shown
(NAME.py), from parts in HTML (`components.py`) and drawings (`drawings.py`); `site.py` puts the pages
together. `results.py` writes docs/results.md from the same file.
"""
