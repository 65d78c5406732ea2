"""Mappings: the keys and fields of the YAML file, its errors, and how a header is recognised."""

import csv

import duckdb
import pytest
from gift_shop.errors import InputFileError
from gift_shop.ingestion import check, reader
from gift_shop.ingestion import mapping as mappings
from shop import HEADER

FIELDS = """
  invoice_no: Order
  stock_code: Code
  quantity: Pieces
  invoiced_at: Day
  unit_price: Each
"""
COLUMNS = ["Order", "Code", "Pieces", "Day", "Each"]
# a header of each format, as its system writes it
HEADERS = {
    "UCI Online Retail": HEADER,
    "Online Retail II": "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country",
    "Shopify orders export": "Name,Email,Financial Status,Paid at,Fulfillment Status,Accepts Marketing,Currency,"
    "Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem sku,Shipping Country,Cancelled at,Refunded Amount,Vendor,Id,Lineitem discount",
    "WooCommerce, Advanced Order Export": "Order Number,Order Status,Order Date,Email (Billing),"
    "Country Code (Billing),Cart Discount Amount,Order Subtotal Amount,Order Refund Amount,Order Total Amount,SKU,"
    "Item #,Item Name,Quantity (- Refund),Item Cost,Coupon Code",
    "Etsy sold order items": "Sale Date,Item Name,Buyer,Quantity,Price,Coupon Code,Coupon Details,Discount Amount,"
    "Shipping Discount,Order Shipping,Order Sales Tax,Item Total,Currency,Transaction ID,Listing ID,Date Paid,"
    "Date Shipped,Ship Name,Ship Country,Order ID,Variations,SKU",
    "Square item sales": "Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Modifiers Applied,Gross Sales,"
    "Discounts,Net Sales,Tax,Transaction ID,Payment ID,Event Type,Location,Customer ID,Customer Name",
    "Amazon all orders": "amazon-order-id,merchant-order-id,purchase-date,last-updated-date,order-status,"
    "sales-channel,product-name,sku,asin,item-status,quantity,currency,item-price,item-tax,"
    "item-promotion-discount,ship-country",
    "generic": "Order ID,Order Date,Customer ID,Product ID,Product Name,Category,Quantity,Unit Price,Region,Segment",
}


@pytest.fixture
def session():
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def mapping(tmp_path):
    """A mapping from the text of its file."""

    def read(text):
        path = tmp_path / "own.yml"
        path.write_text(text, encoding="utf-8")
        return mappings.read_mapping(path)

    return read


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_is_of_one_format(name):
    header = next(csv.reader([HEADERS[name]]))
    assert mappings.recognise("f.csv", header).mapping.name == name
    fitting = [
        each.name
        for each in mappings.shipped()[:-1]
        if set(map(mappings.key, each.recognised_by)) <= set(map(mappings.key, header))
    ]
    assert fitting == [name] * (name != "generic")


def test_every_shipped_format_has_a_header_here():
    assert {each.name for each in mappings.shipped()} == set(HEADERS)


def test_german_headers_of_a_till_are_read():
    header = [
        "Belegnummer",
        "Datum",
        "Artikelnummer",
        "Bezeichnung",
        "Menge",
        "Einzelpreis",
        "Kundennummer",
        "Land",
    ]
    bound = mappings.recognise("f.csv", header)
    assert len(bound.sources) == 8 and bound.unused == ()


def test_the_header_of_uci_with_a_column_that_counts_is_generic():
    bound = mappings.recognise("f.csv", [*HEADER.split(","), "Status"])
    assert bound.mapping.name == "generic" and "status" in bound.sources


