-- name: segments
select *
from segments;

-- name: months
select
    month_end,
    segment_key,
    count(*) as customers,
    sum(monetary) as revenue
from segment_history
where
    has_enough_history
    and month_end > (select max(newest.month_end) - interval 12 month from segment_history as newest)
group by all
order by
    month_end,
    segment_key;

-- name: everybody
select
    count(*) as customers,
    coalesce(sum(monetary), 0) as revenue,
    median(recency_days) as recency_days,
    median(frequency) as frequency,
    median(monetary) as monetary,
    median(avg_order_value) as avg_order_value
from customers;

-- name: cells
select
    r_score,
    f_score,
    count(*) as customers,
    sum(monetary) as revenue
from customers
group by r_score, f_score;
