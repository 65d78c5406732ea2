from gift_shop.models import segment_transition


def model(dbt, session):
    choice = dbt.ref("int_customer_segment_choice").df().iloc[0]
    inputs = {
        "examples": dbt.ref("int_segment_transition_examples"),
        "cutoffs": dbt.ref("int_cutoffs"),
    }
    forecaster = segment_transition.SegmentTransition(are_groups=not choice["is_used"])
    return forecaster.forecast({name: table.df() for name, table in inputs.items()}).to_arrow()
