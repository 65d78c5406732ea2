"""What do I do on Monday, for whom, with which products?"""

from types import SimpleNamespace

from gift_shop.publishing.published_files import audience_file
from markupsafe import Markup

from charts import components, formats, palette

TITLE = "Actions"
# of a customer, once opened
DETAILS = [
    ("contact", "Status", "text"),
    ("due_reason", "Why now or not", "text"),
    ("due_on", "Due on", "day"),
    ("channel", "Channel", "text"),
    ("offer", "Offer", "text"),
    ("timing", "Rules of the segment", "text"),
    ("why", "Why this segment and category", "text"),
    ("segments_over_time", "Segment at month ends", "steps"),
    ("category_to_feature", "Category to show", "text"),
    ("top_categories", "Most bought, % of net spend", "list"),
    ("last_order_at", "Last order", "day"),
    ("median_days_between_orders", "Usual days between orders", "units"),
    ("next_order_on", "Expected again by these", "day"),
    ("rfm_field", "Recency and frequency", "text"),
    ("order_probability", "Chance of an order", "percent"),
    ("buyer_type", "Buys as", "text"),
]
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
                        "customers to contact now, by the rules of their segment, without the control group",
                    ),
                    (
                        "Just moved",
                        formats.whole(totals.moved),
                        "in another segment than at the last month end, without the control group",
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
                            f"in {data.horizon} of those who are due, without doing anything: good for "
                            "ranking customers, not for planning sales"
                        ),
                    ),
                ]
            ),
            components.section(
                "The lists",
                _lists(data.lists, data.messages),
                lead="For each segment and way of contact, without the control group: whoever is due, as a file "
                "of published/audiences. Files hold customer ids: join the email addresses by customer_id; where "
                "your ids are addresses, the files have them already.",
            ),
            components.section("The customers", _list(data, totals.customers)),
            components.section("By segment", _by_segment(data)),
        ]
    )


def _lists(lists: list[SimpleNamespace], messages: list[SimpleNamespace]) -> Markup:
    """A card for each segment and way of contact."""
    if not lists:
        return components.card(components.prose("There is nobody to contact."))
    cards = sorted(lists, key=lambda one: (palette.place(one.segment_key), one.contact_by))
    return Markup('<div class="lists">{}</div>').format(
        components.join(
            _card(
                one,
                [
                    message
                    for message in messages
                    if (message.segment_key, message.contact_by)
                    == (one.segment_key, one.contact_by)
                    # where nobody is due, what is sent to most once they are
                    and (message.due or not one.due)
                ],
            )
            for one in cards
        )
    )


def _card(one: SimpleNamespace, messages: list[SimpleNamespace]) -> Markup:
    sent = messages if one.due else messages[:1]
    return Markup(
        '<article class="list" data-key="{}_{}" data-value="{}"><h3>{}, by {}</h3>'
        '<p><b>{}</b> due of {}; expected spend {}</p>{}<p class="do">{}{}</p></article>'
    ).format(
        one.segment_key,
        one.contact_by,
        one.due,
        components.named(one.segment_key, one.segment_name),
        one.contact_by,
        formats.whole(one.due),
        formats.whole(one.customers),
        formats.money(one.expected or 0),
        components.join(_message(message, len(sent) > 1) for message in sent),
        _download(one) if one.due else "",
        components.listed(
            "Show the list" if one.due else "Show who will be due",
            segment_name=one.segment_name,
            contact_by=one.contact_by,
            contact="due now" if one.due else "not due",
        ),
    )


def _message(message: SimpleNamespace, one_of_several: bool) -> Markup:
    return Markup("<p>{}{}.</p><p>Offer: {}.</p>").format(
        f"To {formats.whole(message.due)}: " if one_of_several else "",
        message.action,
        message.offer,
    )


def _download(one: SimpleNamespace) -> Markup:
    return Markup('<a class="main" href="../audiences/{}" download>Download (CSV)</a>').format(
        audience_file(one.segment_key, one.contact_by)
    )


def _list(data: SimpleNamespace, everybody: int) -> Markup:
    columns = [
        ("customer_id", "Customer", "id"),
        ("segment_name", "Segment", "segment"),
        ("segment_key", "segment_key", "hidden"),
        ("was", "was", "hidden"),
        ("moved", "Moved", "hidden"),
        ("contact_by", "Contact by", "text"),
        ("action", "Action", "text"),
        ("products_to_feature", "Products to show", "text"),
        ("expected_spend", "Expected spend", "money"),
        *DETAILS,
    ]
    return components.figure(
        "Customers with their next action",
        f"one row a customer; expected {formats.money_unit()} in {data.horizon}",
        "The most valuable first. Choose a segment, a way of contact or a kind of buyer, and download "
        "what is shown; a click on a customer opens the rest. Hidden at first: who is not due, and "
        "the control group. Who has just moved is also in published/audiences/, a file a segment."
        + components.cut(everybody, "csv/customer_actions.csv"),
        components.explorer(
            "actions",
            columns,
            data.actions,
            {
                "segment_name": "",
                "contact": "due now",
                "moved": "",
                "buyer_type": "",
                "contact_by": "",
                "rfm_field": "",
            },
            "actions.csv",
            tuple(key for key, *_ in DETAILS),
        ),
        "There is nobody to contact.",
    )


def _by_segment(data: SimpleNamespace) -> Markup:
    rows = [
        (
            s.segment_key,
            components.listed(
                components.named(s.segment_key, s.segment_name),
                segment_name=s.segment_name,
                contact="",
            ),
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
