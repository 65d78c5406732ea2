{#- What stands behind the gate, since it keeps what earlier builds have assigned, and is published with the rest. -#}
{{ contents_of([
    ref('segment_log'), ref('segment_drift'), ref('campaign_contacts'), ref('campaign_results'),
], is_published=true) }}
