select
    positions.customer_id,
    positions.x,
    positions.y,
    segments.segment_key,
    positions.x_variance_share,
    positions.y_variance_share
from {{ ref('customer_positions') }} as positions
inner join {{ ref('int_customer_segments') }} as segments on positions.customer_id = segments.customer_id
where segments.split = 'serving'
