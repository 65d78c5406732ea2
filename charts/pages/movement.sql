-- name: moves
select
    month_end,
    from_segment_key,
    to_segment_key,
    customers,
    customers_ordered,
    customers_aged,
    revenue
from segment_migrations
order by month_end desc;

-- name: sizes
select
    month_end,
    segment_key,
    count(*) as customers
from segment_history
where has_enough_history
group by month_end, segment_key
order by month_end asc, segment_key asc;

-- name: segments
select
    segment_key,
    segment_name
from segments;
