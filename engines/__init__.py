"""The engine: arrays in, arrays out. It knows no screen: no streamlit, no plotly, nothing of `playground`."""
