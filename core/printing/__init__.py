"""Paper: PDFs by typst, with shipped fonts, and QR codes. It knows no capability."""
