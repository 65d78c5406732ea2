"""What a spreadsheet takes for a formula: in the CSV files and in what the dashboard downloads."""

# OWASP, CSV injection; the wide signs of East Asian text count as well
FORMULA_STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
