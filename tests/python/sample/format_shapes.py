"""A part of the sample, written as each system's export and in the project's own eight columns.

What a discount and a refund leave of a line is worked out here, in Decimal: the own file needs
neither, as its prices are net. An export and its own file are two ways to say the same sales.
"""

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from itertools import count
from pathlib import Path

from shop import HEADER, SAMPLE

FIRST, END = datetime(2011, 3, 1), datetime(2011, 6, 1)
PENNY = Decimal("0.01")
SHIPPING = Decimal("4.95")


@dataclass(frozen=True)
class Line:
    """A sale or, with a quantity below zero, a return; `net` is its money after all discounts and
    refunds in money."""

    invoice: str
    code: str
    description: str
    quantity: int
    at: datetime
    price: Decimal
    customer: str
    country: str
    net: Decimal = Decimal(0)

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.price


@dataclass(frozen=True)
class Shape:
    """A format: what it cannot carry, and the part that it can, written both ways.

    `write` makes the export in a folder, returns its path or glob, and the lines with their nets.
    """

    leaves_out: tuple[str, ...]
    write: Callable[[Path, list[Line]], tuple[Path, list[Line]]]


def part() -> list[Line]:
    """Three months of 30 customers with returns, 30 without, and 20 guests' invoices.

    A product stands once in an invoice; postage, fees and adjustments are not in it: each system
    has its own place for them, or none.
    """
    seen: set[tuple[str, str]] = set()
    lines = []
    with gzip.open(SAMPLE, "rt", encoding="utf-8", newline="") as file:
        for invoice, code, description, quantity, day, price, customer, country in [
            row for row in csv.reader(file) if len(row) == 8 and row[0] != "InvoiceNo"
        ]:
            code = code.upper()
            if (
                FIRST <= (at := datetime.strptime(day, "%m/%d/%Y %H:%M")) < END
                and code[:5].isdigit()
                and Decimal(price) >= Decimal("0.10")
                and Decimal(price) % PENNY == 0
                and quantity.startswith("-") == invoice.startswith("C")
                and (invoice, code) not in seen
            ):
                seen.add((invoice, code))
                lines.append(
                    Line(invoice, code, description.strip(), int(quantity), at, Decimal(price), customer, country)
                )  # fmt: skip
    returning = {line.customer for line in lines if line.quantity < 0}
    buying = {line.customer for line in lines if line.quantity > 0} - {""}
    chosen = {*sorted(buying & returning)[:30], *sorted(buying - returning)[:30]}
    guest_invoices = sorted({line.invoice for line in lines if not line.customer})
    guests = {*guest_invoices[:17], *guest_invoices[-3:]}  # the last are returns
    return sorted(
        (line for line in lines if line.customer in chosen or line.invoice in guests),
        key=lambda line: line.at,
    )


def write_own(path: Path, lines: Iterable[Line]) -> Path:
    """The eight columns. Where the net of a line is no whole number of pennies a unit, one unit
    stands on a line of its own and has the rest."""
    rows = []
    for line in lines:
        unit = (line.net / line.quantity).quantize(PENNY, ROUND_DOWN)
        rest = line.net - unit * (line.quantity - 1)
        parts = [(line.quantity, unit)] if rest == unit else [(line.quantity - 1, unit), (1, rest)]
        for quantity, price in parts:
            if quantity:
                assert price > 0
                rows.append(
                    [
                        line.invoice, line.code, line.description, quantity, f"{line.at:%-m/%-d/%Y %H:%M}", price,
                        line.customer, line.country,
                    ]
                )  # fmt: skip
    return write_rows(path, HEADER.split(","), rows)


def write_rows(path: Path, header: list[str], rows: Iterable[list], delimiter: str = ",") -> Path:
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    return path


def write_records(path: Path, records: list[dict], delimiter: str = ",") -> Path:
    """A field that a record lacks is empty."""
    header = list(dict.fromkeys(name for record in records for name in record))
    return write_rows(path, header, ([r.get(name, "") for name in header] for r in records), delimiter)  # fmt: skip


def orders(lines: Iterable[Line]) -> dict[str, list[Line]]:
    found = defaultdict(list)
    for line in lines:
        found[line.invoice].append(line)
    return found


def sales(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.quantity > 0]


def with_addresses(lines: Iterable[Line]) -> list[Line]:
    return [replace(line, customer=line.customer and f"c{line.customer}@x.example") for line in lines]  # fmt: skip


def share(amount: Decimal, percent: int) -> Decimal:
    return (amount * percent / 100).quantize(PENNY, ROUND_DOWN)


