with

scores (score) as (

    values (1), (2), (3), (4), (5)

),

cells as (

    select
        recency.score as r_score,
        frequency.score as f_score,
        monetary.score as m_score
    from scores as recency
    cross join scores as frequency
    cross join scores as monetary

),

faults as (

    select
        'rfm_groups' as seed,
        'scores ' || cells.r_score || cells.f_score || cells.m_score || ' fit '
        || {{ counted('count(rfm_groups.rfm_group)', 'row') }} || ', not one' as fault
    from cells
    left join {{ ref('rfm_groups') }} as rfm_groups
        on
            cells.r_score between rfm_groups.r_from and rfm_groups.r_to
            and cells.f_score between rfm_groups.f_from and rfm_groups.f_to
            and cells.m_score between rfm_groups.m_from and rfm_groups.m_to
    group by
        cells.r_score,
        cells.f_score,
        cells.m_score
    having count(rfm_groups.rfm_group) <> 1

)

{{ seed_faults() }}
