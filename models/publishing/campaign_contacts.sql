{{ config(schema='marts') }}

with

lists as (

    select campaign_log.*
    from {{ ref('campaign_log') }} as campaign_log
    inner join {{ ref('stg_shop') }} as shops on campaign_log.shop = shops.shop

),

sends as (

    select * from {{ ref('stg_campaign_sends') }}

),

-- a send to a whole list leaves its control group alone
contacted as (

    select
        lists.listed_on,
        lists.campaign,
        lists.customer_id,
        min(sends.contacted_on) as contacted_on
    from lists
    inner join sends
        on
            lists.listed_on = sends.listed_on
            and lists.campaign = sends.campaign
            and (sends.segment_key = 'all' or lists.segment_key = sends.segment_key)
            and (lists.customer_id = sends.customer_id or (sends.customer_id = 'all' and not lists.is_control))
    group by
        lists.listed_on,
        lists.campaign,
        lists.customer_id

)

select
    lists.shop,
    lists.listed_on,
    lists.campaign,
    lists.customer_id,
    lists.segment_key,
    lists.is_control,
    contacted.contacted_on
from lists
left join contacted
    on
        lists.listed_on = contacted.listed_on
        and lists.campaign = contacted.campaign
        and lists.customer_id = contacted.customer_id
