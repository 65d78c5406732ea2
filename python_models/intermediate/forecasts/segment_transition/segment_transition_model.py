from gift_shop.models import segment_transition


def model(dbt, session):
    as_of = dbt.ref("int_as_of").df().iloc[0]
    choice = dbt.ref("int_customer_segment_choice").df().iloc[0]
    forecaster = segment_transition.SegmentTransition(
        as_of["as_of_date"].date(),
        horizon_days=int(dbt.config.meta_get("horizon_days")),
        are_groups=not choice["is_used"],
    )
    forecast = forecaster.forecast({"examples": dbt.ref("int_segment_transition_examples").df()})
    return forecast.to_arrow()
