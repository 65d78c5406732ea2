{{ config(materialized='view') }}

select * from {{ ref('int_holdout_predictions') }}
