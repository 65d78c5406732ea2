{#- Score 1-5 by rank within a cutoff; `worse_first` is the order by clause that puts the worst value first.
    Equal values share a rank and so a score, which ntile would not give; where all are equal, 3. -#}
{% macro score_1_to_5(column, worse_first) -%}
    case
        when min({{ column }}) over (partition by cutoff_date) = max({{ column }}) over (partition by cutoff_date) then 3
        else cast(
            least(
                5,
                1 + floor(
                    5 * (rank() over (partition by cutoff_date order by {{ column }} {{ worse_first }}) - 1)
                    / greatest(count(*) over (partition by cutoff_date) - 1, 1)
                )
            ) as integer
        )
    end
{%- endmacro %}