def test_a_line_total_is_read_only_where_there_is_no_price():
    both = mappings.recognise("f.csv", ["Order ID", "Date", "Item", "Qty", "Price", "Total"])
    assert "line_total" not in both.sources and both.unused == ("Total",)
    total = mappings.recognise("f.csv", ["Order ID", "Date", "Item", "Qty", "Total"])
    assert "line_total" in total.sources


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("Order ID,Date,Item,Qty,Price,Discount", "column Discount can mean two things"),
        ("Order ID,Invoice ID,Date,Item,Qty,Price", "Order ID and Invoice ID may both be field invoice_no"),
        ("Order ID,Date,Item,Qty", "column missing: unit_price or line_total"),
        ("Order ID,Date,Price,Qty", "column missing: stock_code or description"),
        (HEADER.replace("Quantity", "Stock"), "column missing: Quantity"),
    ],
)  # fmt: skip
def test_what_is_not_certain_is_refused(header, says):
    with pytest.raises(InputFileError) as caught:
        mappings.recognise("f.csv", header.split(","))
    assert says in str(caught.value) and str(caught.value).startswith("f.csv: ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the mapping has no keys"),
        ("- a", "the mapping has no keys"),
        ("a: b: c", "the mapping is not readable YAML"),
        ("name: x", "key 'fields' is missing"),
        (f"fields:{FIELDS}decimals: ','", "key 'decimals' is not known, the nearest is 'decimal'"),
        (f"fields:{FIELDS}  qantity: X", "field 'qantity' is not known, the nearest is 'quantity'"),
        (f"fields:{FIELDS}  country: {{const: GB}}", "is not known, the nearest is 'constant'"),
        (f"fields:{FIELDS}date_format: dmy", "date_format"),
        (f"fields:{FIELDS.replace('  quantity: Pieces', '')}", "fields need quantity"),
        (f"fields:{FIELDS.replace('  unit_price: Each', '')}", "fields need unit_price or line_total"),
        (f"fields:{FIELDS}carry_down: [custmer_id]", "the nearest is 'customer_id'"),
        (f"fields:{FIELDS}statuses: {{no: {{left_ot: x}}}}", "the nearest is 'left_out'"),
        (f"fields:{FIELDS}thousands: _", "thousands"),
        (f"fields:{FIELDS}decimal: ','\nthousands: ','", "thousands and decimal are both ','"),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_used(mapping, text, says):
    with pytest.raises(InputFileError) as caught:
        mapping(text)
    message = str(caught.value)
    assert says in message and "own.yml: " in message and "\n" not in message


def test_a_mapping_that_cannot_be_found(tmp_path):
    with pytest.raises(InputFileError, match="the mapping cannot be read"):
        mappings.read_mapping(tmp_path / "no.yml")


def test_a_column_that_the_file_lacks_names_the_nearest(mapping):
    own = mapping(f"fields:{FIELDS}")
    with pytest.raises(InputFileError) as caught:
        mappings.recognise("f.csv", ["Order", "Code", "Piece", "Day", "Each"], own)
    assert "column missing: Pieces" in str(caught.value)
    assert "the nearest is 'Piece'" in str(caught.value)


def test_alternatives_constants_and_joined_columns(session, mapping):
    own = mapping(
        "fields:\n  invoice_no: Order\n  description: [Name, Code]\n  quantity: {constant: 1}\n"
        "  invoiced_at: {columns: [Day, Hour], joined: true}\n  line_total: Sum\n  country: {constant: GB}\n"
    )
    header = ["Order", "Name", "Code", "Day", "Hour", "Sum"]
    bound = mappings.recognise("f.csv", header, own)
    session.execute(
        "create table t (c0 varchar, c1 varchar, c2 varchar, c3 varchar, c4 varchar, c5 varchar)"
    )
    session.execute(
        "insert into t values ('1', 'Mug', 'A', '2026-01-05', '10:00', '5'),"
        " ('1', ' ', 'B', '2026-01-05', null, '6')"
    )
    row, other = session.execute(f"select {bound.select_sql()} from t").fetchall()
    assert row == ("1", "Mug", "1", "2026-01-05 10:00", "5", "GB")
    assert other == ("1", "B", "1", "2026-01-05", "6", "GB")


