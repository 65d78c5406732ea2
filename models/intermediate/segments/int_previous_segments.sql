-- the last complete month end, where history was long enough to say anything
select
    customer_id,
    segment_key
from {{ ref('int_customer_segments') }}
where
    cutoff_date = (
        select max(cutoffs.cutoff_date) from {{ ref('int_cutoffs') }} as cutoffs
        where cutoffs.is_month_end and cutoffs.days_before_as_of > 0
    )
    and has_enough_history
