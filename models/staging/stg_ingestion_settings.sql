select
    {{ text_var('date_format') }} as date_format,
    {{ text_var('quantity_pattern') }} as quantity_pattern,
    {{ text_var('price_pattern') }} as price_pattern,
    cast({{ var('max_unreadable_share') }} as double) as max_unreadable_share,
    {{ text_var('shop_timezone') }} as shop_timezone,
    {{ text_var('currency') }} as currency,
    cast('{{ date_var('earliest_date') }}' as date) as earliest_date,
    cast('{{ date_var('latest_date') }}' as date) as latest_date,
    cast({{ var('max_adjustment_share') }} as double) as max_adjustment_share,
    cast({{ var('max_duplicate_share') }} as double) as max_duplicate_share,
    cast({{ var('max_invalid_share') }} as double) as max_invalid_share,
    cast({{ var('max_gap_days') }} as integer) as max_gap_days
