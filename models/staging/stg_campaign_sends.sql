with

sends as (

    select
        listed_on,
        lower({{ clean_text('campaign') }}) as campaign,
        coalesce(lower({{ clean_text('segment_key') }}), 'all') as segment_key,
        {{ customer_key('customer_id') }} as customer_key,
        contacted_on
    from {{ ref('campaign_sends') }}

),

addresses as (

    select * from {{ ref('customer_addresses') }}

)

select
    sends.listed_on,
    sends.campaign,
    sends.segment_key,
    coalesce(addresses.customer_id, sends.customer_key, 'all') as customer_id,
    min(sends.contacted_on) as contacted_on
from sends
left join addresses on sends.customer_key = addresses.address
group by 1, 2, 3, 4
