{%- set days_before_as_of = [0, 70, 105, 140, 154, 168, 175, 210, 245] -%}

with

as_of as (

    select * from {{ ref('int_as_of') }}

),

-- cutoffs are exclusive: the month end 2011-05-31 is cutoff 2011-06-01
month_ends as (

    {{ month_series(
        "(select " ~ month_of("first_line_on") ~ " + interval 1 month from as_of)",
        "(select " ~ month_of("as_of_date") ~ " from as_of)"
    ) }}

),

cutoffs as (

    select month as cutoff_date from month_ends
    {% for days in days_before_as_of %}
    union
    select as_of_date - {{ days }} from as_of
    {%- endfor %}

)

select
    cutoffs.cutoff_date,
    {{ days_between('cutoffs.cutoff_date', 'as_of.as_of_date') }} as days_before_as_of,
    {{ days_between('as_of.first_line_on', 'cutoffs.cutoff_date') }} as history_days,
    extract(day from cutoffs.cutoff_date) = 1 as is_month_end
from cutoffs
cross join as_of
where cutoffs.cutoff_date > as_of.first_line_on
