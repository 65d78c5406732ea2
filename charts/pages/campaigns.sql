-- name: results
select
    results.*,
    coalesce(segments.segment_name, results.segment_key) as segment_name
from campaign_results as results
left join segments on results.segment_key = segments.segment_key
order by
    results.listed_on desc,
    results.campaign asc,
    results.segment_key <> 'all' asc,
    results.segment_key asc;
