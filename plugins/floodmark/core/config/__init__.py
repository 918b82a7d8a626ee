"""A source's configuration: one YAML file, its values, what they must say together."""
