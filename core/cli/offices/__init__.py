"""Commands about offices: their files, plugins, rule documents, delegations and filings."""
