from gift_shop.forecasting import predictions
from gift_shop.models import segment_transition


def model(dbt, session):
    choice = dbt.ref("int_customer_segment_choice").df().iloc[0]
    frames = segment_transition.learn(
        dbt.ref("int_segment_transition_examples").df(),
        dbt.ref("int_cutoffs").df(),
        are_groups=not choice["is_used"],
    )
    return predictions.one_table(frames)
