"""The same sales in the shape of each system's export and in the project's own: the same figures."""

import pytest
from format_shapes import END, SHAPES, orders, part, write_own
from gift_shop.ingestion import mapping as mappings
from sql_shop import SqlShop

AS_OF = f"{END:%Y-%m-%d}"
FIGURES = {
    "customers": "select customer_id, recency_days, frequency, monetary from int_customer_snapshots"
    f" where cutoff_date = date '{AS_OF}' order by 1",
    "products": "select stock_code, sum(units - returned_units), sum(net_amount) from int_sales"
    " group by 1 having sum(net_amount) <> 0 order by 1",
    "orders": "select count(*), sum(net_amount) from int_orders",
    "guests": "select sum(quantity), sum(amount) from int_product_lines where line_class like 'anonymous%'",
}
BESIDE = {
    "shopify": {"left_out", "superseded"},
    "woocommerce": {"left_out", "refunded"},
    "amazon": {"left_out"},
}
# the own file of eight columns, and formats that no system writes
NO_SHAPE = {"generic", "online_retail_ii", "uci"}


@pytest.fixture(scope="module")
def lines():
    return part()


def test_every_shipped_format_has_a_shape():
    assert {path.stem for path in mappings.FORMATS.glob("*.yml")} == {*SHAPES, *NO_SHAPE}


def test_the_part_has_what_exports_differ_in(lines):
    assert len({line.customer for line in lines} - {""}) == 60
    assert len(orders(line for line in lines if not line.customer)) == 20
    assert sum(line.quantity < 0 for line in lines if line.customer) > 30
    assert any(line.quantity < 0 for line in lines if not line.customer)


@pytest.mark.parametrize("name", SHAPES)
def test_an_export_says_what_the_own_file_says(tmp_path, lines, name):
    export, nets = SHAPES[name].write(tmp_path, lines)
    own = write_own(tmp_path / "own.csv", nets)
    with SqlShop(own, as_of_date=AS_OF) as plain, SqlShop(export, as_of_date=AS_OF) as shaped:
        mapping = mappings.read_mapping(mappings.FORMATS / f"{name}.yml")
        assert shaped.row("select distinct format from raw_files") == (mapping.name,)
        classes = {line_class for line_class, _ in plain.ledger()}
        assert classes <= {"sale", "return", "anonymous_sale", "anonymous_return"}
        for figure, query in FIGURES.items():
            assert shaped.rows(query) == plain.rows(query), figure
        # what the export has beside the sales is left out as what it is
        more = {line_class for line_class, _ in shaped.ledger()} - classes
        assert more == BESIDE.get(name, set())
        people = {line.customer for line in nets if line.quantity > 0} - {""}
        assert len(plain.rows(FIGURES["customers"])) == len(people)