def test_a_suggested_mapping_is_filled_in_and_can_be_read(mapping):
    header = [
        "order ref",
        "Sold at date",
        "cust_id",
        "Prod Name",
        "Qty sold",
        "Unit Price (EUR)",
        "Hobby",
    ]
    text = mappings.suggestion(header)
    own = mapping(text)
    assert {name: source.columns for name, source in own.fields.items()} == {
        "invoice_no": ("order ref",),
        "invoiced_at": ("Sold at date",),
        "customer_id": ("cust_id",),
        "description": ("Prod Name",),
        "quantity": ("Qty sold",),
        "unit_price": ("Unit Price (EUR)",),
    }
    assert isinstance(mappings.bind(own, header), mappings.Binding)


def test_files_of_two_formats_are_refused(session, tmp_path):
    (tmp_path / "a.csv").write_text(f"{HEADER}\n1,A,Mug,1,2026-01-05,5.00,k1,DE\n")
    (tmp_path / "b.csv").write_text("Order ID,Date,Item,Qty,Price\n1,2026-01-05,Mug,1,5.00\n")
    with pytest.raises(InputFileError, match="of the format generic, but .* of the format UCI"):
        reader.read_invoices(session, str(tmp_path / "*.csv"), **SETTINGS)


def test_several_currencies_are_refused_until_one_is_chosen(session, tmp_path):
    path = tmp_path / "a.csv"
    lines = ["1,2026-01-05,Mug,1,5.00,EUR", "2,2026-01-06,Mug,1,9000.00,JPY"]
    path.write_text("\n".join(["Order ID,Date,Item,Qty,Price,Currency", *lines]) + "\n")
    with pytest.raises(InputFileError) as caught:
        reader.read_invoices(session, str(path), **SETTINGS)
    assert "2 currencies (1 in EUR, 1 in JPY)" in str(caught.value) and "currency: EUR" in str(caught.value)  # fmt: skip
    read = reader.read_invoices(session, str(path), **SETTINGS, currency="eur")
    rows = read.project("invoice_no, left_out_reason").order("1").fetchall()
    assert rows == [("1", None), ("2", "currency JPY")]
    with pytest.raises(InputFileError, match="no line is in currency 'USD'"):
        reader.read_invoices(session, str(path), **SETTINGS, currency="USD")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("above", ["", "Sales of January\n\nfrom the till\n", "sep="])
def test_delimiters_and_lines_above_the_header(session, tmp_path, delimiter, above):
    above = f"{above}{delimiter}\n" if above == "sep=" else above
    header = HEADER.replace(",", delimiter)
    line = delimiter.join(["1", "A", '"Mug, blue"', "2", "2026-01-05 10:00", "5.00", "k1", "DE"])
    path = tmp_path / "a.csv"
    path.write_text(f"{above}{header}\n{line}\n")
    read = reader.read_invoices(session, str(path), **SETTINGS)
    columns = "invoice_no, description, quantity, invoice_date, unit_price, customer_id, country"
    assert read.project(columns).fetchall() == [
        ("1", "Mug, blue", "2", "2026-01-05 10:00", "5.00", "k1", "DE")
    ]
    (row,) = reader.raw_files(str(path), **SETTINGS).to_pylist()
    assert row["header_line"] == above.count("\n") + 1


SETTINGS = {
    "date_format": "",
    "quantity_pattern": "-?[0-9]{1,9}",
    "price_pattern": r"-?[0-9]{1,9}(\.[0-9]{1,4})?",
    "max_unreadable_share": 0.05,
}


def test_a_suggested_mapping_leaves_what_can_mean_two_things(mapping):
    text = mappings.suggestion(["Order ID", "Date", "Item", "Qty", "Price", "Total", "Discount"])
    with pytest.raises(InputFileError, match=r"customer_id: still 'which column\?'.*delete"):
        mapping(text)
    own = mapping(text.replace("which column?", "Date"))
    assert "discount" not in own.fields and "line_total" not in own.fields


def test_a_misspelt_key_is_named_before_the_one_it_leaves_missing(mapping):
    with pytest.raises(InputFileError, match="key 'feilds' is not known, the nearest is 'fields'"):
        mapping("feilds:\n  invoice_no: Receipt\n")


def test_columns_called_as_the_fields_are_those_fields():
    names = [name for name in mappings.NAMES if name != "line_total"]
    bound = mappings.recognise("a view", names)
    assert bound.sources.keys() == set(names)


