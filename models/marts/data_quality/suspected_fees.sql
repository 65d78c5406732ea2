{#- What is counted as a product and looks like a fee, with the row that takes it out. -#}
select
    stock_code,
    description,
    fee_words,
    lines,
    orders,
    order_share,
    prices,
    amount,
    amount_share,
    -- quoted as CSV wants it, since a code may hold a comma
    '"' || replace(stock_code, '"', '""') || '",fee' as seed_row
from {{ ref('int_suspected_fees') }}
