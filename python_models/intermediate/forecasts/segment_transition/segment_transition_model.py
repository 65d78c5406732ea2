from gift_shop import worker


def model(dbt, session):
    choice = dbt.ref("int_customer_segment_choice").df().iloc[0]
    inputs = {
        "examples": dbt.ref("int_segment_transition_examples"),
        "cutoffs": dbt.ref("int_cutoffs"),
    }
    frames = {name: table.df() for name, table in inputs.items()}
    are_groups = not choice["is_used"]
    return worker.call("forecast", "SegmentTransition", frames, are_groups=are_groups)
