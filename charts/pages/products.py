"""What sells, and to whom?"""

from math import log2
from types import SimpleNamespace

from markupsafe import Markup

from charts import components, drawings, formats, palette

TITLE = "Products"
SMALL = 0.001
QUESTION = "What sells, and which segment likes which category?"


def body(data: SimpleNamespace) -> Markup:
    """The page's contents, of what Published.answers has for it."""
    return components.join(
        [
            components.section("Categories", _treemap(data), _table(data)),
            components.section("Segments and categories", _affinity(data)),
            components.section("All products", _list(data)),
        ]
    )


def _treemap(data: SimpleNamespace) -> Markup:
    categories = [c for c in _large(data) if c.revenue > 0]
    rows = []
    for number, c in enumerate(categories):
        colour = palette.shade(0.55 - 0.45 * number / max(len(categories) - 1, 1), palette.BLUES)
        rows.append(
            {
                "key": c.category_key,
                "label": c.category_name,
                "value": float(c.revenue),
                "money": formats.money(c.revenue),
                "text": f"{c.category_name}: {formats.money(c.revenue)}",
                "colour": colour,
                "ink": palette.ink(colour),
            }
        )
    title = "Net revenue by product category"
    return components.figure(
        title,
        formats.money_unit(),
        "The area of a field is its net revenue, the largest first; small fields carry no "
        "name here, the table below has them all.",
        rows and drawings.treemap(rows, title),
        "There are no sales yet.",
    )


def _table(data: SimpleNamespace) -> Markup:
    rows = [
        (
            c.category_name,
            Markup('<span class="how">{}</span>').format(c.top_products or ""),
            formats.whole(c.products),
            formats.whole(c.customers),
            formats.units(c.units_sold),
            formats.money(c.revenue),
            formats.percent(c.revenue_share),
        )
        for c in _large(data)
    ]
    return components.figure(
        "The categories in figures",
        f"products, customers, units, {formats.money_unit()}, % of net revenue",
        _sources(data),
        components.table(
            [
                "Category",
                "Bestsellers",
                "Products",
                "Customers",
                "Units",
                "Net revenue",
                "% of all",
            ],
            rows,
            numbers=5,
        ),
        "There are no products yet.",
    )


def _sources(data: SimpleNamespace) -> str:
    """How much of the revenue is named by what, in words."""
    shares = {s.category_source: formats.percent(s.share or 0) for s in data.sources}
    by = {
        "column": "the category column of the file",
        "words": "words of the descriptions",
        "override": "seed product_category_overrides",
        "model": "a model",
    }
    named = ", ".join(
        f"{shares[source]} by {what}" for source, what in by.items() if source in shares
    )
    return (
        f"Of the net revenue, {named}; {shares.get('none', formats.percent(0))} has no category. "
        "The word list that comes with the project was written for a gift shop: seeds/product_category_words.csv is "
        "the place for words of your own, and make words proposes some." + _small_ones(data)
    )


def _large(data: SimpleNamespace) -> list[SimpleNamespace]:
    """The categories but those that hardly sell: their shares are those of a customer or two."""
    return [c for c in data.categories if not _is_small(c)]


def _is_small(category: SimpleNamespace) -> bool:
    return category.revenue_share is not None and abs(category.revenue_share) < SMALL


def _small_ones(data: SimpleNamespace) -> str:
    small = [c for c in data.categories if _is_small(c)]
    if not small:
        return ""
    named = ", ".join(f"{c.category_name} ({formats.money(c.revenue)})" for c in small)
    return f" Not shown here, as they bring less than {formats.percent(SMALL)} of it: {named}."


def _affinity(data: SimpleNamespace) -> Markup:
    names = {a.segment_key: a.segment_name for a in data.affinities}
    categories = [(c.category_key, c.category_name) for c in _large(data) if c.revenue > 0]
    shown = {key for key, _ in categories}
    cells = {
        (a.category_key, a.segment_key): (
            min(max(log2(a.affinity), -3), 3) if a.affinity > 0 else -3,
            f"{a.affinity:.2f}",
            f"{formats.percent(a.revenue_share)} of this segment's revenue, {formats.money(a.revenue)}",
        )
        for a in data.affinities
        if a.category_key in shown
    }
    reach = max((abs(value) for value, *_ in cells.values()), default=1)
    return components.figure(
        "Which segment spends more than average on which category",
        "times the average share; 1 is average",
        "Blue: the segment spends more of its money here than all customers do; orange: less; the darker, the "
        "more times so. Small categories swing more.",
        components.heat(
            "Category",
            categories,
            [(key, names[key]) for key in sorted(names, key=palette.place)],
            cells,
            palette.AROUND,
            low=-reach,
            high=reach,
        ),
        "There are no segments or no sales to compare.",
    )


def _list(data: SimpleNamespace) -> Markup:
    columns = [
        ("stock_code", "Code", "id"),
        ("description", "Product", "text"),
        ("category_name", "Category", "text"),
        ("revenue", "Net revenue", "money"),
        ("units_sold", "Units sold", "units"),
        ("units_returned", "Units returned", "units"),
        ("return_rate", "% of units returned", "percent"),
        ("orders", "Orders", "whole"),
        ("customers", "Customers", "whole"),
        ("last_sold_at", "Last sold", "day"),
    ]
    return components.figure(
        "Every product",
        f"{formats.money_unit()}, units, %",
        "Highest net revenue first; click on a heading to sort, on a product for the rest."
        + components.cut(data.totals[0].products, "csv/products.csv"),
        components.explorer(
            "products",
            columns,
            data.products,
            {"category_name": ""},
            "products.csv",
            ("units_returned", "customers", "last_sold_at"),
        ),
        "There are no products yet.",
    )  # fmt: skip
