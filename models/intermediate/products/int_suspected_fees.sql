{#- Codes that look like a fee and are counted as products: two signs of three (words of a fee, many orders, a price for
    almost every order), or no other word than those of a fee. A suspicion, no rule: the line stays a sale until a person
    lists its code in seed non_product_codes. -#}
{%- set fee_words = [
    'adjustment', 'bank charge', 'charge', 'commission', 'deposit', 'discount', 'donation', 'fee', 'freight', 'gift card',
    'gift voucher', 'gift wrap', 'gratuity', 'handling', 'insurance', 'package protection', 'postage', 'protection',
    'refund', 'rounding', 'service', 'shipping', 'surcharge', 'tip', 'voucher', 'warranty',
] -%}

with

lines as (

    select * from {{ ref('int_product_lines') }}
    where line_class in ('sale', 'anonymous_sale')

),

words as (

    select
        stock_code,
        description,
        ' ' || {{ plain_words('description') }} || ' ' as padded_text
    from {{ ref('int_product_descriptions') }}

),

told as (

    select
        stock_code,
        description,
        {% for word in fee_words -%}
        case when padded_text like '% {{ word }} %' or padded_text like '% {{ word }}s %' then '{{ word }}, ' else '' end
        {{ '|| ' if not loop.last }}
        {%- endfor %} as fee_words,
        {{ replace_all('padded_text', '([0-9]+|\\b' ~ fee_words | join('s?\\b|\\b') ~ 's?\\b)', '') }} as other_words
    from words

),

counts as (

    select
        stock_code,
        count(*) as lines,
        count(distinct invoice_no) as orders,
        -- what was weighed is at one price but for the rounding of its total
        count(distinct round(unit_price, 2)) as prices,
        sum(amount) as amount
    from lines
    group by stock_code

),

totals as (

    select
        count(distinct invoice_no) as orders,
        sum(amount) as amount
    from lines

),

signs as (

    select
        counts.*,
        told.description,
        nullif(left(told.fee_words, greatest(length(told.fee_words) - 2, 0)), '') as fee_words,
        told.fee_words <> '' and trim(told.other_words) = '' as is_only_fee_words,
        cast(counts.orders as double) / totals.orders as order_share,
        cast(counts.amount as double) / nullif(cast(totals.amount as double), 0) as amount_share,
        counts.orders >= 0.02 * totals.orders as is_in_many_orders,
        counts.prices >= 5 and counts.prices >= 0.3 * counts.lines as has_many_prices,
        totals.amount as whole_amount
    from counts
    inner join told on counts.stock_code = told.stock_code
    cross join totals

),

-- where goods are sold under broad codes ("Fresh food"), most of the money has no word and both other signs
ways_of_the_shop as (

    select coalesce(sum(amount), 0) >= 0.5 * min(whole_amount) as codes_are_broad
    from signs
    where is_in_many_orders and has_many_prices and fee_words is null

)

select
    stock_code,
    description,
    fee_words,
    lines,
    orders,
    {{ figure('order_share') }} as order_share,
    prices,
    cast(amount as decimal(38, 4)) as amount,
    {{ figure('amount_share') }} as amount_share
from signs
where
    is_only_fee_words
    or (fee_words is not null and (is_in_many_orders or has_many_prices))
    or (is_in_many_orders and has_many_prices and not (select ways_of_the_shop.codes_are_broad from ways_of_the_shop))
