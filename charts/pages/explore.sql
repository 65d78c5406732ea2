-- name: findings
select
    finding_no,
    topic,
    finding
from key_findings
order by finding_no;

-- name: countries
select
    country,
    orders,
    customers,
    net_amount,
    net_amount / nullif(sum(net_amount) over (), 0) as share
from sales_by_country
where customers > 0
order by net_amount desc, country asc;

-- name: hours
select
    weekday_no,
    weekday,
    hour,
    orders,
    net_amount
from sales_by_weekday_hour
where orders > 0;

-- name: sizes
select
    band_no,
    size_band,
    orders,
    net_amount
from order_sizes
order by band_no;

-- name: best
select
    stock_code,
    description,
    revenue,
    units_sold,
    customers
from products
where revenue > 0
order by revenue desc, stock_code asc
limit 15;

-- name: returned
select
    stock_code,
    description,
    units_sold,
    units_returned,
    return_rate
from products
where units_returned > 0
order by units_returned desc, stock_code asc
limit 15;

-- name: gaps
with banded as (
    select
        case
            when median_days_between_orders is null then 8
            when median_days_between_orders <= 7 then 1
            when median_days_between_orders <= 14 then 2
            when median_days_between_orders <= 30 then 3
            when median_days_between_orders <= 60 then 4
            when median_days_between_orders <= 90 then 5
            when median_days_between_orders <= 180 then 6
            else 7
        end as band_no
    from customers
)

select
    band_no,
    count(*) as customers,
    count(*) / sum(count(*)) over () as share
from banded
group by band_no
order by band_no;

-- name: cohorts
select
    cohort_month,
    months_since,
    is_complete_month,
    cohort_customers,
    customers,
    retention_rate
from cohort_retention
order by cohort_month, months_since;
