-- name: totals
select
    count(*) as customers,
    count(*) filter (where is_due and not is_control) as contacts,
    count(*) filter (where is_control) as controls,
    sum(expected_spend) filter (where is_due and not is_control) as expected
from customer_actions;

-- name: by_segment
select
    actions.segment_key,
    coalesce(segments.segment_name, actions.segment_key) as segment_name,
    count(*) filter (where actions.is_due and not actions.is_control) as contacts,
    sum(actions.expected_spend) filter (where actions.is_due and not actions.is_control) as expected
from customer_actions as actions
left join segments on actions.segment_key = segments.segment_key
group by 1, 2;

-- name: actions
select
    actions.priority,
    actions.customer_id,
    actions.segment_key,
    coalesce(segments.segment_name, actions.segment_key) as segment_name,
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
    actions.why
from customer_actions as actions
left join segments on actions.segment_key = segments.segment_key
left join product_categories as categories on actions.category_to_feature = categories.category_key
order by actions.priority
limit 20000;
