{# Neither the table nor its partitions expire by what their dataset says (R34). ``hours``: how long partitions live. #}
ALTER TABLE {{ table | name }} SET OPTIONS (
  expiration_timestamp = NULL
{%- if cut %},
  partition_expiration_days = {% if hours %}{{ hours | literal }} / 24{% else %}NULL{% endif %}
{% endif %}

)
