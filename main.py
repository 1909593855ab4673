"""The page script: one configuration, one navigation, made from the pages that `playground/pages` holds."""

from pathlib import Path

import streamlit as st

from playground.page import navigation

HERE = Path(__file__).parent / "playground"

st.set_page_config(page_title="Deep Learning Playground", page_icon=str(HERE / "icon.png"), layout="wide")
st.html(HERE / "page.css")
navigation().run()
