"""What `streamlit run app.py` starts: the pages of main.py, plus the routes that their views ask."""

import threading

import streamlit as st

from playground.descent import routes as descent
from playground.live import wire
from playground.page import pages

# They take half a second to import, which the first visitor's browser spends loading Streamlit's own scripts.
threading.Thread(target=pages, name="pages", daemon=True).start()

app = st.App("main.py", routes=[*wire.routes(), *descent.routes()], lifespan=wire.lifespan)
