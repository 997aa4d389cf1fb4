select segment, day, usage_kwh
from {{ ref('segment_days') }}
qualify row_number() over (partition by segment order by usage_kwh desc, day) = 1
