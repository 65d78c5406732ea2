{#- The arithmetic of gift_shop/forecasting/customer_value.py (score): linear in the standardised features, then the link. -#}
{%- set features = customer_value_features().split() + ['monetary'] -%}

with

customers as (

    select * from {{ ref('int_customer_value_features') }}
    where split = 'serving'

),

output as (

    select * from {{ ref('customer_value_model') }}

),

coefficients as (

    {{ model_output('output', 'coefficients') | indent(4) }}

),

held_out as (

    select distinct
        model,
        candidate
    from output
    where
        part = 'holdout'
        and split = 'test'

),

used as (

    select coefficients.*
    from coefficients
    inner join {{ ref('int_customer_value_choice') }} as choice
        on
            coefficients.model = choice.model
            and coefficients.candidate = choice.used_candidate
    inner join held_out
        on
            coefficients.model = held_out.model
            and coefficients.candidate = held_out.candidate

),

-- one row per model, so that the sum below always adds in the same order
wide as (

    select
        model,
        {%- for feature in features %}
        coalesce(max(case when feature = '{{ feature }}' then mean end), 0) as mean_{{ feature }},
        coalesce(max(case when feature = '{{ feature }}' then scale end), 1) as scale_{{ feature }},
        coalesce(max(case when feature = '{{ feature }}' then coefficient end), 0) as weight_{{ feature }},
        {%- endfor %}
        max(link) as link,
        max(intercept) as intercept
    from used
    group by model

),

summed as (

    select
        customers.customer_id,
        wide.model,
        wide.link,
        wide.intercept
        {%- for feature in features %}
        + wide.weight_{{ feature }} * (customers.{{ feature }} - wide.mean_{{ feature }}) / wide.scale_{{ feature }}
        {%- endfor %} as total
    from customers
    cross join wide

),

scored as (

    select
        customer_id,
        model,
        case link
            when 'logit' then 1 / (1 + exp(-total))
            when 'log' then exp(total)
            else total
        end as value
    from summed

)

-- null where what would predict it has not been held out
select
    customers.customer_id,
    {{ figure("max(scored.value) filter (where scored.model = 'customer_value_order')") }} as order_probability,
    {{ money_forecast("max(scored.value) filter (where scored.model = 'customer_value_spend')") }} as expected_spend
from customers
left join scored on customers.customer_id = scored.customer_id
group by customers.customer_id
