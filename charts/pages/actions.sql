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
select
    actions.priority,
    actions.customer_id,
    actions.segment_key,
    coalesce(segments.segment_name, actions.segment_key) as segment_name,
    coalesce(earlier.segment_name, actions.previous_segment_key) as previous_segment_name,
    case
        when actions.has_moved then 'moved since the last month end'
        else 'as before, or not known'
    end as moved,
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
    actions.why
from customer_actions as actions
left join segments on actions.segment_key = segments.segment_key
left join segments as earlier on actions.previous_segment_key = earlier.segment_key
left join customers on actions.customer_id = customers.customer_id
left join product_categories as categories on actions.category_to_feature = categories.category_key
order by actions.priority
limit 20000;

-- name: lists
select
    actions.segment_key,
    coalesce(segments.segment_name, actions.segment_key) as segment_name,
    actions.contact_by,
    count(*) as customers,
    count(*) filter (where actions.is_due) as due,
    sum(actions.expected_spend) filter (where actions.is_due) as expected,
    -- what most of them get: all but those with cells of their own
    mode(actions.action order by actions.action) as action,
    mode(actions.offer order by actions.offer) as offer
from customer_actions as actions
left join segments on actions.segment_key = segments.segment_key
where not actions.is_control and actions.contact_by <> 'none'
group by 1, 2, 3;
