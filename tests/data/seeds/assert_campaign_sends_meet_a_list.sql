-- behind the gate, as the lists are: they are those of this shop, today's among them
with

lists as (

    select
        listed_on,
        campaign,
        segment_key,
        customer_id
    from {{ ref('campaign_contacts') }}

),

sends as (

    select * from {{ ref('stg_campaign_sends') }}

),

met as (

    select
        sends.listed_on,
        sends.campaign,
        sends.segment_key,
        sends.customer_id,
        max(lists.listed_on) is not null as has_list
    from sends
    left join lists
        on
            sends.listed_on = lists.listed_on
            and sends.campaign = lists.campaign
            and (sends.segment_key = 'all' or sends.segment_key = lists.segment_key)
            and (sends.customer_id = 'all' or sends.customer_id = lists.customer_id)
    group by 1, 2, 3, 4

),

faults as (

    select
        'campaign_sends' as seed,
        concat_ws(' ', listed_on, campaign, segment_key, customer_id)
        || ' meets nobody on a list of campaign_contacts' as fault
    from met
    where not has_list

)

{{ seed_faults() }}
