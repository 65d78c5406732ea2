"""A small export of each shipped format, and the right figures of it, from the file to net sales."""

from decimal import Decimal

import pytest
import sql_models
from sql_shop import SqlShop

D = Decimal

SHOPIFY = """\
Name,Email,Financial Status,Paid at,Fulfillment Status,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,\
Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Shipping Country,Cancelled at,\
Refunded Amount,Id,Lineitem discount
#1001,ann@x.example,paid,2026-03-01,fulfilled,yes,EUR,132.80,5.95,22.15,138.75,TEN,10.00,2026-03-01 10:00:00 +0100,1,Lamp,119.00,L-1,DE,,0.00,5001,0.00
#1001,ann@x.example,,,,,,,,,,,,2026-03-01 10:00:00 +0100,2,Bulb,11.90,B-1,,,,,0.00
#1002,ben@x.example,refunded,2026-03-02,fulfilled,no,EUR,15.00,5.00,0.00,20.00,,0.00,2026-03-02 09:00:00 +0100,3,Mug,5.00,M-1,FR,,20.00,5002,0.00
#1003,cy@x.example,voided,,,no,EUR,5.00,5.00,0.00,10.00,,0.00,2026-03-03 09:00:00 +0100,1,Mug,5.00,M-1,FR,,0.00,5003,0.00
#1004,cy@x.example,paid,2026-03-04,,no,EUR,5.00,5.00,0.00,10.00,,0.00,2026-03-04 09:00:00 +0100,1,Mug,5.00,M-1,FR,2026-03-04 11:00:00 +0100,0.00,5004,0.00
#1005,cy@x.example,partially_refunded,2026-03-05,,no,EUR,15.00,0.00,0.00,15.00,,0.00,2026-03-05 09:00:00 +0100,2,Mug,5.00,M-1,FR,,7.50,5005,0.00
#1005,cy@x.example,,,,,,,,,,,,2026-03-05 09:00:00 +0100,1,Bowl,5.00,,,,,,0.00
"""

WOOCOMMERCE = """\
Order Number,Order Status,Order Date,Email (Billing),Country Code (Billing),Cart Discount Amount,Order Subtotal Amount,\
Order Refund Amount,Order Total Amount,SKU,Item #,Item Name,Quantity (- Refund),Item Cost,Coupon Code
11,Completed,2026-01-15 12:00,ann@x.example,GB,1.00,11.00,0,10.00,M-1,1,Mug,2,4.50,TEN
11,Completed,2026-01-15 12:00,ann@x.example,GB,1.00,11.00,0,10.00,B-1,2,Bowl,1,1.00,TEN
12,Refunded,2026-01-16 12:00,ben@x.example,GB,0,5.00,5.00,5.00,M-1,1,Mug,0,5.00,
13,Cancelled,2026-01-17 12:00,ben@x.example,GB,0,5.00,0,5.00,M-1,1,Mug,1,5.00,
14,On hold,2026-01-18 12:00,0,GB,0,5.00,0,5.00,M-1,1,Mug,1,5.00,
"""

ETSY = """\
Sale Date,Item Name,Buyer,Quantity,Price,Coupon Code,Coupon Details,Discount Amount,Shipping Discount,Order Shipping,\
Order Sales Tax,Item Total,Currency,Transaction ID,Listing ID,Date Paid,Date Shipped,Ship Name,Ship Country,Order ID,Variations,SKU
12/26/21,Ring,annie,2,10.00,,,24.00,0,3.00,0,20.00,USD,9001,777,12/26/21,,Ann,United States,501,,
12/26/21,Ring,annie,2,10.00,,,0.00,0,3.00,0,20.00,USD,9002,777,12/26/21,,Ann,United States,501,,
12/05/21,Chain,bob,1,5.50,,,0.00,0,3.00,0,5.50,USD,9003,778,12/05/21,,Bob,Canada,502,,C-1
"""

SQUARE = """\
Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Modifiers Applied,Gross Sales,Discounts,Net Sales,Tax,\
Transaction ID,Payment ID,Event Type,Location,Customer ID,Customer Name
08/15/2026,14:00:00,Eastern,Drinks,Coffee,2.0,Large,,,$12.00,-$1.00,$11.00,$0.80,T1,P1,Payment,Main,K1,Ann
08/16/2026,09:30:00,Eastern,Drinks,Coffee,-1.0,Large,,,-$6.00,$0.50,-$5.50,-$0.40,T2,P2,Refund,Main,K1,Ann
08/16/2026,09:45:00,Eastern,Food,Cake,1.0,Regular,C-1,,"$1,200.50",$0.00,"$1,200.50",$0.00,T3,P3,Payment,Main,,
"""

