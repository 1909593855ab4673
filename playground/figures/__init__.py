"""Arrays in, pictures out: Plotly figures and SVG; nothing here knows a page."""
