{#- Money of an invoice spread over its lines by their amounts: to the penny (to a hundredth of one where an amount or the
    money is no whole pennies), by largest remainder, ties to the lowest line. The relation has line_id, invoice_no, amount
    and, on all lines of an invoice alike, to_spread, which is from 0 to the sum of the amounts, themselves above 0. -#}
{% macro spread_over_lines(relation) -%}
select
    line_id,
    cast((parts + case when place <= parts_left then 1 else 0 end) * size as decimal(34, 0)) * cast(0.0001 as decimal(4, 4))
        as share
from (
    select
        *,
        row_number() over (partition by invoice_no order by remainder desc, line_id asc) as place,
        {{ whole_quotient('whole', 'size') }} - sum(parts) over (partition by invoice_no) as parts_left
    from (
        select
            *,
            weight * whole - parts * weights * size as remainder
        from (
            select
                *,
                {{ whole_quotient('weight * whole', 'weights * size') }} as parts
            from (
                select
                    line_id,
                    invoice_no,
                    cast(10000 * cast(amount as decimal(38, 4)) as decimal(38, 0)) as weight,
                    cast(10000 * cast(to_spread as decimal(38, 4)) as decimal(38, 0)) as whole,
                    cast(sum(amount) over (partition by invoice_no) * 10000 as decimal(38, 0)) as weights,
                    case
                        when bool_and(amount = round(amount, 2) and to_spread = round(to_spread, 2))
                            over (partition by invoice_no)
                            then 100
                        else 1
                    end as size
                from {{ relation }}
            ) as weighed
        ) as divided
    ) as left_over
) as placed
{%- endmacro %}