AMAZON = """\
amazon-order-id	merchant-order-id	purchase-date	last-updated-date	order-status	sales-channel	product-name	sku	asin	item-status	\
quantity	currency	item-price	item-tax	item-promotion-discount	ship-country
A-1	m	2025-09-20T09:15:00+00:00	x	Shipped	Amazon.de	Mug	M-1	B1	Shipped	2	EUR	10.00	1.60	4.00	DE
A-2	m	2025-09-21T09:15:00+00:00	x	Cancelled	Amazon.de	Mug	M-1	B1	Cancelled	1	EUR	5.00	0.80		DE
"""

STATUS = """\
Order ID,Order Date,Customer ID,Item,Qty,Price,Status
1,2026-01-05,a,Mug,2,5.00,paid
2,2026-01-06,b,Mug,2,5.00,cancelled
3,2026-01-07,c,Mug,2,5.00,refunded
"""

WEIGHTS = """\
Belegnummer;Datum;Bezeichnung;Menge;Einzelpreis;Kundennummer
1;31.01.2026;Kaffee;0,250;20,00;17850,0
"""

LINE_DISCOUNT = """\
Order ID,Order Date,Customer ID,Item,Qty,Price,Discount Amount
1,2026-01-05,a,Mug,2,5.00,4.00
"""

ORDER_DISCOUNT = """\
Order ID,Order Date,Customer ID,Item,Qty,Price,Order Discount
1,2026-01-05,a,Mug,2,5.00,1.00
1,2026-01-05,a,Bowl,1,5.00,1.00
"""

