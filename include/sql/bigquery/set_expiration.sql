{# Neither the table nor its partitions expire by what their dataset says (R34). ``hours``: how long partitions live. #}
ALTER TABLE {{ table | name }} SET OPTIONS (
  expiration_timestamp = NULL
{%- if cut %},
  partition_expiration_days = {% if not hours %}NULL{% elif hours % 24 %}{{ hours | literal }} / 24{% else %}{{ (hours // 24) | literal }}{% endif %}
{% endif %}

)
