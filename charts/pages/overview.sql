-- name: customers
select
    count(*) as customers,
    count(*) filter (where frequency = 1) as once
from customers;

-- name: due
select count(*) as customers
from customer_actions
where is_due and not is_control;

-- name: sales
select
    coalesce(sum(orders), 0) as orders,
    coalesce(sum(gross_amount), 0) as gross,
    coalesce(sum(returned_amount), 0) as returned,
    coalesce(sum(net_amount), 0) as net,
    coalesce(sum(anonymous_gross_amount), 0) as anonymous_gross,
    coalesce(sum(anonymous_returned_amount), 0) as anonymous_returned
from sales_by_month;

-- name: months
select
    month,
    is_complete_month,
    orders,
    customers,
    new_customers,
    gross_amount,
    returned_amount,
    net_amount
from sales_by_month
order by month;

-- name: lines
select
    line_class,
    reason,
    before_as_of,
    lines,
    amount,
    lines / sum(lines) over () as share
from cleaning_ledger
order by before_as_of desc, lines desc, line_class asc, reason asc;

-- name: segments
select
    segment_key,
    segment_name,
    customers,
    customer_share,
    revenue,
    revenue_share
from segments;
