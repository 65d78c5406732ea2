{#- Score 1-5 by rank; `worse_first` is the order by clause that puts the worst value first.
    Equal values share a rank and so a score, which ntile would not give; where all are equal, 3. -#}
{% macro score_1_to_5(column, worse_first) -%}
    case
        when min({{ column }}) over () = max({{ column }}) over () then 3
        else cast(
            least(
                5,
                1 + floor(
                    5 * (rank() over (order by {{ column }} {{ worse_first }}) - 1)
                    / greatest(count(*) over () - 1, 1)
                )
            ) as integer
        )
    end
{%- endmacro %}