def test_a_header_that_nothing_knows_can_be_mapped_too(session, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("alpha;beta;gamma\n1;2;3\n")
    with pytest.raises(
        InputFileError, match="names no column that is known.*writes a mapping"
    ) as caught:
        reader.read_invoices(session, str(path), **SETTINGS)
    assert caught.value.header == ["alpha", "beta", "gamma"]


def test_the_sign_between_thousands_can_be_set(session, tmp_path):
    path, own = tmp_path / "a.csv", tmp_path / "own.yml"
    path.write_text("Order;Code;Pieces;Day;Each\n1;A;2;2026-01-05;1.250\n")
    with pytest.raises(InputFileError, match="nothing tells whether '1.250'"):
        reader.read_invoices(session, str(path), **SETTINGS, mapping=written(own, ""))
    read = reader.read_invoices(
        session, str(path), **SETTINGS, mapping=written(own, "thousands: .\n")
    )
    assert read.project("unit_price").fetchall() == [("1250",)]


def written(path, more):
    """The path of a mapping for COLUMNS, with more keys."""
    path.write_text(f"fields:{FIELDS}{more}")
    return str(path)


@pytest.mark.parametrize("header", ["alpha;beta;gamma", "Sales of May\nalpha;beta;gamma"])
def test_a_mapping_of_which_the_file_has_no_column_says_what_each_has(session, tmp_path, header):
    path, own = tmp_path / "a.csv", tmp_path / "own.yml"
    path.write_text(f"{header}\n1;2;3\n")
    with pytest.raises(InputFileError) as caught:
        reader.read_invoices(session, str(path), **SETTINGS, mapping=written(own, ""))
    missing = f"column missing: {', '.join(COLUMNS)} (found: alpha, beta, gamma)"
    assert missing in str(caught.value) and "Correct the mapping" in str(caught.value)


def test_an_own_mapping_may_lack_only_what_no_order_line_needs(session, tmp_path):
    path, own = tmp_path / "a.csv", tmp_path / "own.yml"
    path.write_text("Order,Code,Day,Each\n1,A,2026-01-05,5.00\n")
    mapping = written(own, "  country: Land\nmay_lack: true\n")
    with pytest.raises(InputFileError, match=r"column missing: Pieces \(found"):
        reader.read_invoices(session, str(path), **SETTINGS, mapping=mapping)
    path.write_text("Order,Code,Pieces,Day,Each\n1,A,2,2026-01-05,5.00\n")
    read = reader.read_invoices(session, str(path), **SETTINGS, mapping=mapping)
    assert read.project("quantity, country").fetchall() == [("2", None)]


@pytest.mark.parametrize("kinds", [2, 7])
def test_a_column_of_a_few_values_is_not_suggested_for_customers(tmp_path, kinds):
    path = tmp_path / "a.csv"
    lines = [f"{n},2026-01-05,Mug,k{n % kinds}" for n in range(50 * kinds)]
    path.write_text("\n".join(["Number,Sold at,Thing,Client", *lines]) + "\n")
    assert check.names_customers(str(path), "Client") == (kinds == 7)
    header = ["Number", "Sold at", "Thing", "Client"]
    text = mappings.suggestion(header, lambda column: check.names_customers(str(path), column))
    expected = "which column?" if kinds == 2 else '"Client"'
    assert f"customer_id: {expected}" in text


def test_the_next_likely_column_is_suggested_where_one_cannot_be_customers():
    header = ["Customer", "Customer Number"]
    text = mappings.suggestion(header, lambda column: column != "Customer")
    assert 'customer_id: "Customer Number"' in text


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Order Total Amount", "line_total"),
        ("Shipping price", "unit_price"),
        ("Customer Paid Orders", "customer_id"),
        ("Customer type", "category"),
    ],
)
def test_a_column_of_something_else_is_not_suggested(column, field):
    others = ["Number", "Thing"] if field == "customer_id" else ["Number", "Thing", "Customer ID"]
    suggested = mappings.suggestion([*others, column])
    assert f'{field}: "{column}"' not in suggested
