-- name: warnings
select message
from build_warnings
order by warning, subject;

-- name: classes
select
    line_class,
    sum(lines) as lines,
    sum(lines) / sum(sum(lines)) over () as share,
    sum(units) as units,
    sum(refunded_units) as refunded_units,
    sum(amount) as amount,
    sum(discount_amount) as discounts,
    sum(refunded_amount) as refunds,
    sum(net_amount) as net_amount
from cleaning_ledger
group by line_class
order by lines desc, line_class asc;

-- name: returns
select *
from returns_reconciliation;

-- name: profile
select *
from raw_profile
order by column_no;

-- name: fees
select
    stock_code,
    description,
    fee_words,
    orders,
    order_share,
    prices,
    amount,
    seed_row
from suspected_fees
order by amount desc, stock_code asc
limit 100;

-- name: drift
select
    drift.*,
    coalesce(segments.segment_name, drift.segment_key) as segment_name
from segment_drift as drift
left join segments on drift.segment_key = segments.segment_key
order by drift.as_of_date desc;

-- name: deciding
select
    model,
    candidate,
    metric,
    value,
    ci_low,
    ci_high,
    n,
    is_baseline,
    is_used,
    note
from model_metrics
where
    value is not null
    and (
        (model = 'customer_segments' and metric = 'auc')
        or (model = 'customer_value_order' and metric = 'log_loss')
        or (model = 'customer_value_spend' and metric = 'top20_spend_share')
        or (model = 'category_of_interest' and metric = 'log_loss')
        or (model = 'segment_transition' and metric = 'accuracy')
        or (model = 'product_categories' and metric = 'accuracy')
    )
order by model asc, value desc, candidate asc;

-- name: calibration
select
    n,
    predicted,
    actual,
    ci_low,
    ci_high
from calibration
where is_used and model = 'customer_value_order'
order by decile;

-- name: metrics
select
    model,
    candidate,
    metric,
    value,
    ci_low,
    ci_high,
    n,
    case when is_used then 'used' when is_baseline then 'baseline' else 'tried' end as role,
    trained_before,
    tested_from,
    tested_until,
    note
from model_metrics
order by model asc, metric asc, is_used desc, candidate asc;
