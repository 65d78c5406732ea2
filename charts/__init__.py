"""The dashboard as code: pages of self-contained HTML, written from the published DuckDB file alone.

`pages/` holds one page a pair of files: the questions (NAME.sql) and how the answers are shown
(NAME.py). `blocks.py` and `marks.py` draw, `site.py` puts the pages together.
"""
