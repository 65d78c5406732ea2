-- name: totals
select
    count(*) as customers,
    count(*) filter (where is_due and not is_control) as contacts,
    count(*) filter (where is_control) as controls,
    count(*) filter (where has_moved and not is_control) as moved,
    sum(expected_spend) filter (where is_due and not is_control) as expected
from customer_actions;

-- name: by_segment
select
    actions.segment_key,
    coalesce(segments.segment_name, actions.segment_key) as segment_name,
    count(*) filter (where actions.is_due and not actions.is_control) as contacts,
    coalesce(sum(actions.expected_spend) filter (where actions.is_due and not actions.is_control), 0) as expected
from customer_actions as actions
left join segments on actions.segment_key = segments.segment_key
group by 1, 2;

-- name: actions
with
changes as (
    select
        *,
        lag(segment_key) over (partition by customer_id order by month_end) as earlier_key
    from segment_history
    where has_enough_history
),

segments_over_time as (
    select
        changes.customer_id,
        list(
            coalesce(segments.segment_name, changes.segment_key) || strftime(changes.month_end, ' (%b %Y)')
            order by changes.month_end
        ) as segments_over_time,
        max_by(changes.segment_key, changes.month_end) as last_key
    from changes
    left join segments on changes.segment_key = segments.segment_key
    where changes.segment_key is distinct from changes.earlier_key
    group by changes.customer_id
),

top_categories as (
    select
        spend.customer_id,
        list(
            coalesce(categories.category_name, spend.category_key)
            || coalesce(' ' || cast(round(100 * spend.revenue_share) as integer) || '%', '')
            order by spend.category_rank
        ) as top_categories
    from customer_category_spend as spend
    left join product_categories as categories on spend.category_key = categories.category_key
    where spend.category_rank <= 3
    group by spend.customer_id
)

select
    actions.priority,
    actions.customer_id,
    actions.segment_key,
    coalesce(segments.segment_name, actions.segment_key) as segment_name,
    case
        when actions.has_moved then 'moved since the last month end'
        else 'as before, or not known'
    end as moved,
    case when actions.has_moved then 'was ' || coalesce(earlier.segment_name, actions.previous_segment_key) end as was,
    'R' || customers.r_score || ' F' || customers.f_score as rfm_field,
    actions.buyer_type,
    case
        when actions.is_control then 'control: do not contact'
        when actions.contact_by = 'none' then 'nothing to do'
        when actions.is_due then 'due now'
        else 'not due'
    end as contact,
    actions.action,
    actions.channel,
    actions.contact_by,
    actions.offer,
    actions.timing,
    actions.due_on,
    actions.due_reason,
    coalesce(categories.category_name, actions.category_to_feature) as category_to_feature,
    actions.products_to_feature,
    actions.order_probability,
    actions.expected_spend,
    customers.median_days_between_orders,
    customers.last_order_at,
    customers.last_order_at + to_days(cast(round(customers.median_days_between_orders) as integer)) as next_order_on,
    case
        when segments_over_time.last_key = actions.segment_key then segments_over_time.segments_over_time
        else list_append(
                segments_over_time.segments_over_time,
                coalesce(segments.segment_name, actions.segment_key) || ' (now)'
            )
    end as segments_over_time,
    top_categories.top_categories,
    actions.why
from customer_actions as actions
left join segments on actions.segment_key = segments.segment_key
left join segments as earlier on actions.previous_segment_key = earlier.segment_key
left join customers on actions.customer_id = customers.customer_id
left join product_categories as categories on actions.category_to_feature = categories.category_key
left join segments_over_time on actions.customer_id = segments_over_time.customer_id
left join top_categories on actions.customer_id = top_categories.customer_id
order by actions.priority
limit 20000;

-- name: lists
select
    actions.segment_key,
    coalesce(segments.segment_name, actions.segment_key) as segment_name,
    actions.contact_by,
    count(*) as customers,
    count(*) filter (where actions.is_due) as due,
    sum(actions.expected_spend) filter (where actions.is_due) as expected
from customer_actions as actions
left join segments on actions.segment_key = segments.segment_key
where not actions.is_control and actions.contact_by <> 'none'
group by 1, 2, 3;

-- name: messages
select
    segment_key,
    contact_by,
    action,
    offer,
    count(*) as customers,
    count(*) filter (where is_due) as due
from customer_actions
where not is_control and contact_by <> 'none'
group by all
order by
    due desc,
    customers desc,
    action asc,
    offer asc;
