-- The words name what they match; the rest is left to the model where, one phrase of the seed left out at a time, it
-- beats what the words' other phrases say by more than chance (its interval lies above); else it stays `other`.
with

output as (

    select * from {{ ref('product_category_model') }}

),

metrics as (

    select
        candidates.role,
        output.value,
        output.ci_low
    from output
    inner join output as candidates on output.candidate = candidates.candidate
    where
        output.part = 'metric'
        and output.metric = 'accuracy'
        and candidates.part = 'candidates'

),

compared as (

    select
        max(value) filter (where role = 'reference') as words_accuracy,
        max(value) filter (where role = 'contender') as model_accuracy,
        max(ci_low) filter (where role = 'contender') as model_accuracy_low
    from metrics

)

select
    words_accuracy,
    model_accuracy,
    coalesce(model_accuracy_low > words_accuracy, false) as is_model_used
from compared