def spread(money: Decimal, worths: list[Decimal]) -> list[Decimal]:
    """Money over lines by their worth: whole pennies, the largest remainders get what is left."""
    pennies, weights = int(money / PENNY), [int(worth / PENNY) for worth in worths]
    parts = [divmod(pennies * weight, sum(weights)) for weight in weights]
    shares = [whole for whole, _ in parts]
    by_remainder = sorted(range(len(parts)), key=lambda at: -parts[at][1])
    for at in by_remainder[: pennies - sum(shares)]:
        shares[at] += 1
    return [share * PENNY for share in shares]


def shopify(folder: Path, lines: list[Line]) -> tuple[Path, list[Line]]:
    """Two files that overlap by a month: the later one knows of refunds that the earlier does not.

    Discounts of some lines and some orders, refunds with a part for shipping, voided orders.
    """
    first: list[dict] = []
    second: list[dict] = []
    nets = []
    for at, (number, of_order) in enumerate(orders(sales(with_addresses(lines))).items()):
        line_discounts = [share(line.amount, 20 if int(line.code[:5]) % 7 == 0 else 0) for line in of_order]  # fmt: skip
        worths = [line.amount - off for line, off in zip(of_order, line_discounts, strict=True)]
        order_discount = share(sum(worths), 10 if at % 3 == 0 else 0)
        worths = [
            worth - off for worth, off in zip(worths, spread(order_discount, worths), strict=True)
        ]
        subtotal = sum(worths)
        shipping = SHIPPING if at % 2 else Decimal(0)
        refund = share(subtotal + shipping, 30 if at % 5 == 0 else 0)
        of_products = (refund * subtotal / (subtotal + shipping)).quantize(PENNY, ROUND_HALF_UP)
        nets += [
            replace(line, net=worth - off)
            for line, worth, off in zip(of_order, worths, spread(of_products, worths), strict=True)
        ]
        order = {
            "Financial Status": "partially_refunded" if refund else "paid",
            "Currency": "GBP",
            "Subtotal": subtotal,
            "Shipping": shipping,
            "Total": subtotal + shipping,
            "Shipping Country": of_order[0].country,
            "Refunded Amount": refund,
        }
        month = of_order[0].at.month
        last_file = first if month == 3 else second
        last_file += shopify_records(f"#{number}", of_order, order, line_discounts)
        if month == 4:
            unrefunded = order | {"Financial Status": "paid", "Refunded Amount": 0}
            first += shopify_records(f"#{number}", of_order, unrefunded, line_discounts)
        if at % 10 == 0:
            voided = order | {"Financial Status": "voided"}
            last_file += shopify_records(f"#{number}V", of_order, voided, line_discounts)
    write_records(folder / "orders_export_1.csv", first)
    write_records(folder / "orders_export_2.csv", second)
    return folder / "orders_export_*.csv", nets


def shopify_records(number: str, lines: list[Line], order: dict, discounts: list) -> list[dict]:
    """The order's fields on its first line only, but for those that Shopify repeats."""
    return [
        {"Name": number, "Email": line.customer}
        | (order if at == 0 else dict.fromkeys(order, ""))
        | {
            "Created at": f"{line.at:%Y-%m-%d %H:%M:%S} +0100",
            "Lineitem quantity": line.quantity,
            "Lineitem name": line.description,
            "Lineitem price": line.price,
            "Lineitem sku": line.code,
            "Lineitem discount": discount,
        }
        for at, (line, discount) in enumerate(zip(lines, discounts, strict=True))
    ]


def off_each_unit(line: Line) -> Decimal:
    return share(line.price, 10 if int(line.code[:5]) % 3 == 0 else 0)


def woocommerce(folder: Path, lines: list[Line]) -> tuple[Path, list[Line]]:
    """Quantities less the units that came back, last in first out; costs less discounts."""
    lines = with_addresses(line for line in lines if line.customer or line.quantity > 0)
    kept: dict[tuple[str, str], int] = {}
    held = defaultdict(list)
    for line in lines:
        purchases = held[line.customer, line.code]
        if line.quantity > 0:
            kept[line.invoice, line.code] = line.quantity
            purchases.append((line.invoice, line.code))
            continue
        left = -line.quantity
        while left and purchases:
            back = min(left, kept[purchases[-1]])
            kept[purchases[-1]] -= back
            left -= back
            if not kept[purchases[-1]]:
                purchases.pop()
    emptied = {
        of_order[0].customer
        for of_order in orders(sales(lines)).values()
        if not any(kept[line.invoice, line.code] for line in of_order)
    }
    lines = [line for line in lines if line.customer not in emptied]
    records = []
    for at, of_order in enumerate(orders(sales(lines)).values()):
        for status in ("Completed", "Cancelled") if at % 10 == 0 else ("Completed",):
            for number, line in enumerate(of_order, 1):
                records.append(
                    {
                        "Order Number": line.invoice + ("X" if status == "Cancelled" else ""),
                        "Order Status": status,
                        "Order Date": f"{line.at:%Y-%m-%d %H:%M}",
                        "Email (Billing)": line.customer,
                        "Country Name (Billing)": line.country,
                        "SKU": line.code,
                        "Item #": number,
                        "Item Name": line.description,
                        "Quantity (- Refund)": kept[line.invoice, line.code],
                        "Item Cost": line.price - off_each_unit(line),
                        "Order Currency": "GBP",
                    }
                )
    return write_records(folder / "woocommerce.csv", records), with_net_prices(lines)


