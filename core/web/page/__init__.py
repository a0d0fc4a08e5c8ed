"""The kit of pages: rendering, header, forms, tables as Excel, assets, uploads and downloads."""
