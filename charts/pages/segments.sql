-- name: segments
select *
from segments;

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
