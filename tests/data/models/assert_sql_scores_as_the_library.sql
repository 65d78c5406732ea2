-- The segment that SQL gives each customer is the one the library gives, at the same distance; the library's is published
-- and so has fewer digits.
with

wrong as (

    select
        segments.customer_id,
        segments.segment_key,
        library.segment_key as library_segment_key,
        segments.distance,
        library.distance as library_distance
    from {{ ref('int_customer_segments') }} as segments
    full outer join {{ ref('customer_segments') }} as library on segments.customer_id = library.customer_id
    where
        segments.split = 'serving'
        and (
            segments.segment_key is distinct from library.segment_key
            or segments.cluster_no is distinct from library.cluster_no
            or abs(segments.distance - library.distance) > 1e-6
            or abs(segments.runner_up_distance - library.runner_up_distance) > 1e-6
        )

)

{{ none_in('wrong') }}
