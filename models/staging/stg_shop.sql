with

files as (

    select
        min(file_name) = max(file_name) and max(file_name) = 'online_retail_sample.csv.gz' as is_sample,
        nullif(max(currency), '') as currency
    from {{ ref('raw_files') }}

)

select
    coalesce({{ env_text('GIFT_SHOP_NAME') }}, case when is_sample then 'sample' else 'shop' end) as shop,
    coalesce(
        {{ env_text('GIFT_SHOP_CURRENCY') }},
        case currency when 'GBP' then '£' when 'EUR' then '€' when 'USD' then '$' else currency end,
        case when is_sample then '£' end
    ) as currency
from files
