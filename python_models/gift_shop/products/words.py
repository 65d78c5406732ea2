"""`make words`: words of descriptions that nothing names yet, as rows for seed product_category_words."""

import re
import sys
from collections import defaultdict

import duckdb
import pandas as pd

from gift_shop import paths

UNNAMED = """
    select
        description,
        cast(greatest(revenue + anonymous_gross_amount - anonymous_returned_amount, 0) as double) as revenue
    from products
    where category_source in ('none', 'model') and description is not null
"""
AT_MOST = 40
LEAST_PRODUCTS = 2  # a word of one product is better pinned than listed


def propose(products: pd.DataFrame, at_most: int = AT_MOST) -> list[tuple[str, int, float]]:
    """Words and pairs of words that stand in the most revenue of the products given.

    Each next phrase is the one that names most of what those before it leave, as the models find
    phrases: whole words.

    Parameters
    ----------
    products : DataFrame
        description, revenue (the file's currency): of products without a category.
    at_most : int
        How many phrases.

    Returns
    -------
    list of tuple
        Phrase, its products and their revenue not yet named by an earlier phrase.
    """
    found = defaultdict(set)
    for n, description in enumerate(products["description"]):
        words = re.findall(r"[^\W_]+", description.lower().replace("'", ""))
        for size in (1, 2):
            for group in zip(*(words[start:] for start in range(size)), strict=False):
                if all(len(word) > 2 and not word.isdigit() for word in group):
                    found[" ".join(group)].add(n)
    revenue = products["revenue"].tolist()
    proposals: list[tuple[str, int, float]] = []
    while len(proposals) < at_most:
        # equal revenue: the longer phrase, which says more
        ranked = [
            (sum(revenue[n] for n in sorted(rows)), phrase.count(" "), phrase)
            for phrase, rows in found.items()
            if len(rows) >= LEAST_PRODUCTS
        ]
        money, _, phrase = max(ranked, default=(0, 0, ""))
        if money <= 0:
            break
        rows = found.pop(phrase)
        proposals.append((phrase, len(rows), money))
        found = defaultdict(set, {p: rest for p, r in found.items() if (rest := r - rows)})
    return proposals


def main() -> None:
    """Print proposals of the published database; what they name goes to stderr."""
    database = paths.published() / "gift_shop.duckdb"
    if not database.exists():
        sys.exit("Nothing is published yet: run make build first.")
    with duckdb.connect(str(database), read_only=True) as connection:
        products = connection.execute(UNNAMED).df()
    proposals = propose(products)
    total = products["revenue"].sum()
    print(
        f"{len(products)} products have no category from column, words or pins. Put a category_key"
        " of seeds/product_category_names.csv before the words that fit one, and paste these rows"
        " into seeds/product_category_words.csv:",
        file=sys.stderr,
    )
    for phrase, count, money in proposals:
        print(f",{phrase}")
        print(f"    {count} products, {money / total:.1%} of their revenue", file=sys.stderr)


if __name__ == "__main__":
    main()
