"""What a spreadsheet takes for a formula: in the CSV files and in what the dashboard downloads."""

# OWASP, CSV injection; the wide signs of East Asian text count as well. At the beginning of a text,
# or after a semicolon, which ends a cell where decimals have commas. A regex that DuckDB and
# JavaScript read alike: the apostrophe goes between its two groups.
FORMULA = "(^|;)([=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20])"
