"""What an office can set: the models of its TOML file, and where each value comes from."""
