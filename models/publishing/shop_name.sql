select
    coalesce(
        {{ shop_name() }},
        case when max(file_name) = 'online_retail_sample.csv.gz' then 'sample' else 'shop' end
    ) as shop
from {{ ref('raw_files') }}
