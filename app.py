"""What `streamlit run app.py` starts: the pages of main.py, plus the route on which live pictures travel."""

import streamlit as st

from playground.live.wire import lifespan, routes

app = st.App("main.py", routes=routes(), lifespan=lifespan)
