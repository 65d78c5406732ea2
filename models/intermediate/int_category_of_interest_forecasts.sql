with

serving as (

    {{ learner_part('category_of_interest_model', 'serving') | indent(4) }}

),

choice as (

    select * from {{ ref('int_category_of_interest_choice') }}
    where is_used

)

-- a probability is shown only of a candidate that was held out
select
    serving.customer_id,
    serving.predicted_class,
    case when choice.n > 0 then serving.probability end as probability,
    serving.class_rank
from serving
inner join choice on serving.candidate = choice.candidate