def with_net_prices(lines: Iterable[Line]) -> list[Line]:
    return [replace(line, net=line.quantity * (line.price - off_each_unit(line))) for line in lines]  # fmt: skip


def etsy(folder: Path, lines: list[Line]) -> tuple[Path, list[Line]]:
    """A discount on every third order, on its first row; days without hours."""
    numbers = count(9001)
    records, nets = [], []
    for at, (number, of_order) in enumerate(orders(sales(lines)).items()):
        amounts = [line.amount for line in of_order]
        discount = share(sum(amounts), 15 if at % 3 == 0 else 0)
        for place, (line, off) in enumerate(zip(of_order, spread(discount, amounts), strict=True)):
            nets.append(replace(line, net=line.amount - off))
            records.append(
                {
                    "Sale Date": f"{line.at:%m/%d/%y}",
                    "Item Name": line.description,
                    "Buyer": line.customer,
                    "Quantity": line.quantity,
                    "Price": line.price,
                    "Discount Amount": discount if place == 0 else 0,
                    "Item Total": line.amount,
                    "Currency": "GBP",
                    "Transaction ID": next(numbers),
                    "Listing ID": line.code,
                    "Ship Country": line.country,
                    "Order ID": number,
                    "SKU": "",
                }
            )
    return write_records(folder / "etsy.csv", records), nets


def square(folder: Path, lines: list[Line]) -> tuple[Path, list[Line]]:
    """Totals of lines with a currency sign; returns are transactions with a negative quantity."""
    records = []
    for line in lines:
        discount = line.quantity * off_each_unit(line)
        records.append(
            {
                "Date": f"{line.at:%m/%d/%Y}",
                "Time": f"{line.at:%H:%M:%S}",
                "Category": "",
                "Item": line.description,
                "Qty": f"{line.quantity}.0",
                "Price Point Name": "Regular",
                "SKU": line.code,
                "Gross Sales": dollars(line.amount),
                "Discounts": dollars(-discount),
                "Net Sales": dollars(line.amount - discount),
                "Tax": dollars(Decimal(0)),
                "Transaction ID": f"T{line.invoice}",
                "Event Type": "Payment" if line.quantity > 0 else "Refund",
                "Customer ID": line.customer,
            }
        )
    return write_records(folder / "square.csv", records), with_net_prices(lines)


def dollars(amount: Decimal) -> str:
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def amazon(folder: Path, lines: list[Line]) -> tuple[Path, list[Line]]:
    """Tabs, no customers; every tenth line again in a cancelled order."""
    records, nets = [], []
    for at, line in enumerate(sales(lines)):
        discount = share(line.amount, 15 if at % 3 == 0 else 0)
        nets.append(replace(line, net=line.amount - discount, customer=""))
        for status in ("Shipped", "Cancelled") if at % 10 == 0 else ("Shipped",):
            records.append(
                {
                    "amazon-order-id": line.invoice + ("-X" if status == "Cancelled" else ""),
                    "purchase-date": f"{line.at:%Y-%m-%dT%H:%M:%S}+00:00",
                    "order-status": status,
                    "product-name": line.description,
                    "sku": line.code,
                    "quantity": line.quantity,
                    "currency": "GBP",
                    "item-price": line.amount,
                    "item-promotion-discount": discount or "",
                    "ship-country": line.country,
                }
            )
    return write_records(folder / "amazon.txt", records, "\t"), nets


# by the names of the formats' files
SHAPES = {
    "shopify": Shape(("units that came back", "the day of a refund"), shopify),
    "woocommerce": Shape(
        (
            "the day of a refund",
            "money of an order",
            "returns of guests",
            "orders of which nothing is left, here with all of their customers' lines",
        ),
        woocommerce,
    ),
    "etsy": Shape(("returns", "hours"), etsy),
    "square": Shape(("countries",), square),
    "amazon": Shape(("customers", "returns"), amazon),
}
