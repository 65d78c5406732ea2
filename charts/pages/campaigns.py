"""What did contacting customers bring?"""

from collections.abc import Callable
from types import SimpleNamespace

from markupsafe import Markup

from charts import components, formats

TITLE = "Campaigns"
QUESTION = "What did contacting customers bring, beside those who were left alone?"


def body(data: SimpleNamespace) -> Markup:
    """The page's contents, of what Published.answers has for it."""
    sent = [result for result in data.results if result.contacted_from is not None]
    waiting = [result for result in data.results if result.contacted_from is None]
    return components.join(
        [
            components.section("Lists that were sent", _sent(sent)),
            components.section("Lists of which no day of contact is known", _waiting(waiting)),
        ]
    )


def _sent(results: list[SimpleNamespace]) -> Markup:
    rows = [
        (
            formats.day(r.listed_on),
            r.campaign,
            "All segments" if r.segment_key == "all" else r.segment_name,
            r.result,
            formats.day(r.contacted_from),
            formats.whole(r.listed_customers),
            formats.whole(r.control_customers),
            formats.percent(r.ordered_share),
            formats.percent(r.control_ordered_share),
            _interval(r.difference, r.ci_low, r.ci_high, formats.percent),
            _interval(r.spend_difference, r.spend_ci_low, r.spend_ci_high, formats.money),
        )
        for r in results
    ]
    return components.figure(
        "Contacted beside the control group of the same list",
        f"customers; % that ordered; {formats.money_unit()} a customer",
        "Look at the row of all segments first. A difference counts where its interval, in brackets, "
        "does not hold zero. A dash is not known yet, never nothing.",
        components.table(
            ["List of", "By", "Segment", "Result", "Contacted from", "Contacted", "Control",
             "Ordered", "Control ordered", "Difference", "Spend difference"],
            rows, 6,
        ),
        "No list has a day of contact yet: say in seeds/campaign_sends.csv when one was sent.",
    )  # fmt: skip


def _waiting(results: list[SimpleNamespace]) -> Markup:
    rows = [
        (
            formats.day(r.listed_on),
            r.campaign,
            r.segment_name,
            formats.whole(r.listed_customers),
            formats.whole(r.control_customers),
        )
        for r in results
    ]
    return components.figure(
        "Lists as they were published",
        "customers",
        "Once one has been sent, write the day into seeds/campaign_sends.csv; docs/campaigns.md says how.",
        components.table(["List of", "By", "Segment", "To contact", "Control"], rows, 2),
        "There are none.",
    )


def _interval(
    value: formats.Number | None,
    low: formats.Number | None,
    high: formats.Number | None,
    text: Callable[..., str],
) -> str:
    if value is None:
        return text(None)
    return text(value) if low is None else f"{text(value)} [{text(low)} to {text(high)}]"
