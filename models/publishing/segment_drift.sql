{#- Two builds of the log beside each other. Population stability index (PSI) of a feature: sum over ten classes of
    (now - before) ln(now / before), the classes cut at the deciles of before; below 0.1 little has moved, above 0.25
    much. A class that is empty on one side counts as half a customer. -#}
with

log as (

    select * from {{ ref('segment_log') }}

),

dates as (

    select
        shop,
        as_of_date,
        lag(as_of_date) over (partition by shop order by as_of_date) as previous_as_of_date
    from (
        select distinct
            log.shop,
            log.as_of_date
        from log
    ) as logged

),

both_sides as (

    select
        dates.shop,
        dates.previous_as_of_date,
        dates.as_of_date,
        dates.as_of_date = log.as_of_date as is_now,
        log.customer_id,
        log.segment_key,
        log.recency_days,
        log.frequency,
        log.monetary
    from dates
    inner join log
        on
            dates.shop = log.shop
            and (dates.previous_as_of_date = log.as_of_date or dates.as_of_date = log.as_of_date)
    where dates.previous_as_of_date is not null

),

kept as (

    select
        now.shop,
        now.as_of_date,
        count(*) as customers_in_both,
        {{ figure('avg(case when now.segment_key = before.segment_key then 1 else 0 end)') }} as kept_segment_share
    from both_sides as now
    inner join both_sides as before
        on
            now.shop = before.shop
            and now.as_of_date = before.as_of_date
            and now.customer_id = before.customer_id
    where now.is_now and not before.is_now
    group by 1, 2

),

sizes as (

    select
        shop,
        previous_as_of_date,
        as_of_date,
        segment_key,
        count(*) filter (where not is_now) as customers_before,
        count(*) filter (where is_now) as customers_now
    from both_sides
    group by 1, 2, 3, 4

),

figures as (

    {% for feature in ['recency_days', 'frequency', 'monetary'] -%}
    select
        shop,
        as_of_date,
        is_now,
        customer_id,
        '{{ feature }}' as feature,
        cast({{ feature }} as double) as figure
    from both_sides
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

tenths as (

    select
        *,
        ntile(10) over (partition by shop, as_of_date, feature order by figure asc, customer_id asc) as tenth
    from figures
    where not is_now

),

edges as (

    select distinct
        shop,
        as_of_date,
        feature,
        max(figure) over (partition by shop, as_of_date, feature, tenth) as edge
    from tenths
    where tenth < 10

),

classed as (

    select
        figures.shop,
        figures.as_of_date,
        figures.feature,
        figures.customer_id,
        figures.is_now,
        count(edges.edge) as class_no
    from figures
    left join edges
        on
            figures.shop = edges.shop
            and figures.as_of_date = edges.as_of_date
            and figures.feature = edges.feature
            and figures.figure > edges.edge
    group by 1, 2, 3, 4, 5

),

class_sizes as (

    select
        shop,
        as_of_date,
        feature,
        class_no,
        greatest(count(*) filter (where not is_now), 0.5) as customers_before,
        greatest(count(*) filter (where is_now), 0.5) as customers_now
    from classed
    group by 1, 2, 3, 4

),

class_shares as (

    select
        shop,
        as_of_date,
        feature,
        cast(customers_before as double) / sum(customers_before) over feature_pair as share_before,
        cast(customers_now as double) / sum(customers_now) over feature_pair as share_now
    from class_sizes
    window feature_pair as (partition by shop, as_of_date, feature)

),

stability as (

    select
        shop,
        as_of_date,
        sum(psi) filter (where feature = 'recency_days') as recency_psi,
        sum(psi) filter (where feature = 'frequency') as frequency_psi,
        sum(psi) filter (where feature = 'monetary') as monetary_psi
    from (
        select
            shop,
            as_of_date,
            feature,
            cast((share_now - share_before) * ln(share_now / share_before) as decimal(18, 9)) as psi
        from class_shares
    ) as class_psi
    group by 1, 2

)

select
    sizes.shop,
    sizes.previous_as_of_date,
    sizes.as_of_date,
    sizes.segment_key,
    kept.customers_in_both,
    kept.kept_segment_share,
    sizes.customers_before,
    sizes.customers_now,
    {{ figure(
        'sizes.customers_now / sum(sizes.customers_now) over (pair)'
        ~ ' - sizes.customers_before / sum(sizes.customers_before) over (pair)'
    ) }} as share_change,
    {{ figure('stability.recency_psi') }} as recency_psi,
    {{ figure('stability.frequency_psi') }} as frequency_psi,
    {{ figure('stability.monetary_psi') }} as monetary_psi
from sizes
inner join kept on sizes.shop = kept.shop and sizes.as_of_date = kept.as_of_date
inner join stability on sizes.shop = stability.shop and sizes.as_of_date = stability.as_of_date
window pair as (partition by sizes.shop, sizes.as_of_date)