CASES = {
    # text, format, lines of each class, net sales of customers, units sold, net of each order
    "shopify": (
        SHOPIFY, "Shopify orders export", {"sale": 5, "left_out": 2}, "140.30", 9,
        {"#1001": "132.80", "#1002": "0.00", "#1005": "7.50"},
    ),
    "woocommerce": (
        WOOCOMMERCE, "WooCommerce, Advanced Order Export",
        {"sale": 2, "refunded": 1, "left_out": 1, "anonymous_sale": 1}, "10.00", 3, {"11": "10.00"},
    ),
    "etsy": (ETSY, "Etsy sold order items", {"sale": 3}, "21.50", 5, {"501": "16.00", "502": "5.50"}),
    "square": (
        SQUARE, "Square item sales", {"sale": 1, "return": 1, "anonymous_sale": 1}, "5.50", 2, {"T1": "5.50"},
    ),
    "amazon": (AMAZON, "Amazon all orders", {"anonymous_sale": 1, "left_out": 1}, "0", 0, {}),
    "status": (STATUS, "generic", {"sale": 2, "left_out": 1}, "10.00", 4, {"1": "10.00", "3": "0.00"}),
    "weights": (WEIGHTS, "generic", {"sale": 1}, "5.00", D("0.25"), {"1": "5.00"}),
    "line discount": (LINE_DISCOUNT, "generic", {"sale": 1}, "6.00", 2, {"1": "6.00"}),
    "order discount": (ORDER_DISCOUNT, "generic", {"sale": 2}, "14.00", 3, {"1": "14.00"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_an_export_of_each_format(tmp_path, case):
    text, name, classes, net, units, orders = CASES[case]
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="utf-8")
    with SqlShop(path) as shop:
        assert shop.row("select distinct format from raw_files") == (name,)
        rows = shop.rows("select line_class, count(*) from int_invoice_lines_classified group by 1")
        assert dict(rows) == classes
        assert shop.row("select coalesce(sum(net_amount), 0), coalesce(sum(units), 0) from int_sales") == (
            D(net), units,
        )  # fmt: skip
        found = dict(shop.rows("select invoice_no, net_amount from int_orders"))
        assert found == {number: D(amount) for number, amount in orders.items()}


def test_shopify_writes_a_line_for_each_of_two_personalised_mugs(tmp_path):
    """Whether or not a note of two lines stands between them, which is no repeated order."""
    header = (
        "Name,Email,Subtotal,Created at,Lineitem quantity,Lineitem name,Lineitem price,Notes,Vendor"
    )
    lines = [
        '#1,ann@x.example,20.00,2026-01-05 10:00:00 +0000,1,Mug,10.00,"To Bo,\nwith love",us',
        "#1,ann@x.example,,2026-01-05 10:00:00 +0000,1,Mug,10.00,,us",
        "#2,ben@x.example,20.00,2026-01-06 10:00:00 +0000,1,Mug,10.00,,us",
        "#2,ben@x.example,,2026-01-06 10:00:00 +0000,1,Mug,10.00,,us",
    ]
    path = tmp_path / "export.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    with SqlShop(path) as shop:
        found = dict(shop.rows("select invoice_no, net_amount from int_orders"))
    assert found == {"#1": D("20.00"), "#2": D("20.00")}


def test_the_discount_of_an_order_is_spread_to_the_penny(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(ORDER_DISCOUNT, encoding="utf-8")
    with SqlShop(path) as shop:
        assert shop.rows("select net_amount from int_sales order by line_id") == [(D("9.33"),), (D("4.67"),)]  # fmt: skip


def test_a_refund_with_shipping_leaves_the_shipping_in_the_ledger(tmp_path):
    path = tmp_path / "export.csv"
    header, *lines = SHOPIFY.splitlines(keepends=True)
    path.write_text("".join([header, *(line for line in lines if line.startswith("#1002"))]))
    with SqlShop(path) as shop:
        assert shop.row("select net_amount from int_orders") == (D(0),)
        assert shop.row("select sum(shipping_refunded_amount) from cleaning_ledger") == (D("5.00"),)


def test_a_shop_sees_its_currency_and_who_may_be_contacted(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(SHOPIFY)
    with SqlShop(path) as shop:
        assert shop.row("select distinct currency from raw_files") == ("EUR",)


def test_overlapping_exports_count_an_order_from_the_last_file(tmp_path):
    header, first, second, *_ = SHOPIFY.splitlines(keepends=True)
    paid = "#1002,ben@x.example,paid,,,no,EUR,15.00,5.00,0.00,20.00,,0.00,2026-03-02 09:00:00 +0100,3,Mug,5.00,M-1,FR,,0.00,5002,0.00\n"  # fmt: skip
    refunded = next(line for line in SHOPIFY.splitlines(keepends=True) if line.startswith("#1002"))
    (tmp_path / "orders_1.csv").write_text(header + first + second + paid)
    (tmp_path / "orders_2.csv").write_text(header + refunded)
    with SqlShop(tmp_path / "orders_*.csv") as shop:
        assert dict(
            shop.rows("select line_class, count(*) from int_invoice_lines_classified group by 1")
        ) == {
            "sale": 3,
            "superseded": 1,
        }
        assert shop.row("select sum(net_amount) from int_sales") == (D("132.80"),)


def test_a_product_twice_in_one_order_of_shopify_was_sold_twice(tmp_path):
    header = SHOPIFY.splitlines(keepends=True)[0]
    first = "#1002,ben@x.example,paid,,,no,EUR,10.00,5.00,0.00,15.00,,0.00,2026-03-02 09:00:00 +0100,1,Mug,5.00,M-1,FR,,0.00,5002,0.00\n"  # fmt: skip
    second = "#1002,ben@x.example,,,,,,,,,,,,2026-03-02 09:00:00 +0100,1,Mug,5.00,M-1,,,,,0.00\n"
    path = tmp_path / "orders.csv"
    path.write_text(header + first + second * 2 + second.replace("#1002", "#1003"))
    with SqlShop(path) as shop:
        assert shop.rows(
            "select invoice_no, count(*) from int_invoice_lines_classified"
            " where line_class <> 'duplicate' group by 1 order by 1"
        ) == [("#1002", 3), ("#1003", 1)]


def test_a_shop_without_customers_is_told_what_it_gets(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(AMAZON)
    with SqlShop(path) as shop:
        sql_models.run(shop.connection, "int_suspected_fees", "build_warnings")
        messages = dict(shop.rows("select warning, message from build_warnings"))
        assert messages["no_customer"].startswith("No line names a customer")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_notes_of_many_lines_belong_to_their_order(tmp_path, end):
    header, first, *_ = SHOPIFY.splitlines()
    note = end.join(["from the form"] + ["key: value"] * 12)
    path = tmp_path / "export.csv"
    path.write_bytes(end.join([f"{header},Notes", f'{first},"{note}"', ""]).encode())
    with SqlShop(path) as shop:
        assert shop.rows("select line_class, amount from int_invoice_lines_classified") == [("sale", D("119.00"))]  # fmt: skip
