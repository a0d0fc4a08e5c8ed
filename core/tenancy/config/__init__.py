"""The settings of an office: the models of its TOML file, and the source of each value."""
