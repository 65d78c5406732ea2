"""Where the project's files lie: each path from its environment variable, or its place by default."""

import os
from pathlib import Path

SAMPLE = "online_retail_sample.csv.gz"


def project() -> Path:
    """Root of the project; DBT_PROJECT_DIR where dbt is called from another folder."""
    return Path(os.environ.get("DBT_PROJECT_DIR") or ".")


def invoices() -> str:
    """The raw invoices, a file or a glob: RAW_INVOICES, by default the shipped sample."""
    sample = project() / "seeds" / "sample" / SAMPLE
    return os.environ.get("RAW_INVOICES") or str(sample)


def mapping() -> str:
    """The user's mapping of columns to fields: RAW_MAPPING, '' for a format known by its header."""
    return os.environ.get("RAW_MAPPING") or ""


def key_file() -> Path:
    """The key by which e-mail addresses become customer ids, outside the project: GIFT_SHOP_KEY_FILE,
    by default gift_shop/key in the user's folder of settings."""
    settings = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return Path(os.environ.get("GIFT_SHOP_KEY_FILE") or Path(settings) / "gift_shop" / "key")


def database() -> Path:
    """The working DuckDB file: GIFT_SHOP_DB, by default gift_shop.duckdb (as in profiles.yml)."""
    return Path(os.environ.get("GIFT_SHOP_DB") or project() / "gift_shop.duckdb")


def published() -> Path:
    """Folder that people and BI tools read from: GIFT_SHOP_PUBLISHED, by default published/."""
    return Path(os.environ.get("GIFT_SHOP_PUBLISHED") or project() / "published")
