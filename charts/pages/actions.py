"""What do I do on Monday, for whom, with which products?"""

from types import SimpleNamespace

from markupsafe import Markup

from charts import components, formats, palette

TITLE = "Actions"
QUESTION = "What to do on Monday: for whom, by which channel, with which products?"


def body(data: SimpleNamespace) -> Markup:
    """The page's contents, of what Published.answers has for it."""
    (totals,) = data.totals
    return components.join(
        [
            components.tiles(
                [
                    (
                        "Due now",
                        formats.whole(totals.contacts),
                        "customers to contact now, by the rules of their segment",
                    ),
                    (
                        "Control group",
                        formats.whole(totals.controls),
                        "left alone, to see what the actions bring",
                    ),
                    (
                        "Expected spend",
                        formats.money(totals.expected),
                        (
                            f"of those who are due in {data.horizon}, without doing anything; trust the "
                            "order, not the level"
                        ),
                    ),
                ]
            ),
            components.section("The list", _list(data, totals.customers)),
            components.section("By segment", _by_segment(data)),
        ]
    )


def _list(data: SimpleNamespace, everybody: int) -> Markup:
    columns = [
        ("priority", "Priority", "whole"),
        ("customer_id", "Customer", "id"),
        ("segment_name", "Segment", "segment"),
        ("segment_key", "segment_key", "hidden"),
        ("buyer_type", "Buys as", "text"),
        ("order_probability", f"Orders in {data.horizon}", "percent"),
        ("expected_spend", "Expected spend", "money"),
        ("action", "Action", "text"),
        ("channel", "Channel", "text"),
        ("contact_by", "Contact by", "text"),
        ("offer", "Offer", "text"),
        ("timing", "When", "text"),
        ("due_on", "Due on", "day"),
        ("due_reason", "Why now or not", "text"),
        ("category_to_feature", "Category to show", "text"),
        ("products_to_feature", "Products to show", "text"),
        ("why", "Why", "text"),
        ("contact", "Contact", "text"),
    ]
    return components.figure(
        "Customers with their next action",
        f"one row a customer; % chance of an order and expected {formats.money_unit()} in {data.horizon}",
        "The most valuable first. Choose a segment, a way of contact or a kind of buyer, and download "
        "what is shown; scroll sideways for the offer, the products and the reason. Hidden at first: "
        "who is not due, and the control group."
        + components.cut(everybody, "csv/customer_actions.csv"),
        components.explorer(
            "actions",
            columns,
            data.actions,
            {"segment_name": "", "contact": "due now", "buyer_type": "", "contact_by": ""},
            "actions.csv",
        ),
        "There is nobody to contact.",
    )


def _by_segment(data: SimpleNamespace) -> Markup:
    rows = [
        (
            s.segment_key,
            components.named(s.segment_key, s.segment_name),
            palette.segment(s.segment_key),
            [(s.contacts, formats.whole(s.contacts)), (s.expected, formats.money(s.expected))],
        )
        for s in sorted(data.by_segment, key=lambda s: palette.place(s.segment_key))
    ]
    return components.figure(
        "Customers who are due and what they are expected to spend",
        f"customers; {formats.money_unit()} in {data.horizon}",
        "Without the control group. This spend is expected without any campaign: the effect of an "
        "action is what comes on top of it, which only the control group shows.",
        components.bars(["Segment", "Due now", "Expected spend"], rows),
        "There is nobody to contact.",
    )
